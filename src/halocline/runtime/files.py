"""Files that appear whole or not at all, and are never overwritten by accident."""

import contextlib
import hashlib
import io
import os
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from halocline.runtime.disk.flush import flush_folder, flush_tree
from halocline.runtime.disk.hidden import hidden_beside, prefix_of
from halocline.runtime.disk.naming import give_name, require_absent
from halocline.runtime.disk.remove import remove
from halocline.runtime.disk.write_errors import explain_write_errors
from halocline.runtime.errors import OutputError
from halocline.runtime.run_lock import only_run

__all__ = [
    "explain_write_errors",
    "give_name",
    "new_folder",
    "new_path",
    "remove",
    "require_absent",
    "require_same",
    "sha256_of",
    "write_bytes",
    "write_npz",
    "write_text",
]


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` so that ``path`` holds either its old content or all of the new, even after a kill."""
    path = Path(path)
    with explain_write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=prefix_of(path), suffix=".tmp", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, path)
            flush_folder(path.parent)
        except BaseException:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(name)
            raise


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text atomically; see write_bytes."""
    write_bytes(path, text.encode())


def write_npz(path: Path, arrays: Mapping[str, np.ndarray]) -> None:
    """Write arrays by name to one uncompressed .npz, atomically; see write_bytes."""
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)  # type: ignore[arg-type]
    write_bytes(path, buffer.getvalue())


@contextlib.contextmanager
def new_path(path: Path) -> Iterator[Path]:
    """Yield a hidden path beside ``path`` to fill; it takes the name ``path`` only if the block succeeds.

    Works for a file and for a folder. What the block left behind is removed if it fails. Meanwhile no other run writes
    to ``path`` (run_lock.only_run), and what came there all the same is not overwritten.

    Raises:
        OutputError: If ``path`` exists already, another run writes it, or the disk is full.
    """
    path = Path(path)
    require_absent(path)
    with only_run(path), explain_write_errors(path):
        hidden = hidden_beside(path)
        try:
            yield hidden
            flush_tree(hidden)
            give_name(hidden, path)
            flush_folder(path.parent)
        except BaseException:
            remove(hidden)
            raise


@contextlib.contextmanager
def new_folder(path: Path) -> Iterator[Path]:
    """Yield a hidden folder to fill; see new_path."""
    with new_path(path) as folder:
        folder.mkdir()
        yield folder


def require_same(field: str, before: Mapping[str, Any], now: Mapping[str, Any], remedy: str) -> None:
    """Raise OutputError, naming what differs, unless an output was begun with the settings of now.

    Args:
        field: The output, for errors.
        before: What it was begun with.
        now: What would continue it.
        remedy: What to do.
    """
    different = sorted(key for key in now.keys() | before.keys() if now.get(key) != before.get(key))
    if different:
        found, expected = (", ".join(f"{k} = {str(of.get(k))[:60]}" for k in different) for of in (before, now))
        raise OutputError(field, found=found, expected=expected, remedy=remedy)


def sha256_of(path: Path) -> str:
    """Return the hexadecimal sha256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
