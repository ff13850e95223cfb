"""Calibration given the date: where held-out extents and volumes lie among states that are drawn for their month."""

from dataclasses import dataclass, replace

import numpy as np
import xarray as xr

from halocline.data.fields.calendar import twelfth_of_year
from halocline.data.store.splits import by_member_year, has_split, samples_of, training_samples
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.bootstrap import FLOOR_DRAWS, whole_and_counts
from halocline.evaluate.engine.calibration import STATISTICS, Pit
from halocline.evaluate.engine.family import Label
from halocline.evaluate.engine.interval import centred, known_interval
from halocline.evaluate.engine.samples import read_states, thinned
from halocline.evaluate.engine.scorecard import Row
from halocline.evaluate.ice.cover import INTEGRALS
from halocline.evaluate.ice.months import Dated, totals
from halocline.runtime.keyed import generator

SEASONS = {"": tuple(range(12)), "DJF": (11, 0, 1), "MAM": (2, 3, 4), "JJA": (5, 6, 7), "SON": (8, 9, 10)}
"""Months, 0..11, of the whole year and of its seasons."""
WORDS = {
    "pit_mean": "mean place of the truth",
    "pit_spread": "spread of the truth's place",
    "outside": "truth outside the ensemble",
}
"""What each of ``STATISTICS`` is called."""


def calibration(
    states: xr.Dataset, store: StateStore, *, seed: int = 0, replicates: int = 200, most: int = 750
) -> list[Row]:
    """Rank the extent and the volume of each test state among the generated states of its month.

    The floor takes as many real states of that month, of training and validation years, as the ensemble: the mean over
    50 choices of them (all of them where there are no more). Intervals draw whole test member-years with replacement,
    because days of one year depend on one another; there is none of a single one. They know neither the luck of the
    draws nor that of a training.

    Args:
        states: Generated states with their day of the year, with concentration, thickness or both.
        store: Store whose test years are the truth.
        seed: Seed of ties and of all resampling.
        replicates: Bootstrap replicates.
        most: Most states of a month that are read, of the test years and of the others.

    Returns:
        ``ID_pit_mean``, ``ID_pit_spread``, ``ID_outside`` (``Pit.statistics``) of ID ``ice_extent`` and ``ice_volume``;
        ``band`` is the season, ``reference`` what a calibrated ensemble has.

    Raises:
        InputError: If the states carry no dates or do not fit the store, or the store has no test states.
    """
    dated, months = Dated.of(states, store), twelfth_of_year(store.hours, store.calendar)
    test = samples_of(store, "test")
    others = training_samples(store, by_member_year(store, test))
    others += samples_of(store, "validation") if has_split(store, "validation") else []
    found: list[_Ranked] = []
    for month in range(12):
        if (mine := dated.states(month)) is None:
            continue
        truth, pool = (
            read_states(store, thinned([pair for pair in pairs if months[pair[1]] == month], most), mine.channels)
            for pairs in (test, others)
        )
        ensemble, held, real = (totals(replace(mine, values=part.values)) for part in (mine, truth, pool))
        for name, values in ensemble.items() if truth.pairs else ():
            random = generator(seed, "evaluate", "calibration", name, month)
            pits = [Pit.of(values[None], held[name], random)]
            if len(pool.pairs) >= 2:
                chosen = [random.permutation(len(pool.pairs))[: len(values)] for _ in range(FLOOR_DRAWS)]
                pits.append(Pit.of(real[name][np.array(chosen)], held[name], random))
            found.append(_Ranked(name, month, truth.member_years, tuple(pits)))
    random = generator(seed, "evaluate", "test years")
    rows = []
    for name in dict.fromkeys(part.name for part in found):
        for season, numbers in SEASONS.items():
            if parts := [part for part in found if part.name == name and part.month in numbers]:
                rows += _rows(name, season, parts, replicates, random)
    return rows


@dataclass(frozen=True, eq=False)
class _Ranked:
    """The places of a month's test states.

    Attributes:
        name: Id of the integral.
        month: 0..11.
        member_years: Number of the member-year of each test state (truth,).
        pits: Among generated states and, if there are any, among real states of other years.
    """

    name: str
    month: int
    member_years: np.ndarray
    pits: tuple[Pit, ...]


def _rows(name: str, season: str, parts: list[_Ranked], replicates: int, random: np.random.Generator) -> list[Row]:
    """Return the three rows of an integral and a season."""
    years, year = np.unique(np.concatenate([part.member_years for part in parts]), return_inverse=True)
    weights = whole_and_counts(len(years), replicates, random)[:, year]
    numbers = []
    for k in range(2):
        if any(len(part.pits) <= k for part in parts):
            numbers.append(np.full((3, len(STATISTICS)), np.nan))
            continue
        found = Pit.joined([part.pits[k] for part in parts]).statistics(weights)
        numbers.append(np.stack([found[0], *known_interval(centred(found[1:], found[0]), enough=len(years) > 1)]))
    aims = Pit.joined([part.pits[0] for part in parts]).aims
    return [
        Row.of(
            Label(f"{name}_{id}", f"{INTEGRALS[name][0]}, {WORDS[id]}", "all", "1", "reference", season),
            [float(number) for part in numbers for number in part[:, k]],
            aims[k],
        )
        for k, id in enumerate(STATISTICS)
    ]
