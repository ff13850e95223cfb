"""Sea-ice states to be scored, on the cells of a store: of a dataset, or a store's own in their place."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.data.fields.calendar import mean_year_days
from halocline.data.fields.season import season_share
from halocline.data.fields.variables import variable
from halocline.data.files.state_day import shares_of_year
from halocline.data.grids.grid import Grid
from halocline.data.sampling.conditions import DAY, YEAR_LENGTH
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.cells import require_same_grid
from halocline.evaluate.engine.disk_states import DiskStates, batches_of
from halocline.evaluate.engine.samples import Pair, most_states, read_states, require_two, stride, thinned
from halocline.evaluate.ice.cover import IceCover
from halocline.runtime.errors import InputError

_OF_GRID = ("mask", "area", "projection")
_OF_A_STORE = 1000
"""Most test states of a store that stand in the place of generated ones."""


@dataclass(frozen=True, eq=False)
class ToScore:
    """States that are scored, before they are read.

    Attributes:
        grid: Where they lie.
        names: Their variables, and whatever else there is.
        count: How many.
        shares: Share of the year of each (state,), by the channels; None if they carry no dates.
        read: Returns some of them (k, channel, y, x) float32 by their numbers and the channels.
    """

    grid: Grid
    names: tuple[str, ...]
    count: int
    shares: Callable[[Sequence[str]], np.ndarray | None]
    read: Callable[[Sequence[int], Sequence[str]], np.ndarray]


def states_to_score(states: xr.Dataset | StateStore, channels: Sequence[str]) -> ToScore:
    """Return the states of a dataset, or the test states of a store, thinned to 1000; none is read yet.

    Args:
        states: Dims (member, y, x), (member, time, y, x) or the like.
        channels: Variables that the reference has.
    """
    if isinstance(states, StateStore):
        return _of_store(states)
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
        lambda wanted: shares_of_year(states, state_dims(states, wanted)),
        read,
    )


def generated_cover(
    states: xr.Dataset | StateStore, store: StateStore, limit: int, folder: Path | None = None
) -> tuple[IceCover, tuple[str, ...]]:
    """Return generated states, at most ``limit`` evenly spaced, with those variables that the store has too.

    Args:
        states: The states.
        store: The reference.
        limit: Most states.
        folder: Where their file is to have a name, for other processes.

    Returns:
        The states, in a temporary file, and which variables are not scored.

    Raises:
        InputError: If the cells differ, no variable is shared, there are fewer than two states, or a value on an ocean
            cell is not finite.
    """
    found = states_to_score(states, store.channels)
    require_same_grid(found.grid, store)
    channels = tuple(name for name in store.channels if name in found.names)
    if not channels:
        raise InputError(
            "variables",
            found=f"only {', '.join(found.names)}",
            expected=f"at least one of {', '.join(store.channels)}",
            remedy="Compare states with a reference store of the same kind.",
        )
    most = most_states(limit, len(channels) * store.grid.mask.size)
    left_out = {
        "Not among the generated variables": [name for name in store.channels if name not in channels],
        "Not in the reference": [name for name in found.names if name not in (*channels, *_OF_GRID)],
    }
    notes = tuple(f"{why}, so not scored: {', '.join(names)}." for why, names in left_out.items() if names)
    return IceCover(_copied(found, channels, store.grid.mask, most, folder), store.grid, channels), notes


def state_dims(states: xr.Dataset, channels: Sequence[str]) -> tuple[str, ...]:
    """Return the dimensions over which states are counted, ``member`` first: all but those of the cells."""
    dims = [str(dim) for dim in states[channels[0]].dims if dim not in ("y", "x")]
    return tuple(sorted(dims, key=lambda dim: dim != "member"))


def _copied(states: ToScore, channels: Sequence[str], mask: np.ndarray, limit: int, folder: Path | None) -> DiskStates:
    """Return the states, at most ``limit`` evenly spaced, (sample, channel, y, x) float32, land = 0.

    Raises:
        InputError: If there are fewer than two states or a value on an ocean cell is not finite.
    """
    chosen = range(states.count)[:: stride(states.count, limit)]
    require_two(len(chosen))

    def checked() -> Iterator[np.ndarray]:
        for part in batches_of(len(chosen), len(channels), *mask.shape):
            values = states.read(chosen[part], channels)
            for k, name in enumerate(channels):
                if not np.isfinite(values[:, k][:, mask]).all():
                    raise InputError(
                        f"variable '{name}'",
                        found="NaN or infinite values on ocean cells",
                        expected="finite values",
                        remedy="Only land may be NaN.",
                    )
            yield np.where(mask, values, np.float32(0.0))

    return DiskStates.of((len(chosen), len(channels), *mask.shape), checked(), folder)


def _of_store(store: StateStore) -> ToScore:
    pairs = thinned(samples_of(store, "test"), _OF_A_STORE)
    length = mean_year_days(store.calendar)
    shares = _days(store, pairs) / length % 1.0
    return ToScore(
        store.grid,
        tuple(store.channels),
        len(pairs),
        lambda wanted: shares,
        lambda chosen, wanted: np.asarray(read_states(store, [pairs[k] for k in chosen], wanted).values),
    )


def _days(store: StateStore, pairs: Sequence[Pair]) -> np.ndarray:
    """Return the day of the year of samples of a store (sample,)."""
    hours = store.hours[[index for _, index in pairs]]
    return np.asarray(season_share(hours, store.calendar) * mean_year_days(store.calendar))


def store_as_states(store: StateStore, limit: int = _OF_A_STORE) -> xr.Dataset:
    """Return the test states of a store, thinned to ``limit``, in the form of generated ones: dims (member, y, x).

    Their day of the year stands beside them. All are in memory.
    """
    held = read_states(store, thinned(samples_of(store, "test"), limit), store.channels)
    told = {"units": "days", YEAR_LENGTH: mean_year_days(store.calendar)}
    dataset = store.grid.to_dataset().assign_coords({DAY: ("member", _days(store, held.pairs), told)})
    dry = np.where(store.grid.mask, held.values, np.float32(np.nan))
    for k, name in enumerate(store.channels):
        dataset[name] = (("member", "y", "x"), dry[:, k], variable(name).attributes())
    return dataset
