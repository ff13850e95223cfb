"""Sets of ocean states that an evaluation compares: generated ones, and those of a store, by whole member."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from halocline.data.fields.season import season_share
from halocline.data.files.ocean import OceanStates, ocean_states
from halocline.data.files.state_day import shares_of_year
from halocline.data.grids.compare import differences
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.store.splits import Split, samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.samples import MAX_VALUES, Pair
from halocline.runtime.errors import InputError, did_you_mean
from halocline.runtime.keyed import generator

HELD_OUT = ("interior",)
"""Members that are the reference of states without forcing: held out, inside the range of the training members."""

SCORED = ("thetao", "so", "zos")
"""Fields that ocean scores know; others are left out, and the scorecard says so."""

_SAME_CONDITIONS = 1e-6
_MOVING = 0.05  # share of a thickness by which levels move with a sea surface of metres (z*)
"""Distance of forcing parameters, in their range over the store, below which they are the same."""


@dataclass(frozen=True, eq=False)
class OceanSet:
    """Ocean states in memory.

    Attributes:
        values: (sample, channel, y, x) float32: thetao on all levels (degC), so on all levels (psu), zos (m) if there
            is one; dry cells 0. Other fields are not scored and not held.
        layout: Channels and cells.
        member: Number of the simulation member of each state (sample,): states of one member depend on each other. Of
            generated states, the member whose forcing they were drawn for, else a number of their own.
        pairs: (member, time index) in the store; empty for generated states.
        years: Year number of each state (sample,), from 0; None for generated states.
        forced: Whether ``member`` numbers members of the reference.
        season: Share of the year of each state (sample,), 0..1; None if they carry no dates.
    """

    values: np.ndarray
    layout: GridLayout
    member: np.ndarray
    pairs: tuple[Pair, ...] = ()
    years: np.ndarray | None = None
    forced: bool = False
    season: np.ndarray | None = None

    def __len__(self) -> int:
        return len(self.values)

    @property
    def members(self) -> np.ndarray:
        """Numbers of the members there are."""
        return np.unique(self.member)


def store_layout(store: StateStore) -> GridLayout:
    """Return those channels of an ocean store that scores know, and its cells.

    Raises:
        InputError: If the store holds no ocean states.
    """
    if not {"thetao", "so"} <= set(store.layout.levelled):
        raise InputError(
            f"store {store.path}",
            found=f"the channels {', '.join(store.channels[:6])}",
            expected="ocean states: thetao_00, thetao_01, …, so_00, …, zos",
            remedy="Compare ocean states with a store of 'halocline simulate dino'.",
        )
    return GridLayout(store.layout.only(*SCORED), store.grid)


def is_ocean(names: Sequence[str]) -> bool:
    """Tell whether variables or channels are those of ocean states."""
    return any(name == "thetao" or name.startswith("thetao_") for name in names)


def pairs_of(store: StateStore, roles: Sequence[str]) -> list[Pair]:
    """Return (member, time index) of the members that play one of ``roles``; of the split of that name without roles.

    Raises:
        InputError: If no member plays them.
    """
    if store.roles:
        chosen = [member for member, role in enumerate(store.roles) if role in roles]
        if not chosen:
            raise InputError(
                f"members of the role {' or '.join(roles)}",
                found=f"roles {', '.join(sorted(set(store.roles)))}",
                expected="at least one member",
                remedy=did_you_mean(roles[0] if roles else "", set(store.roles)),
            )
        return [(member, index) for member in chosen for index in range(len(store.hours))]
    splits: list[Split] = []
    for role in roles:
        split: Split = "train" if role == "train" else "validation" if role == "validation" else "test"
        splits += [] if split in splits else [split]
    return [pair for split in splits for pair in samples_of(store, split)]


def read_set(store: StateStore, pairs: Sequence[Pair], limit: int, *, with_zos: bool = True, seed: int = 0) -> OceanSet:
    """Read states of a store, at most ``limit`` of them, as many of each member.

    What is left out is drawn at random: every n-th state would pick one season.

    Args:
        store: Where to read.
        pairs: (member, time index) of the states, see ``pairs_of``.
        limit: Most states; fewer are read where they would not fit in memory.
        with_zos: Whether the sea-surface height is read, if there is one.
        seed: Seed of the choice.
    """
    layout = store_layout(store)
    if not with_zos:
        layout = GridLayout(layout.fields.only("thetao", "so"), layout.grid)
    chosen = store.layout.numbers(*layout.fields.names)
    ny, nx = store.grid.shape
    limit = max(24, min(limit, MAX_VALUES // (2 * len(chosen) * ny * nx)))
    pairs = balanced(pairs, limit, seed)
    values = np.empty((len(pairs), len(chosen), ny, nx), np.float32)
    for k, (member, index) in enumerate(pairs):
        values[k] = store.read(member, index)[chosen]
    members, times = np.array(pairs, np.int64).reshape(-1, 2).T
    season = season_share(store.hours[times], store.calendar)
    return OceanSet(values, layout, members, tuple(pairs), store.years()[times], forced=True, season=season)


def stored_set(states: StateStore, reference: StateStore, limit: int = 500) -> OceanSet:
    """Return the held-out states of a store in the place of generated ones; members count as the reference's if equal.

    Raises:
        InputError: If the cells differ.
    """
    found = read_set(states, pairs_of(states, HELD_OUT), limit, with_zos="zos" in reference.layout)
    require_same_cells(found.layout.grid, store_layout(reference).grid)
    return replace(found, forced=states.fingerprint == reference.fingerprint)


def balanced(pairs: Sequence[Pair], limit: int, seed: int) -> list[Pair]:
    """Return at most ``limit`` pairs, as many of each member, drawn at random and kept in order."""
    if len(pairs) <= limit:
        return list(pairs)
    members = sorted({member for member, _ in pairs})
    share = max(1, limit // len(members))
    kept: list[Pair] = []
    for member in members:
        own = [pair for pair in pairs if pair[0] == member]
        order = generator(seed, "evaluate", "thinning", member).permutation(len(own))[:share]
        kept += [own[k] for k in np.sort(order)]
    return kept


def generated_set(
    states: xr.Dataset, store: StateStore, limit: int = 500, choices: Choices = AS_THE_FILE_SAYS
) -> OceanSet:
    """Return generated states on the cells of a store.

    They count as drawn for the forcing of the store's members if the dataset carries all of the store's forcing
    parameters as coordinates along ``member`` and each state's are those of some member.

    Args:
        states: ``thetao`` and ``so`` (member, [time,] depth, y, x), and perhaps ``zos``; see data/files/ocean.py.
        store: The reference.
        limit: At most this many states, evenly spaced.
        choices: What the states do not say.

    Raises:
        InputError: If levels, units, values or cells do not fit, or there are fewer than two states.
    """
    found = ocean_states(states, source="the states", choices=choices)
    layout = store_layout(store)
    require_same_cells(found.layout.grid, layout.grid, moving=found.thickness is not None)
    layout = GridLayout(layout.fields.only(*found.layout.fields.names), layout.grid)
    if len(found.states) < 2:
        raise InputError(
            "members",
            found=f"{len(found.states)} state(s)",
            expected="at least two",
            remedy="Scores compare sets of states: generate more members.",
        )
    chosen = np.arange(0, len(found.states), max(1, -(-len(found.states) // limit)))
    channels = found.layout.fields.numbers(*layout.fields.names)
    values = np.nan_to_num(np.take(found.states[chosen], channels, axis=1)).astype(np.float32)
    forced = _forced_members(found, store)
    member = _blocks(found) if forced is None else forced
    days = shares_of_year(found.dataset, [str(dim) for dim in found.dataset["thetao"].dims[:-3]])
    season = None if days is None else days[chosen]
    return OceanSet(values, layout, member[chosen], forced=forced is not None, season=season)


def require_same_cells(found: Grid, expected: Grid, *, moving: bool = False) -> None:
    """Raise InputError if the cells of two ocean grids differ; it says in what.

    Args:
        found: The cells of states.
        expected: Those that they must have.
        moving: The states' levels follow the surface: thickness and depth may differ by what that moves them.
    """
    names = differences(found, expected)
    if moving and np.allclose(found.thickness, expected.thickness, rtol=_MOVING):
        names = [name for name in names if name not in ("thickness", "depth")]
    if not names:
        return
    if names == ["shape"]:
        what = f"{' x '.join(map(str, found.wet.shape))} cells (level, y, x)"
        wanted = f"{' x '.join(map(str, expected.wet.shape))}"
    elif names == ["mask"]:
        differ = int(np.count_nonzero(found.wet != expected.wet))
        what, wanted = f"a mask that differs in {differ} of {found.wet.size} cells", "the reference's mask"
    else:
        what, wanted = f"another {' and '.join(names)} (the masks are equal)", "those of the reference"
    raise InputError(
        "grid of the states",
        found=what,
        expected=wanted,
        remedy="Use states and reference of one grid; levels run from the surface down in both.",
    )


def _forced_members(found: OceanStates, store: StateStore) -> np.ndarray | None:
    parameters = store.parameters
    if not parameters or any(name not in found.dataset.coords for name in parameters):
        return None
    table = np.stack(list(parameters.values()), axis=1)
    span = np.ptp(table, axis=0)
    scale = np.where(span > 0, span, 1.0)
    like = found.dataset["thetao"].isel(dict.fromkeys(found.dataset["thetao"].dims[-3:], 0), drop=True)
    given = [np.asarray(found.dataset[name].broadcast_like(like).values).ravel() for name in parameters]
    distance = np.abs((np.stack(given, axis=1)[:, None] - table) / scale).max(axis=-1)
    return distance.argmin(axis=1) if (distance.min(axis=1) < _SAME_CONDITIONS).all() else None


def _blocks(found: OceanStates) -> np.ndarray:
    shape = found.dataset["thetao"].shape[:-3]
    first = shape[0] if shape else 1
    return np.repeat(np.arange(first), len(found.states) // first)
