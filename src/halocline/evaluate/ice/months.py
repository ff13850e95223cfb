"""Dated states month by month: extent, volume and ice edge against the held-out states of the month."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import xarray as xr

from halocline.data.fields.calendar import twelfth_of_year
from halocline.data.files.state_day import shares_of_year
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.bootstrap import Weights
from halocline.evaluate.engine.family import Label, Summarised
from halocline.evaluate.engine.rate import rate
from halocline.evaluate.engine.scorecard import Row
from halocline.evaluate.ice.cover import INTEGRALS, IceCover
from halocline.evaluate.ice.families.edge import EdgeMapScores
from halocline.evaluate.ice.halves import half_weights, held_out_beside_validation
from halocline.evaluate.ice.states import generated_cover
from halocline.evaluate.ice.to_score import state_dims, states_to_score
from halocline.physics import sea_ice
from halocline.runtime.errors import InputError

_VARIABLES = ("sit", "sic")


@dataclass(frozen=True, eq=False)
class Dated:
    """Generated states and the month of each; a month's states are read when they are asked for.

    Attributes:
        dataset: Concentration and thickness, those there are, dims (``dim``, y, x).
        dim: Name of the dimension of the states.
        month: Month of each (state,), 0..11, twelve equal parts of the year.
        store: The store on whose cells they lie.
    """

    dataset: xr.Dataset
    dim: str
    month: np.ndarray
    store: StateStore

    @classmethod
    def of(cls, states: xr.Dataset, store: StateStore) -> "Dated":
        """Take states that carry their day of the year.

        Raises:
            InputError: If they carry none, or have neither concentration nor thickness.
        """
        names = [name for name in _VARIABLES if name in states.data_vars and name in store.channels]
        if not names:
            raise InputError(
                "variables",
                found=f"only {', '.join(map(str, states.data_vars))}",
                expected=" or ".join(_VARIABLES),
                remedy="Extent is of concentration, volume of thickness.",
            )
        dims = state_dims(states, names)
        shares = shares_of_year(states, dims)
        if shares is None:
            raise InputError(
                "season of the states",
                found="no coordinate time or day_of_year along them",
                expected="the day of the year of each state",
                remedy="Draw them with a model that is told day_of_year.",
            )
        kept = states.drop_vars([name for name in states.data_vars if name in store.channels and name not in names])
        flat = kept if len(dims) == 1 else kept.stack(state=dims, create_index=False)
        return cls(flat, dims[0] if len(dims) == 1 else "state", (shares * 12).astype(int) % 12, store)

    def states(self, month: int) -> IceCover | None:
        """Return the states of a month, None if there are fewer than two.

        Raises:
            InputError: If they do not lie on the cells of the store, or a value is not finite.
        """
        chosen = np.flatnonzero(self.month == month)
        if len(chosen) < 2:
            return None
        some = states_to_score(self.dataset.isel({self.dim: chosen}), self.store.channels)
        return generated_cover(some, self.store, len(chosen))[0]


@dataclass(frozen=True, eq=False)
class Month:
    """The scores of one month.

    Attributes:
        month: 0..11.
        rows: Mean and standard deviation of extent and volume, their ``reference`` that of the held-out states; the
            two areas between the edges.
        sizes: Number of states: generated, held out, and of the validation years, whose states make the floor.
        notes: What must be said of the floor.
    """

    month: int
    rows: tuple[Row, ...]
    sizes: tuple[int, int, int]
    notes: tuple[str, ...]

    def has(self, id: str) -> bool:
        """Tell whether there is a score."""
        return any(row.id == id for row in self.rows)

    def row(self, id: str) -> Row:
        """Return the row of a score."""
        return next(row for row in self.rows if row.id == id)


def totals(cover: IceCover) -> dict[str, np.ndarray]:
    """Return ``ice_extent``, m2, and ``ice_volume``, m3, of each state (sample,), those that the variables allow."""
    found, area, mask = dict[str, np.ndarray](), cover.grid.area, cover.grid.mask
    if "sic" in cover.channels:
        found["ice_extent"] = sea_ice.extent(cover.values[:, cover.channels.index("sic")], area, mask)
    if "sit" in cover.channels:
        found["ice_volume"] = sea_ice.volume(cover.values[:, cover.channels.index("sit")], area, mask)
    return found


@dataclass(frozen=True)
class TotalScores:
    """Mean and standard deviation over a set of states of its extent and volume; the second set does not enter.

    Attributes:
        names: Ids of the integrals.
    """

    names: tuple[str, ...]

    @property
    def labels(self) -> tuple[Label, ...]:
        """All means, then all standard deviations."""
        words = [(id, *INTEGRALS[id]) for id in self.names]
        return (
            *(Label(id, name, "all", unit, "reference") for id, name, unit in words),
            *(Label(f"{id}_sd", f"{name}, standard deviation", "all", unit, "reference") for id, name, unit in words),
        )

    def summary(self, values: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the numbers and their squares (sample, 2 * integral)."""
        first = np.stack([values[name] for name in self.names], axis=1)
        return np.concatenate([first, first**2], axis=1)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return means and standard deviations (replicate, 2 * integral)."""
        first, second = np.split(a, 2, axis=1)
        return np.concatenate([first, np.sqrt(np.maximum(second - first**2, 0.0))], axis=1)


def score_months(
    states: xr.Dataset, store: StateStore, *, seed: int = 0, replicates: int = 200, max_held_out: int = 750
) -> list[Month]:
    """Compare the states of each month with the test states of that month.

    The floor is that of as many real states of the month, drawn independently from the validation years, against the
    test states. Intervals are those of ``evaluate``: generated states are drawn one by one, real ones by the months of
    member-years.

    Args:
        states: Generated states with their day of the year, with concentration, thickness or both.
        store: Store whose test years are the truth.
        seed: Seed of all resampling.
        replicates: Bootstrap replicates.
        max_held_out: Most states of a split and month that are read.

    Returns:
        The months of which there are at least two states and a held-out one.

    Raises:
        InputError: If the states carry no dates, or do not fit the store.
    """
    dated, months = Dated.of(states, store), twelfth_of_year(store.hours, store.calendar)
    found = []
    for month in range(12):
        if (mine := dated.states(month)) is None:
            continue
        inside = months == month
        held = held_out_beside_validation(store, mine.channels, max_held_out, keeps=partial(_kept, inside))
        if not held.sizes[0]:
            continue
        weights, _ = half_weights(held, len(mine.values), replicates, seed)
        pair = weights.pairs[0]  # the validation years against the test years, not the other way round as well
        real = IceCover(held.states.values, store.grid, mine.channels)
        rows: list[Row] = []
        for part in _parts(mine, real):
            truth = part.family.scores(*(pair.reference @ part.real,) * 2)[0]
            rated = rate(part, Weights(weights.whole, (pair,)))
            rows += [
                replace(row, reference=float(x)) if row.better == "reference" else row
                for row, x in zip(rated, truth, strict=True)
            ]
        found.append(Month(month, tuple(rows), (len(mine.values), *held.sizes), held.notes))
    return found


def _kept(times: np.ndarray, index: int) -> bool:
    return bool(times[index])


def _parts(mine: IceCover, real: IceCover) -> list[Summarised]:
    numbers = [totals(cover) for cover in (mine, real)]
    sums = TotalScores(tuple(numbers[0]))
    parts = [Summarised(sums, *map(sums.summary, numbers))]
    if "sic" in mine.channels:
        edge = EdgeMapScores(mine.grid, mine.channels.index("sic"))
        parts.append(Summarised(edge, *(edge.summary(np.asarray(cover.values)) for cover in (mine, real))))
    return parts
