"""Generated sea-ice states on the cells of a store, or a store's states in their place."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from halocline.data.fields.calendar import mean_year_days
from halocline.data.fields.season import season_share
from halocline.data.fields.variables import variable
from halocline.data.sampling.conditions import DAY, YEAR_LENGTH
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.cells import require_same_grid
from halocline.evaluate.engine.samples import most_states, read_states, require_two, stride, thinned
from halocline.evaluate.ice.cover import IceCover
from halocline.runtime.errors import InputError

_OF_GRID = ("mask", "area", "projection")


def generated_cover(states: xr.Dataset, store: StateStore, limit: int) -> tuple[IceCover, tuple[str, ...]]:
    """Return generated states, at most ``limit`` evenly spaced, with those variables that the store has too.

    Returns:
        The states, and which variables are not scored.

    Raises:
        InputError: If the cells differ, no variable is shared, there are fewer than two states, or a value on an ocean
            cell is not finite.
    """
    require_same_grid(states, store)
    channels = tuple(name for name in store.channels if name in states.data_vars)
    if not channels:
        raise InputError(
            "variables",
            found=f"only {', '.join(map(str, states.data_vars))}",
            expected=f"at least one of {', '.join(store.channels)}",
            remedy="Compare states with a reference store of the same kind.",
        )
    most = most_states(limit, len(channels) * store.grid.mask.size)
    left_out = {
        "Not among the generated variables": [name for name in store.channels if name not in channels],
        "Not in the reference": [str(n) for n in states.data_vars if n not in (*channels, *_OF_GRID)],
    }
    notes = tuple(f"{why}, so not scored: {', '.join(names)}." for why, names in left_out.items() if names)
    return IceCover(_stacked(states, channels, store.grid.mask, most), store.grid, channels), notes


def state_dims(states: xr.Dataset, channels: Sequence[str]) -> tuple[str, ...]:
    """Return the dimensions over which states are counted, ``member`` first: all but those of the cells."""
    dims = [str(dim) for dim in states[channels[0]].dims if dim not in ("y", "x")]
    return tuple(sorted(dims, key=lambda dim: dim != "member"))


def _stacked(states: xr.Dataset, channels: Sequence[str], mask: np.ndarray, limit: int) -> np.ndarray:
    """Return the states, at most ``limit`` evenly spaced, as one array (sample, channel, y, x) float32, land = 0.

    Raises:
        InputError: If there are fewer than two states or a value on an ocean cell is not finite.
    """
    dims = state_dims(states, channels)
    if not dims:
        require_two(1)
    if dims != ("member",):
        states = states.stack(sample=dims, create_index=False)
    else:
        states = states.rename(member="sample")
    chosen = states[list(channels)].isel(sample=slice(None, None, stride(states.sizes["sample"], limit)))
    fields = [chosen[name].transpose("sample", "y", "x").values for name in channels]
    values = np.stack(fields, axis=1).astype(np.float32)
    require_two(len(values))
    for k, name in enumerate(channels):
        if not np.isfinite(values[:, k][:, mask]).all():
            raise InputError(
                f"variable '{name}'",
                found="NaN or infinite values on ocean cells",
                expected="finite values",
                remedy="Only land may be NaN.",
            )
    return np.ascontiguousarray(np.where(mask, values, np.float32(0.0)))  # sums depend on the order in memory


def store_as_states(store: StateStore, limit: int = 1000) -> xr.Dataset:
    """Return the test states of a store, thinned to ``limit``, in the form of generated ones: dims (member, y, x).

    Their day of the year stands beside them.
    """
    held = read_states(store, thinned(samples_of(store, "test"), limit), store.channels)
    days = season_share(held.hours, store.calendar) * mean_year_days(store.calendar)
    told = {"units": "days", YEAR_LENGTH: mean_year_days(store.calendar)}
    dataset = store.grid.to_dataset().assign_coords({DAY: ("member", days, told)})
    dry = np.where(store.grid.mask, held.values, np.float32(np.nan))
    for k, name in enumerate(store.channels):
        dataset[name] = (("member", "y", "x"), dry[:, k], variable(name).attributes())
    return dataset
