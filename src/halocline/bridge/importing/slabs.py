"""Records cut into slabs that fit in memory, and their states as an array."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import xarray as xr

from halocline.bridge.importing.timeline import Timeline
from halocline.data.fields.layout import Layout
from halocline.runtime.errors import InputError

SLAB_BYTES = 48_000_000
"""Of states in a slab; reading and remapping need some six times as much."""
_PACKED_BYTES = 4 * SLAB_BYTES  # of records that a file packs together and that are better read together


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


def stacked(dataset: xr.Dataset, layout: Layout, words: str) -> np.ndarray:
    """Return states (time, channel, y, x) float32 of a dataset in our form that has no member or one."""
    fields = []
    for field in layout:
        values = (
            dataset[field.name].squeeze("member", drop=True)
            if "member" in dataset[field.name].dims
            else dataset[field.name]
        )
        wanted = ("time", "depth", "y", "x") if field.levels is not None else ("time", "y", "x")
        if set(values.dims) != set(wanted):
            raise InputError(
                f"dimensions of '{field.name}' in {words}",
                found=", ".join(map(str, values.dims)),
                expected=", ".join(wanted),
                remedy="Give the variable these dimensions, or leave it out.",
            )
        array = np.asarray(values.transpose(*wanted).values)
        fields.append(array if field.levels is not None else array[:, None])
    out = np.empty((fields[0].shape[0], len(layout), *fields[0].shape[-2:]), np.float32)
    for field, array in zip(layout, fields, strict=True):
        out[:, layout[field.name]] = array
    return out
