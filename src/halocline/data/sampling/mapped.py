"""Arrays of files that are mapped into memory: read or written through once, they need not stay there."""

import mmap

import numpy as np


def let_go(values: np.ndarray) -> None:
    """Take the pages of a mapped array out of this process's memory; what was written is in the file all the same.

    The system keeps the file's pages as long as it has room. An array that is not mapped is left as it is, and so are
    all where the system cannot be told (Windows).
    """
    mapped = getattr(values, "_mmap", None)
    if isinstance(mapped, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)
