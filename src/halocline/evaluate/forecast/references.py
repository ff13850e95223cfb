"""What is scored: a forecast, and the reference forecasts: persistence, damped anomaly, climatology, other years."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from halocline.data.fields.calendar import mean_year_hours, season_hour
from halocline.data.fields.variables import channel
from halocline.data.store.splits import MemberYear, Sample, by_member_year, has_split, samples_of, training_samples
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.draws import Draws
from halocline.evaluate.engine.samples import thinned
from halocline.evaluate.engine.workers import HERE, Workers
from halocline.evaluate.forecast.climate import DailyClimate
from halocline.evaluate.forecast.climate_years import LEAST_YEARS, in_season
from halocline.evaluate.forecast.file import Forecast
from halocline.evaluate.forecast.pairs import Pairs
from halocline.runtime.errors import InputError

REFERENCES = ("persistence", "damped anomaly", "climatology", "other years")
"""Names of the reference forecasts (baselines), which forecasts must not have."""

_SINGLE = Draws.independent(1)


class Scored(Protocol):
    """Anything that gives an ensemble for a start and a lead."""

    @property
    def name(self) -> str:
        """For tables and legends."""

    @property
    def draws(self) -> Draws:
        """Its members, and which of them are independent; one for a single state."""

    def read(self, start: int, lead: int) -> np.ndarray:
        """Return the states (member, channel, y, x), land = 0."""


@dataclass(frozen=True, eq=False)
class OfForecast:
    """A forecast's members, on the channels of the pairs; leads are matched by their hours.

    Attributes:
        forecast: The forecast.
        pairs: Starts, leads and channels that are scored.
        starts: Its start for each start of the pairs (start,).
        leads: Its lead for each lead of the pairs (lead,).
    """

    forecast: Forecast
    pairs: Pairs
    starts: np.ndarray
    leads: np.ndarray

    @classmethod
    def of(cls, forecast: Forecast, theirs: Pairs, pairs: Pairs, days: float) -> "OfForecast":
        """Match the starts and leads of a forecast to those that are scored.

        Args:
            forecast: The forecast, or another one beside it.
            theirs: Its own starts and leads.
            pairs: Those that are scored.
            days: Leads beyond this are not asked for.

        Raises:
            InputError: If starts, leads or variables are missing.
        """
        keys = list(zip(theirs.member.tolist(), theirs.begin.tolist(), strict=True))
        wanted = list(zip(pairs.member.tolist(), pairs.begin.tolist(), strict=True))
        missing = [key for key in wanted if key not in keys]
        gone = np.setdiff1d(pairs.lead_hours[pairs.known.any(axis=0)], forecast.lead_hours)
        gone = gone[gone <= 24.0 * days]
        lacking = [name for name in pairs.channels if name not in forecast.channels]
        if missing or len(gone) or lacking:
            raise InputError(
                f"forecast {forecast.name}",
                found=f"without {len(missing)} of the starts, {len(gone)} of the leads, variables {lacking}",
                expected="the starts, leads and variables of the forecast that is scored",
                remedy="Make both forecasts with the same starts, length, interval and variables.",
            )
        leads = np.clip(np.searchsorted(forecast.lead_hours, pairs.lead_hours), 0, len(forecast.lead_hours) - 1)
        return cls(forecast, pairs, np.array([keys.index(key) for key in wanted]), leads)

    @property
    def name(self) -> str:
        """The forecast's name."""
        return self.forecast.name

    @property
    def draws(self) -> Draws:
        """Its members."""
        return self.forecast.draws

    def read(self, start: int, lead: int) -> np.ndarray:
        """Return its members (member, channel, y, x)."""
        return self.forecast.read(int(self.starts[start]), int(self.leads[lead]), self.pairs.channels)


@dataclass(frozen=True, eq=False)
class InitialState:
    """Persistence: the initial state, kept; of a forecast's files, where ``chain.forecast`` steps one."""

    pairs: Pairs
    name: str = "persistence"
    draws: Draws = _SINGLE

    def read(self, start: int, lead: int) -> np.ndarray:
        """Return the initial state (1, channel, y, x)."""
        return self.pairs.initial(start)[None]


@dataclass(frozen=True, eq=False)
class Climatology:
    """The mean training state of the day."""

    pairs: Pairs
    climate: DailyClimate
    name: str = "climatology"
    draws: Draws = _SINGLE

    def read(self, start: int, lead: int) -> np.ndarray:
        """Return the mean state of the day (1, channel, y, x)."""
        return self.climate.at(self.pairs.valid_hours(start, lead))[None]


