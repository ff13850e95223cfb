"""Training states that a forecast may be compared with: those of other years than the ones that verify it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halocline.data.fields.season import WINDOW_DAYS, days_to_nearest, season_share
from halocline.data.store.splits import MemberYear, Sample, by_member_year, has_split, training_samples
from halocline.data.store.store import StateStore
from halocline.evaluate.forecast.pairs import Pairs

LEAST_YEARS = 3
"""Member-years below which a climatology or a floor of other years says little, and a note says so."""


@dataclass(frozen=True, eq=False)
class ClimateYears:
    """The training states of a climate store without those of the years in which a forecast is verified.

    Attributes:
        store: The climate store.
        verified: (member, year) pairs of the store whose states verify the forecast.
        samples: (member, time index) of the training states of all other years.
        covered: Whether they hold states of the seasons that are verified.
        notes: What is left out, and why.
    """

    store: StateStore
    verified: frozenset[MemberYear]
    samples: list[Sample]
    covered: bool
    notes: tuple[str, ...]

    @classmethod
    def of(cls, store: StateStore, pairs: Pairs, leads: Sequence[int]) -> "ClimateYears":
        """Find them.

        Args:
            store: The climate store, often the reference itself.
            pairs: Starts, leads and truths.
            leads: Leads that are scored.
        """
        verified = frozenset(verified_years(store, pairs, leads))
        trained = training_samples(store) if has_split(store, "train") else []
        samples = [pair for pair, year in zip(trained, _years(store, trained), strict=True) if year not in verified]
        covered = bool(samples) and in_season(store, [index for _, index in samples], valid_hours(pairs, leads), pairs)
        mine, rest = len(verified & set(_years(store, trained))), len(by_member_year(store, samples))
        notes = []
        shared = f"{mine} of the {mine + rest} member-years of the climate's training states are verified themselves"
        if not covered:
            why = "none of the climate's training states is of the season that is verified"
            why = f"{shared}, and no others are of that season" if mine else why
            notes.append(
                f"No climatology and no damped anomaly: {why}. Nor is there a region with ice in the climate of the "
                "day. Give a store of other years: --climate."
            )
        elif mine:
            notes.append(f"{shared}: climatology and damped anomaly are made of the other {rest}.")
        if covered and rest < LEAST_YEARS:
            notes.append(
                f"Climatology and damped anomaly are made of {rest} member-year(s) only: noisy, so easy to beat."
            )
        return cls(store, verified, samples, covered, tuple(notes))


def verified_years(store: StateStore, pairs: Pairs, leads: Sequence[int]) -> set[MemberYear]:
    """Return the (member, year) pairs of a store that hold states with which a forecast starts or is verified.

    In a store other than the reference they are found by their values: a longer record may hold the very same states.
    """
    years = pairs.store.years()
    held: dict[MemberYear, int] = {}
    for start, member in enumerate(pairs.member):
        for index in (pairs.begin[start], *(pairs.index[start, lead] for lead in leads if pairs.known[start, lead])):
            held.setdefault((int(member), int(years[index])), int(index))
    if store.fingerprint == pairs.store.fingerprint:
        return set(held)
    if store.calendar != pairs.store.calendar:
        return set()
    chosen, theirs = [store.channels.index(name) for name in pairs.channels], store.years()
    found = set()
    for (member, _), index in held.items():
        at = int(np.searchsorted(store.hours, pairs.store.hours[index]))
        if at < len(store.hours) and store.hours[at] == pairs.store.hours[index]:
            truth = pairs.read(member, index)
            same = [m for m in range(store.members) if np.array_equal(store.read(m, at)[chosen], truth)]
            found |= {(m, int(theirs[at])) for m in same}
    return found


def valid_hours(pairs: Pairs, leads: Sequence[int]) -> np.ndarray:
    """Return the hours of all starts, and of all leads that have a truth."""
    hours = pairs.store.hours[pairs.begin][:, None] + pairs.lead_hours[None, list(leads)]
    return np.concatenate([pairs.store.hours[pairs.begin], hours[pairs.known[:, list(leads)]]])


def in_season(store: StateStore, indices: Sequence[int] | np.ndarray, hours: np.ndarray, pairs: Pairs) -> bool:
    """Tell whether some of a store's states lie in the season of each of the hours: within 15 days and half a step."""
    step = float(np.median(np.diff(store.hours))) / 24.0 if len(store.hours) > 1 else 0.0
    theirs = season_share(store.hours[np.unique(indices)], store.calendar)
    away = days_to_nearest(season_share(hours, pairs.store.calendar), theirs)
    return bool((away <= WINDOW_DAYS + step / 2).all())


def _years(store: StateStore, samples: Sequence[Sample]) -> list[MemberYear]:
    years = store.years()
    return [(member, int(years[index])) for member, index in samples]
