"""Files that appear whole or not at all, and are never overwritten by accident."""

import contextlib
import errno
import hashlib
import io
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from halocline.runtime.errors import OutputError, from_system
from halocline.runtime.limits import check_name


def require_absent(path: Path, *, field: str = "output") -> None:
    """Raise OutputError if ``path`` exists already, or is no name of its own."""
    check_name(path)
    if path.exists() or path.is_symlink():
        raise OutputError(
            f"{field} {path}",
            found="it exists already",
            expected="a path that does not exist yet",
            remedy="Choose another path, or move the old one away. Where the command has --overwrite, it replaces "
            "the old one, once the new one is complete.",
        )


@contextlib.contextmanager
def explain_write_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's errors of writing (full disk, no permission) into an OutputError."""
    try:
        yield
    except RuntimeError as error:  # HDF5 tells no reason
        if not str(error).startswith("NetCDF: "):
            raise
        remedy = "Free some space or write elsewhere, then run the same command again."
        raise OutputError(
            f"output {path}",
            found=f"writing failed ({error}), {_free(path) / 1e6:.0f} MB are free",
            expected="room for the output",
            remedy=remedy,
        ) from error
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutputError(
                f"output {path}",
                found=f"the disk is full ({_free(path) / 1e6:.0f} MB free)",
                expected="room for the output",
                remedy="Free some space or write elsewhere, then run the same command again; "
                "what was there before is unchanged.",
            ) from error
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            remedy = "Write elsewhere or change the folder's permissions."
            raise OutputError(
                f"output {path}", found="no permission to write", expected="a folder you may write to", remedy=remedy
            ) from error
        if error.errno in (errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EEXIST, errno.EINVAL):
            why = from_system(error)
            raise OutputError(
                f"output {path}", found=f"{why.found} ({why.field})", expected="a path to write to", remedy=why.remedy
            ) from error
        raise


def _free(path: Path) -> int:
    """Return the free bytes of the disk on which a path lies or would lie."""
    place = path.absolute()
    return shutil.disk_usage(next(p for p in (place, *place.parents) if p.exists())).free


def write_bytes(path: Path, data: bytes) -> None:
    """Write ``data`` so that ``path`` holds either its old content or all of the new, even after a kill."""
    path = Path(path)
    with explain_write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(name, 0o644)
            os.replace(name, path)
            _sync_folder(path.parent)
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

    Works for a file and for a folder. What the block left behind is removed if it fails.

    Raises:
        OutputError: If ``path`` exists already or the disk is full.
    """
    path = Path(path)
    require_absent(path)
    with explain_write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        hidden = path.parent / f".{path.name}.{os.getpid()}.tmp{path.suffix}"
        remove(hidden)
        try:
            yield hidden
            require_absent(path)
            os.replace(hidden, path)
            _sync_folder(path.parent)
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


def remove(path: Path) -> None:
    """Remove a file or a folder, or nothing if it is absent."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def sha256_of(path: Path) -> str:
    """Return the hexadecimal sha256 of a file."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
