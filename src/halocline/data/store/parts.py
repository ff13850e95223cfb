"""States of a repacked store: its variables in two sharded arrays, of which only what is wanted is read."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import zarr

PARTS = ("state", "forcing")
"""Names of the arrays (member, time, channel, y, x): the model's variables, and the weather's."""


class PartedStates:
    """The arrays of a store as one, in the order of its channels; see ``zarr.Array`` for what is alike.

    Args:
        arrays: Arrays (member, time, channel, y, x) with their channels' numbers in the attribute ``numbers``.

    Attributes:
        shape: (member, time, channel, y, x) of all.
    """

    ndim = 5

    def __init__(self, arrays: Sequence[zarr.Array]) -> None:
        self._arrays = list(arrays)
        self._numbers = [np.asarray(array.attrs["numbers"], int) for array in arrays]
        (members, times, _, ny, nx), channels = arrays[0].shape, sum(map(len, self._numbers))
        if sorted(np.concatenate(self._numbers)) != list(range(channels)):
            raise ValueError("channels that are missing or there twice")
        for array, numbers in zip(self._arrays, self._numbers, strict=True):
            if array.shape != (members, times, len(numbers), ny, nx):
                raise ValueError(f"an array {array.shape} beside one of {members} members and {times} times")
        self.shape = (members, times, channels, ny, nx)

    def __getitem__(self, where: Any) -> np.ndarray:
        """Return all channels of a member and a time, or of a range of times."""
        return self.read(where, range(self.shape[2]))

    def read(self, where: tuple[int, int | slice], channels: Sequence[int]) -> np.ndarray:
        """Return some channels (..., channel, y, x), in the order given; arrays without any of them are not touched."""
        wanted = np.asarray(channels, int)
        out: np.ndarray | None = None
        for array, numbers in zip(self._arrays, self._numbers, strict=True):
            here = np.isin(wanted, numbers)
            if not here.any():
                continue
            values = np.asarray(array[where])
            if out is None:
                out = np.empty((*values.shape[:-3], len(wanted), *values.shape[-2:]), np.float32)
            out[..., here, :, :] = values[..., [int(np.flatnonzero(numbers == k)[0]) for k in wanted[here]], :, :]
        assert out is not None
        return out


def arrays_of(group: zarr.Group) -> zarr.Array | PartedStates:
    """Return the states of a store's group, in either form."""
    if "states" in group:
        array = group["states"]
        assert isinstance(array, zarr.Array)
        return array
    parts = [group[name] for name in PARTS if name in group]
    return PartedStates([part for part in parts if isinstance(part, zarr.Array)])
