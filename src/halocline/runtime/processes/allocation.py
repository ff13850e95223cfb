"""Memory that is freed stays with the process, where the same sizes are asked for again and again."""

import contextlib
import ctypes
import os
from collections.abc import Mapping

_TRIM, _MAP = -1, -3  # M_TRIM_THRESHOLD, M_MMAP_THRESHOLD of malloc.h
_KEPT = 1 << 30


def keep_freed_memory(environ: Mapping[str, str] = os.environ) -> bool:
    """Have the C library keep up to 1 GiB of freed memory for the next pass, and return whether it does.

    By default glibc gives arrays of more than some megabytes back to the system, which clears their pages anew in each
    pass of a network. Other C libraries are left as they are, and so is what the
    user has chosen (``MALLOC_…``, ``GLIBC_TUNABLES``, or another allocator by ``LD_PRELOAD``).

    Source: mallopt(3).
    """
    chosen = any(name.startswith("MALLOC_") or name in ("GLIBC_TUNABLES", "LD_PRELOAD") for name in environ)
    with contextlib.suppress(AttributeError, OSError, ValueError):
        if not chosen and (os.confstr("CS_GNU_LIBC_VERSION") or "").startswith("glibc"):
            library = ctypes.CDLL(None)
            return all(library.mallopt(which, _KEPT) == 1 for which in (_TRIM, _MAP))
    return False
