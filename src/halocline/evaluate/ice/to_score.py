"""Sea-ice states that are scored, before they are read: of a dataset, or a store's own in their place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import xarray as xr

from halocline.data.files.state_day import shares_of_year
from halocline.data.grids.grid import Grid
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.samples import Pair
from halocline.evaluate.ice.held_states import held_days


@dataclass(frozen=True, eq=False)
class ToScore:
    """States that are scored, before they are read.

    Attributes:
        grid: Where they lie.
        names: Their variables, and whatever else there is.
        count: How many.
        shares: Returns the share of the year of each (state,); None if they carry no dates.
        read: Returns some of them (k, channel, y, x) float32 by their numbers and the channels.
    """

    grid: Grid
    names: tuple[str, ...]
    count: int
    shares: Callable[[], np.ndarray | None]
    read: Callable[[Sequence[int], Sequence[str]], np.ndarray]


def state_dims(states: xr.Dataset, channels: Sequence[str]) -> tuple[str, ...]:
    """Return the dimensions over which states are counted, ``member`` first: all but those of the cells."""
    dims = [str(dim) for dim in states[channels[0]].dims if dim not in ("y", "x")]
    return tuple(sorted(dims, key=lambda dim: dim != "member"))


def states_to_score(states: xr.Dataset | StateStore, channels: Sequence[str]) -> ToScore:
    """Return the states of a dataset, or the test states of a store, thinned to 1000; none is read yet.

    Args:
        states: Dims (member, y, x), (member, time, y, x) or the like.
        channels: Variables that the reference has.
    """
    if isinstance(states, StateStore):
        pairs, days = held_days(states)
        return ToScore(states.grid, tuple(states.channels), len(pairs), lambda: days, partial(_of_pairs, states, pairs))
    names = tuple(map(str, states.data_vars))
    there = next((name for name in channels if name in names), None)
    dims = state_dims(states, [there]) if there else ()
    sizes = [states.sizes[dim] for dim in dims]

    def read(chosen: Sequence[int], wanted: Sequence[str]) -> np.ndarray:
        if len(dims) == 1:
            some = states[list(wanted)].isel({dims[0]: list(chosen)})
            return np.stack([some[name].transpose(dims[0], "y", "x").values for name in wanted], 1).astype(np.float32)
        found = np.empty((len(chosen), len(wanted), *states[wanted[0]].transpose(..., "y", "x").shape[-2:]), np.float32)
        for k, number in enumerate(chosen):
            at = dict(zip(dims, map(int, np.unravel_index(number, sizes)), strict=True))
            for c, name in enumerate(wanted):
                found[k, c] = states[name].isel(at).transpose("y", "x").values
        return found

    return ToScore(
        Grid.from_dataset(states),
        names,
        int(np.prod(sizes, dtype=int)),
        lambda: shares_of_year(states, dims),
        read,
    )


def _of_pairs(store: StateStore, pairs: Sequence[Pair], chosen: Sequence[int], wanted: Sequence[str]) -> np.ndarray:
    places = [store.channels.index(name) for name in wanted]
    return np.stack([store.read(*pairs[k])[places] for k in chosen])
