"""Records cut into slabs that fit in memory."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from halocline.bridge.importing.timeline import Timeline

SLAB_BYTES = 40_000_000
"""Of states in a slab; reading and remapping need some six times as much."""
_PACKED_BYTES = 3 * SLAB_BYTES  # of records that a file packs together and that are better read together


@dataclass(frozen=True)
class Run:
    """Records that follow one another in a part and in time.

    Attributes:
        part: The part.
        first: The first record there.
        size: How many.
        at: Time index of the first in the store.
    """

    part: int
    first: int
    size: int
    at: int

    @property
    def times(self) -> range:
        """Time indices in the store."""
        return range(self.at, self.at + self.size)


def runs(line: Timeline, record_bytes: int, chunks: list[int]) -> Iterator[Run]:
    """Cut the records into runs of at most ``SLAB_BYTES``, at the borders of what files pack together.

    Args:
        line: The records in order.
        record_bytes: Size of one.
        chunks: How many records of each part are packed together.
    """
    most = max(1, SLAB_BYTES // record_bytes)
    follows = (np.diff(line.part) == 0) & (np.diff(line.index) == 1)
    begins = np.concatenate([[0], 1 + np.flatnonzero(~follows), [len(line.hours)]])
    for begin, end in zip(begins[:-1], begins[1:], strict=True):
        part, at = int(line.part[begin]), int(begin)
        chunk = chunks[part] if chunks[part] * record_bytes <= _PACKED_BYTES else 1
        while at < end:
            first = int(line.index[at])
            aligned = (first + most) // chunk * chunk - first
            size = min(int(end) - at, max(aligned, chunk - first % chunk) if chunk > 1 else most)
            yield Run(part, first, size, at)
            at += size