@dataclass(frozen=True, eq=False)
class DampedAnomaly:
    """The initial anomaly, damped by its regression in the training years, upon the climate of the day.

    x(t + l) = c(t + l) + r(l) (x(t) - c(t)),  r(l) = sum a(t) a(t + l) / sum a(t)^2, in 0..1

    over cells by area and over at most 100 training states; one r per variable and lead. Cut at the bounds.

    Attributes:
        pairs: Starts and leads.
        climate: The climate.
        damping: r (lead, channel).
    """

    pairs: Pairs
    climate: DailyClimate
    damping: np.ndarray
    name: str = "damped anomaly"
    draws: Draws = _SINGLE

    @classmethod
    def fitted(
        cls,
        pairs: Pairs,
        climate: DailyClimate,
        store: StateStore,
        leads: Sequence[int],
        progress: Callable[[float], None] = lambda done: None,
        samples: Sequence[Sample] | None = None,
        workers: Workers = HERE,
    ) -> "DampedAnomaly":
        """Regress anomalies of training states upon those ``lead`` earlier, for some of the leads; others get 0.

        Args:
            pairs: Starts and leads.
            climate: The climate.
            store: Where the states are.
            leads: Leads wanted.
            progress: Called with the share done.
            samples: Which states; the training ones if None.
            workers: Who reads them.
        """
        step = float(store.hours[1] - store.hours[0])
        ahead = {lead: int(np.rint(pairs.lead_hours[lead] / step)) for lead in leads}
        trained = set(samples_of(store, "train") if samples is None else samples)
        first = thinned(sorted(trained), 100)
        later = [[lead for lead in leads if (member, index + ahead[lead]) in trained] for member, index in first]
        both = np.zeros((len(pairs.lead_hours), len(pairs.channels)))
        own = np.full_like(both, 1e-30)
        tasks = [(start, [ahead[lead] for lead in some]) for start, some in zip(first, later, strict=True)]
        found = workers.in_order(anomaly_products, tasks, (store, climate, pairs.channels), progress)
        for some, (power, products) in zip(later, found, strict=True):
            for lead, product in zip(some, products, strict=True):
                both[lead] += product
                own[lead] += power
        return cls(pairs, climate, np.clip(both / own, 0.0, 1.0).astype(np.float32))

    def read(self, start: int, lead: int) -> np.ndarray:
        """Return the damped state (1, channel, y, x)."""
        begin = int(self.pairs.store.hours[self.pairs.begin[start]])
        anomaly = self.pairs.initial(start) - self.climate.at(begin)
        state = self.climate.at(self.pairs.valid_hours(start, lead)) + self.damping[lead][:, None, None] * anomaly
        for k, name in enumerate(self.pairs.channels):
            state[k] = np.clip(state[k], channel(name).lower, channel(name).upper)
        return np.asarray(np.where(self.pairs.store.grid.mask, state, np.float32(0.0)))[None]


def anomaly_products(
    store: StateStore, climate: DailyClimate, channels: Sequence[str], start: Sample, ahead: Sequence[int]
) -> tuple[np.ndarray, list[np.ndarray]]:
    """Return the sums over cells, by area, of an anomaly's square (channel,) and of its products with later ones.

    The work of another process.

    Args:
        store: Where the states are.
        climate: What anomalies are taken from.
        channels: Variables.
        start: (member, time index).
        ahead: How many times later.
    """
    chosen = [store.channels.index(name) for name in channels]
    weights = store.grid.area * store.grid.mask

    def anomaly(member: int, index: int) -> np.ndarray:
        state = store.read(member, index)[chosen] - climate.at(int(store.hours[index]))
        return np.asarray(state, np.float64)

    member, index = start
    first = anomaly(member, index)
    power = np.einsum("cyx,yx->c", first**2, weights)
    return power, [np.einsum("cyx,yx->c", first * anomaly(member, index + steps), weights) for steps in ahead]


@dataclass(frozen=True, eq=False)
class OtherYears:
    """Real states of the same day in other, training, member-years: the floor of what a forecast without skill gets.

    Its members are real, so its spectra and distributions are those of the truth but for the year.

    Attributes:
        pairs: Starts and leads.
        store: Where the states are.
        limit: Most member-years used.
        without: Member-years of a store other than the reference that hold the truth as well.
    """

    pairs: Pairs
    store: StateStore
    limit: int = 6
    without: frozenset[MemberYear] = frozenset()
    name: str = "other years"

    @cached_property
    def _years(self) -> dict[MemberYear, np.ndarray]:
        trained = training_samples(self.store) if has_split(self.store, "train") else []
        return by_member_year(self.store, trained)

    @property
    def draws(self) -> Draws:
        """Member-years for each start, at most ``limit``; the truth's own years are none of them."""
        return Draws.independent(len(self._chosen[0]))

    def notes(self) -> list[str]:
        """Return a note where there are few member-years, or none."""
        count = self.draws.count
        if not count:
            return [
                "No floor of other years: no training member-year but the verified ones holds states of that season."
            ]
        few = f"The floor of other years is made of {count} member-year(s) only: it says little."
        return [few] if count < LEAST_YEARS else []

    @cached_property
    def _chosen(self) -> list[list[tuple[int, int]]]:
        others = [self._others(start) for start in range(len(self.pairs.begin))]
        count = min(self.limit, *(len(keys) for keys in others))
        return [[keys[k] for k in np.linspace(0, len(keys) - 1, count).round().astype(int)] for keys in others]

    def read(self, start: int, lead: int) -> np.ndarray:
        """Return the states nearest to the day and hour (member, channel, y, x)."""
        year = mean_year_hours(self.store.calendar)
        hour = season_hour(np.array(self.pairs.valid_hours(start, lead)), self.pairs.store.calendar)
        chosen = [self.store.channels.index(name) for name in self.pairs.channels]
        states = []
        for member, which in self._chosen[start]:
            times = self._years[member, which]
            off = np.abs(season_hour(self.store.hours[times], self.store.calendar) - hour)
            nearest = times[int(np.argmin(np.minimum(off, year - off)))]
            states.append(self.store.read(member, int(nearest))[chosen])
        return np.stack(states)

    def _others(self, start: int) -> list[MemberYear]:
        """Return the training (member, year) pairs of the season, without those that the forecast runs through."""
        own = set(self.without)
        known = self.pairs.known[start]
        if self.store.fingerprint == self.pairs.store.fingerprint:
            held, member = self.pairs.index[start][known], int(self.pairs.member[start])
            own = {(member, int(y)) for y in self.store.years()[[self.pairs.begin[start], *held]]}
        hours = self.pairs.store.hours[self.pairs.begin[start]] + self.pairs.lead_hours[known]
        left = {key: times for key, times in self._years.items() if key not in own}
        return [key for key, times in left.items() if in_season(self.store, times, hours, self.pairs)]
