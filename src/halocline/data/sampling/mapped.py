"""Arrays of files that are mapped into memory: read or written through once, they need not stay there."""

import mmap

import numpy as np

TOUCHED_BYTES = 64_000_000
"""Of a mapped array that is read at random, what may stay in a process's memory."""


def let_go(values: np.ndarray) -> None:
    """Take the pages of a mapped array out of this process's memory; what was written is in the file all the same.

    The system keeps the file's pages as long as it has room. An array that is not mapped is left as it is, and so are
    all where the system cannot be told (Windows).
    """
    mapped = getattr(values, "_mmap", None)
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


class Touched:
    """How much of a mapped array has been read; it is let go each time that this is more than a limit.

    Args:
        values: The array.
        most: The limit, bytes.
    """

    def __init__(self, values: np.ndarray, most: int = TOUCHED_BYTES) -> None:
        self._values, self._most, self._bytes = values, most, 0

    def add(self, size: int) -> None:
        """Count bytes that were read."""
        self._bytes += size
        if self._bytes > self._most:
            let_go(self._values)
            self._bytes = 0
