"""Files brought to the disk, so that what counts them never outlives them in a power cut."""

import contextlib
import ctypes
import os
import sys
from collections.abc import Sequence
from pathlib import Path

FEW = 4
"""From more files on, the whole file system is flushed at once: a journal is then written once, not once a file."""


def flush(paths: Sequence[Path]) -> None:
    """Bring the content of files, all on one file system, to the disk; those that are gone are passed over."""
    if len(paths) > FEW and _flush_file_system(paths[0].parent):
        return
    for path in paths:
        with contextlib.suppress(FileNotFoundError):
            _sync(path)


def flush_tree(path: Path) -> None:
    """Bring a file, or all that lies in a folder, to the disk."""
    if path.is_dir():
        flush([Path(root, name) for root, _, names in os.walk(path) for name in names])
    else:
        flush([path])


def flush_folder(folder: Path) -> None:
    """Bring the names in a folder to the disk."""
    _sync(folder)


def _flush_file_system(folder: Path) -> bool:
    """Flush the file system of a folder; return whether that is possible here and was done."""
    if sys.platform != "linux":
        return False
    handle = os.open(folder, os.O_RDONLY)
    try:
        return ctypes.CDLL(None).syncfs(handle) == 0
    finally:
        os.close(handle)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
