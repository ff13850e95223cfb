"""Files that carry their own sha256 behind their end: NetCDF, whose readers ignore what follows.

A program that writes the file anew, or changes it in place, leaves the seal out: HDF5 cuts a file at its own end. What
has no seal is taken as it is.
"""

import functools
import hashlib
from pathlib import Path

from halocline.runtime.errors import HaloclineError, InputError
from halocline.runtime.seals.json_object import damaged

_MARK = b"\nhalocline seal 1 sha256 "
_LENGTH = len(_MARK) + 64 + 1
SMALL = 64_000_000
"""Bytes up to which a file is read and checked whenever it is opened."""


def seal_file(path: Path) -> None:
    """Append the seal to a file that is whole."""
    with open(path, "r+b") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0, 2)
        file.write(_MARK + digest.encode() + b"\n")


def is_sealed(path: Path) -> bool:
    """Tell whether a file ends with a seal."""
    return _stated(path) is not None


def check_file(
    path: Path, what: str = "file", error: type[HaloclineError] = InputError, *, whole: bool = False
) -> None:
    """Check a file against its seal if it has one; a large one only if it is to be read as a whole.

    Raises:
        HaloclineError: If it was changed.
    """
    about = path.stat()
    if (whole or about.st_size <= SMALL) and not _fits(path.resolve(), about.st_size, about.st_mtime_ns):
        raise damaged(f"{what} {path}", "content that does not fit the checksum at its end", error)


@functools.lru_cache(maxsize=64)
def _fits(path: Path, size: int, changed: int) -> bool:
    stated = _stated(path)
    if stated is None:
        return True
    digest, left = hashlib.sha256(), size - _LENGTH
    with open(path, "rb") as file:
        while left > 0 and (part := file.read(min(left, 1 << 20))):
            digest.update(part)
            left -= len(part)
    return digest.hexdigest().encode() == stated


def _stated(path: Path) -> bytes | None:
    with open(path, "rb") as file:
        if file.seek(0, 2) < _LENGTH:
            return None
        file.seek(-_LENGTH, 2)
        end = file.read()
    return end[len(_MARK) : -1] if end.startswith(_MARK) else None
