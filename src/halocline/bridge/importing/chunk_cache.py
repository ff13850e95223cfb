"""How much of each variable the NetCDF library keeps in memory: an import reads every chunk once."""

from collections.abc import Iterator
from contextlib import contextmanager

import netCDF4

_BYTES = 1_000_000  # in place of 16 or 64 MB for each variable of each open file


@contextmanager
def small_chunk_cache() -> Iterator[None]:
    """Open files with a small chunk cache for the length of a block."""
    size, slots, preemption = netCDF4.get_chunk_cache()
    netCDF4.set_chunk_cache(_BYTES, slots, preemption)
    try:
        yield
    finally:
        netCDF4.set_chunk_cache(size, slots, preemption)
