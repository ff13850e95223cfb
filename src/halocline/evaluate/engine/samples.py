"""The states that an evaluation compares: generated ones, two halves of held-out years, and training ones."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import xarray as xr

from halocline.data.fields.calendar import NOLEAP, mean_year_days, twelfth_of_year
from halocline.data.fields.season import days_to_nearest, season_share
from halocline.data.fields.variables import variable
from halocline.data.files.validate import check_mask
from halocline.data.grids.compare import moved_cells, same_cells
from halocline.data.grids.grid import Grid
from halocline.data.sampling.conditions import DAY, YEAR_LENGTH
from halocline.data.store.splits import has_split, samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.bootstrap import Blocks
from halocline.runtime.errors import InputError

Pair = tuple[int, int]
"""(member, time index) of one state in a store."""

MAX_VALUES = 250_000_000
"""Most numbers of one set kept in memory (1 GB as float32); larger grids are read with fewer states."""

LEAST_STATES = 4
"""Fewest real states of a half; with fewer there is no floor."""

_MANY_STATES = 24

_SEASON_DAYS = 31.0
"""Two sets are of the same seasons if each state of one has one of the other within so many days of the year."""


@dataclass(frozen=True, eq=False)
class RealStates:
    """States of a store, read into memory.

    Attributes:
        values: (sample, channel, y, x), physical units, land = 0.
        pairs: (member, time index) of each sample.
        hours: Valid time of each sample (sample,), hours since 2000-01-01.
        member_years: Number of the member-year of each sample (sample,).
        calendar: Calendar of the hours.
    """

    values: np.ndarray
    pairs: list[Pair]
    hours: np.ndarray
    member_years: np.ndarray
    calendar: str = NOLEAP

    @property
    def months(self) -> np.ndarray:
        """Calendar month of each sample (sample,), 0..11, twelve equal parts of the year."""
        return twelfth_of_year(self.hours, self.calendar)

    def only(self, chosen: np.ndarray) -> "RealStates":
        """Return the samples where ``chosen`` (sample,) is True."""
        return RealStates(
            values=self.values[chosen],
            pairs=[pair for pair, keep in zip(self.pairs, chosen, strict=True) if keep],
            hours=self.hours[chosen],
            member_years=self.member_years[chosen],
            calendar=self.calendar,
        )


@dataclass(frozen=True, eq=False)
class Halves:
    """Two disjoint sets of held-out real states, of different member-years.

    Attributes:
        first: The first half; all held-out states where two halves cannot be compared.
        second: The second half; empty where they cannot be compared, so that there is no floor.
        notes: What there is to say about them.
    """

    first: RealStates
    second: RealStates
    notes: tuple[str, ...] = field(default=())

    @property
    def comparable(self) -> bool:
        """Whether there are two halves, so that real states can be scored against real ones."""
        return len(self.second.values) > 0

    @property
    def values(self) -> np.ndarray:
        """Both halves together (sample, channel, y, x)."""
        return np.concatenate([self.first.values, self.second.values])

    def in_half(self, half: int) -> np.ndarray:
        """Return True for the samples (sample,) of half 0 or 1, both halves together."""
        sizes = (len(self.first.values), len(self.second.values))
        return np.repeat([half == 0, half == 1], sizes)

    @property
    def blocks(self) -> Blocks:
        """Whole months of both halves together, for resampling."""
        member_years = np.concatenate([self.first.member_years, self.second.member_years])
        return Blocks.of(member_years, np.concatenate([self.first.months, self.second.months]))


def read_states(
    store: StateStore,
    pairs: Sequence[Pair],
    channels: Sequence[str],
    progress: Callable[[float], None] = lambda done: None,
) -> RealStates:
    """Read samples of a store.

    Args:
        store: Where to read.
        pairs: (member, time index) of each sample.
        channels: Variables to keep, in this order.
        progress: Called after each sample with the share done, 0..1.
    """
    chosen = [store.channels.index(name) for name in channels]
    values = np.empty((len(pairs), len(chosen), *store.grid.shape), np.float32)
    for k, (member, index) in enumerate(pairs):
        values[k] = store.read(member, index)[chosen]
        progress((k + 1) / len(pairs))
    members, times = np.array(pairs, np.int64).reshape(-1, 2).T
    return RealStates(
        values=values,
        pairs=[(int(m), int(t)) for m, t in pairs],
        hours=store.hours[times],
        member_years=members * 100_000 + store.years()[times],
        calendar=store.calendar,
    )


def thinned(pairs: Sequence[Pair], limit: int) -> list[Pair]:
    """Return every n-th pair, with the least n that leaves at most ``limit``."""
    every = max(1, -(-len(pairs) // max(1, limit)))
    return list(pairs[::every])


def state_limit(store: StateStore, channels: Sequence[str], wanted: int) -> int:
    """Return how many states to read: as many as wanted, fewer if they would not fit in memory."""
    ny, nx = store.grid.shape
    return max(24, min(wanted, MAX_VALUES // (len(channels) * ny * nx)))


def held_out_halves(
    store: StateStore,
    channels: Sequence[str],
    limit: int,
    progress: Callable[[float], None] = lambda done: None,
    *,
    keeps: Callable[[int], bool] = lambda index: True,
) -> Halves:
    """Read the held-out years of a store and split them in two halves by whole member-years.

    The test years are dealt out in turn. A store with only one test year takes its validation years as second half.
    Where the halves would be too small, of one year or of different seasons, all test states are the first half.

    Args:
        store: The store.
        channels: Variables to keep, in this order.
        limit: At most so many states of a split.
        progress: Called after each sample with the share done, 0..1.
        keeps: Which time indices are of interest.

    Raises:
        InputError: If the store has no test states.
    """
    test = thinned([pair for pair in samples_of(store, "test") if keeps(pair[1])], limit)
    held = read_states(store, test, channels, progress)
    order = sorted({(member, int(store.years()[index])) for member, index in test})
    if len(order) > 1:
        keys = {pair: k for k, pair in enumerate(order)}
        turn = np.array([keys[member, int(store.years()[index])] % 2 for member, index in held.pairs])
        halves = Halves(held.only(turn == 0), held.only(turn == 1))
    else:
        rest = samples_of(store, "validation") if has_split(store, "validation") else []
        validation = thinned([pair for pair in rest if keeps(pair[1])], limit)
        words = "The store has one test year: the second half of the held-out states is its validation split."
        halves = Halves(held, read_states(store, validation, channels, progress), (words,))
    if why := _incomparable(halves.first, halves.second):
        return Halves(held, held.only(np.zeros(len(held.pairs), bool)), (f"No floor: {why}.",))
    return replace(halves, notes=(*halves.notes, *coarse_floor(len(halves.first.values), len(halves.second.values))))


def coarse_floor(first: int, second: int) -> list[str]:
    """Return a note if the floor is that of few real states, none if they are many."""
    words = f"The floor compares {first} real states with {second}: so few make it coarse, and its interval, too."
    return [words] if min(first, second) < _MANY_STATES else []


def _incomparable(first: RealStates, second: RealStates) -> str | None:
    """Return why real states against real states would say nothing, or None."""
    fewest = min(len(first.values), len(second.values))
    if fewest < LEAST_STATES:
        return f"one half of the held-out states holds {fewest} of them, and it takes {LEAST_STATES}"
    if not set(first.member_years).isdisjoint(second.member_years):
        return "all held-out states are of one year, so real ones of another year cannot be compared with them"
    return seasons_differ(first.hours, second.hours, first.calendar)


def seasons_differ(first: np.ndarray, second: np.ndarray, calendar: str) -> str | None:
    """Return words if two sets of times, hours since 2000-01-01, lie in different seasons; None if not."""
    shares = season_share(first, calendar), season_share(second, calendar)
    away = max(days_to_nearest(*shares).max(), days_to_nearest(*shares[::-1]).max())
    return "the two halves of the held-out states lie in different seasons" if away > _SEASON_DAYS else None


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


def common_channels(states: xr.Dataset, store: StateStore) -> tuple[str, ...]:
    """Return the variables that both have, in the store's order.

    Raises:
        InputError: If there is none.
    """
    names = tuple(name for name in store.channels if name in states.data_vars)
    if not names:
        raise InputError(
            "variables",
            found=f"only {', '.join(map(str, states.data_vars))}",
            expected=f"at least one of {', '.join(store.channels)}",
            remedy="Compare states with a reference store of the same kind.",
        )
    return names


def require_same_grid(states: xr.Dataset, store: StateStore) -> None:
    """Raise InputError if states and store do not lie on the same cells; it says how many differ."""
    grid = Grid.from_dataset(states)
    if same_cells(grid, store.grid):
        return
    check_mask(grid.mask, store.grid, "the states")
    moved = moved_cells(grid, store.grid)
    raise InputError(
        "grid",
        found=f"{int(moved.sum())} cells with another position or area (the masks are equal)",
        expected="the latitudes, longitudes and areas of the reference",
        remedy="Use states and reference of one grid.",
    )


def state_dims(states: xr.Dataset, channels: Sequence[str]) -> tuple[str, ...]:
    """Return the dimensions over which states are counted, ``member`` first: all but those of the cells."""
    dims = [str(dim) for dim in states[channels[0]].dims if dim not in ("y", "x")]
    return tuple(sorted(dims, key=lambda dim: dim != "member"))


def stacked(states: xr.Dataset, channels: Sequence[str], mask: np.ndarray, limit: int) -> np.ndarray:
    """Return the states as one array (sample, channel, y, x) float32, land = 0.

    Args:
        states: Variables with dimensions (member, y, x) or (member, time, y, x).
        channels: Variables, in the order wanted.
        mask: True on ocean (y, x).
        limit: At most this many states, evenly spaced.

    Raises:
        InputError: If there are fewer than two states or a value on an ocean cell is not finite.
    """
    dims = state_dims(states, channels)
    if dims != ("member",):
        states = states.stack(sample=dims, create_index=False)
    else:
        states = states.rename(member="sample")
    every = max(1, -(-states.sizes["sample"] // limit))
    chosen = states[list(channels)].isel(sample=slice(None, None, every))
    fields = [chosen[name].transpose("sample", "y", "x").values for name in channels]
    values = np.stack(fields, axis=1).astype(np.float32)
    if len(values) < 2:
        raise InputError(
            "members",
            found=f"{len(values)} state(s)",
            expected="at least two",
            remedy="Scores compare sets of states: generate more members.",
        )
    for k, name in enumerate(channels):
        if not np.isfinite(values[:, k][:, mask]).all():
            raise InputError(
                f"variable '{name}'",
                found="NaN or infinite values on ocean cells",
                expected="finite values",
                remedy="Only land may be NaN.",
            )
    return np.where(mask, values, np.float32(0.0))
