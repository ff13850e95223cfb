"""The season of scored states: the truth is that of their days of the year, or a note says that it is not."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from halocline.data.fields.season import WINDOW_DAYS, days_to_nearest, season_share
from halocline.data.store.store import StateStore
from halocline.runtime.errors import InputError

Season = Literal["matched", "all"]
SEASONS: tuple[Season, ...] = ("matched", "all")
"""Compare with the truth of the states' season, or with all of it."""

_LEVEL = 0.01
"""Chance below which states are not taken for a sample of the truth's seasons."""
_FEW = 4
_NARROW = 0.5
MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)


@dataclass(frozen=True, eq=False)
class SeasonMatch:
    """Which times of a store states are compared with.

    Attributes:
        times: True for those of the states' season (time,); None for all.
        notes: What there is to say about it.
        about: Facts for the table.
    """

    times: np.ndarray | None = None
    notes: tuple[str, ...] = ()
    about: dict[str, Any] = field(default_factory=dict)

    def keeps(self, index: int) -> bool:
        """Tell whether a time is compared with."""
        return self.times is None or bool(self.times[index])


def match_season(shares: np.ndarray | None, store: StateStore, tested: np.ndarray, season: Season) -> SeasonMatch:
    """Find the times that states of these days of the year are compared with.

    Times within 15 days of some state's day, whatever the year. All times, if the states' days could be a random sample
    of the truth's (Kuiper's test, at 1 %; fewer than four states are no sample).

    Args:
        shares: Share of the year of each state (state,), or None if they carry no dates.
        store: The reference.
        tested: Time indices of the real states that are to be compared with.
        season: Whether to match.

    Raises:
        InputError: If the reference holds no such season.
    """
    if shares is None:
        words = "The states carry no dates (a coordinate time or day_of_year): their season was not looked at."
        return SeasonMatch(None, (words,), {"season": "not known"})
    truth = season_share(store.hours[tested], store.calendar)
    if len(shares) >= _FEW and kuiper(shares, truth) >= _LEVEL:
        return SeasonMatch(None, (), {"season": "all, as the states'"})
    where = _words(shares)
    if season == "all":
        words = (
            f"The states are of another season than the real ones (theirs: {where}): what differs may be the season."
        )
        return SeasonMatch(None, (words,), {"season": "all, as asked for"})
    near = days_to_nearest(season_share(store.hours, store.calendar), shares) <= WINDOW_DAYS
    if near[tested].all():
        words = f"The states are spread over the year unlike the real ones (most: {where}): that may be what differs."
        return SeasonMatch(None, (words,), {"season": "all, unlike the states'"})
    if not near[tested].any():
        raise InputError(
            "season of the states",
            found=f"days in {where}, from which the real states to compare with are {WINDOW_DAYS:g} days away or more",
            expected="real states of that season in the reference",
            remedy="Compare with a store that holds the season, or with all there is: season='all' (--season all).",
        )
    words = (
        f"Compared with the truth of the states' season ({where}) alone: real states within {WINDOW_DAYS:g} days of "
        "the day of one, of whatever year. --season all compares with all."
    )
    return SeasonMatch(near, (words,), {"season": where, "season_window_days": WINDOW_DAYS})


def kuiper(first: np.ndarray, second: np.ndarray) -> float:
    """Return the chance that two samples of places in the year are drawn alike (Kuiper's test, asymptotic).

    V = max(F - G) + max(G - F) does not depend on where the year begins.

    Source: Press et al., Numerical Recipes, 3rd edition, section 14.3.4.

    Args:
        first: Shares of the year (state,).
        second: Shares of the year (state,).
    """
    a, b = np.sort(first), np.sort(second)
    both = np.concatenate([a, b])
    difference = np.searchsorted(a, both, "right") / len(a) - np.searchsorted(b, both, "right") / len(b)
    root = np.sqrt(len(a) * len(b) / (len(a) + len(b)))
    scaled = (root + 0.155 + 0.24 / root) * (max(0.0, difference.max()) + max(0.0, -difference.min()))
    if scaled < 0.4:
        return 1.0
    squares = (np.arange(1, 101) * scaled) ** 2
    return float(np.clip(2 * ((4 * squares - 1) * np.exp(-2 * squares)).sum(), 0.0, 1.0))


def hint_of_season(
    generated: Mapping[str, np.ndarray], real: Mapping[str, np.ndarray], months: np.ndarray
) -> list[str]:
    """Return a sentence if numbers of states without dates point to a season; none if they do not.

    They do if each varies over the states less than half as much as over the real ones of half a year or more.

    Args:
        generated: Numbers of the states by name, (state,) each, e.g. extent and volume.
        real: Those of the real states.
        months: Calendar month of each real state, 0..11.
    """
    spread = {name: float(values.std()) for name, values in real.items()}
    names, there = [name for name in generated if spread.get(name, 0.0) > 0], np.unique(months)
    if not names or len(there) < 6 or any(float(generated[name].std()) >= _NARROW * spread[name] for name in names):
        return []
    away = [
        sum(abs(generated[name].mean() - real[name][months == month].mean()) / spread[name] for name in names)
        for month in there
    ]
    near = MONTHS[int(there[int(np.argmin(away))])]
    return [
        f"Extent and volume vary less than half as much over the states as over the real ones, and lie nearest to "
        f"those of {near}: they are all of one season, or too much alike. Give them dates (time or day_of_year) to "
        "compare them with the truth of their season."
    ]


def _words(shares: np.ndarray) -> str:
    """Return the months in which most states lie."""
    counts = np.bincount((np.asarray(shares) % 1.0 * 12).astype(int), minlength=12)
    order = np.argsort(-counts, kind="stable")
    most = order[: int(np.searchsorted(np.cumsum(counts[order]), 0.8 * counts.sum())) + 1]
    return ", ".join(MONTHS[month] for month in np.sort(most))
