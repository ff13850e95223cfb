"""Extent, area, volume and marginal ice zone of a long run, month by month, beside the truth's and the climate's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from halocline.data.fields.calendar import mean_year_hours
from halocline.data.grids.grid import Grid
from halocline.data.store.splits import SPLITS, Sample, has_split, samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.samples import thinned
from halocline.evaluate.engine.workers import HERE, Workers, pieces
from halocline.evaluate.forecast.file import Forecast
from halocline.evaluate.forecast.months import MONTHS, by_month
from halocline.evaluate.forecast.pairs import Pairs
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.families.spectra import SpectrumScores

_TIMES = 1500
_SHOWN = ("ice_extent", "ice_area", "ice_volume", "miz_area")
_SAMPLE_HOURS = 30 * 24
Series = tuple[np.ndarray, np.ndarray]
"""Hours (time,), and numbers (time, ...)."""
Covered = tuple[int, np.ndarray, np.ndarray]
"""Valid time in hours, and numbers of the run (member, number) and of the truth (number,), NaN if there is none."""


@dataclass(frozen=True, eq=False)
class LongRun:
    """Monthly means of a long run.

    A month is a twelfth of its year. Months with less than half of the usual number of states are NaN.

    Attributes:
        names: Ids of the numbers.
        start: Number of the start of each row (year,).
        year: Calendar year of each row, from 2000 = 0 (year,).
        forecast: (year, member, month, number).
        truth: (year, month, number); NaN where the reference has no states.
        climate: Monthly means of the member-years of the climate store (member-year, month, number).
        powers: Power of small scales by year of the run, one state a month: means of forecast and truth (2, number).
    """

    names: tuple[str, ...]
    start: np.ndarray
    year: np.ndarray
    forecast: np.ndarray
    truth: np.ndarray
    climate: np.ndarray
    powers: Mapping[int, np.ndarray] = field(default_factory=dict)


def read_long_run(
    forecast: Forecast,
    pairs: Pairs,
    climate: StateStore,
    spectra: SpectrumScores,
    progress: Callable[[float], None] = lambda done: None,
    workers: Workers = HERE,
) -> LongRun:
    """Read a long run, its truth and the climate, at no more than 1500 times each, as monthly means.

    Args:
        forecast: The run.
        pairs: Its truth.
        climate: Store whose member-years, of all splits, give the band of the climate.
        spectra: Scores of the small scales.
        progress: Called with the share done.
        workers: Who reads.
    """
    channels = tuple(name for name in ("sic", "sit") if name in pairs.channels)
    names = _names(pairs.store.grid, channels)
    runs, powers = _runs(forecast, pairs, channels, spectra, lambda done: progress(0.8 * done), workers)
    others = _climate(climate, channels, lambda done: progress(0.8 + 0.2 * done), workers)
    calendar = pairs.store.calendar
    means = [by_month(hours, mine, calendar) for (hours, mine), _ in runs]
    truths = [by_month(hours, truth, calendar)[1] for _, (hours, truth) in runs]
    return LongRun(
        names=names,
        start=np.repeat(np.arange(len(means)), [len(years) for years, _ in means]),
        year=np.concatenate([years for years, _ in means]),
        forecast=np.concatenate([values.swapaxes(1, 2) for _, values in means]),
        truth=np.concatenate(truths),
        climate=np.concatenate([by_month(hours, numbers, climate.calendar)[1] for hours, numbers in others]),
        powers=powers,
    )


@dataclass(frozen=True, eq=False)
class RunReader:
    """Reads a long run and its truth.

    Attributes:
        forecast: The run.
        pairs: Its truth.
        channels: Variables of the cover.
        spectra: Scores of the small scales.
        leads: Leads at which the cover is wanted.
        sampled: The year of the run by lead, of those at which the small scales are wanted.
    """

    forecast: Forecast
    pairs: Pairs
    channels: tuple[str, ...]
    spectra: SpectrumScores
    leads: frozenset[int]
    sampled: Mapping[int, int]

    def cover(self, start: int, lead: int, states: np.ndarray, truth: np.ndarray | None) -> Covered:
        """Return the valid time, and the numbers of the run (member, number) and of the truth (number,)."""
        grid = self.pairs.store.grid
        mine = _cover(states, grid, self.channels)
        nothing = np.full(mine.shape[1], np.nan)
        true = nothing if truth is None else _cover(truth, grid, self.channels)[0]
        return self.pairs.valid_hours(start, lead), mine, true


def run_pieces(
    reader: RunReader, start: int, leads: Sequence[int]
) -> tuple[list[Covered], list[tuple[int, list[np.ndarray]]]]:
    """Return the covers of some leads of a start, and year and power of their small scales; another process's work.

    Args:
        reader: What is read.
        start: Number of the start.
        leads: Numbers of the leads.
    """
    pairs, channels = reader.pairs, reader.channels
    own = [pairs.channels.index(name) for name in channels]
    covers: list[Covered] = []
    powers: list[tuple[int, list[np.ndarray]]] = []
    for lead in leads:
        small = lead in reader.sampled
        states = reader.forecast.read(start, lead, pairs.channels if small else channels)
        truth = pairs.truth(start, lead)[None] if pairs.known[start, lead] else None
        if lead in reader.leads:
            seen = states[:, own] if small else states
            covers.append(reader.cover(start, lead, seen, None if truth is None else truth[:, own]))
        if small and truth is not None:
            pair = [reader.spectra.summary(states[:2]).mean(axis=0), reader.spectra.summary(truth)[0]]
            powers.append((reader.sampled[lead], pair))
    return covers, powers


def _runs(
    forecast: Forecast,
    pairs: Pairs,
    channels: tuple[str, ...],
    spectra: SpectrumScores,
    progress: Callable[[float], None],
    workers: Workers,
) -> tuple[list[tuple[Series, Series]], dict[int, np.ndarray]]:
    """Return for each start the numbers of the run (time, member, number) and of the truth, and the small scales."""
    leads, sampled = _leads(forecast, spectra)
    reader = RunReader(forecast, pairs, channels, spectra, frozenset(leads), sampled)
    tasks = [(start, some) for start in range(forecast.starts) for some in pieces(sorted({*leads, *sampled}))]
    covers: list[list[Covered]] = [[] for _ in range(forecast.starts)]
    sums: dict[int, list[list[np.ndarray]]] = {}
    for (start, _), (covered, powers) in zip(
        tasks, workers.in_order(run_pieces, tasks, (reader,), progress), strict=True
    ):
        covers[start] += covered
        for year, pair in powers:
            sums.setdefault(year, []).append(pair)
    series: list[tuple[Series, Series]] = []
    for each in covers:
        hours, mine, true = (np.array(column) for column in zip(*each, strict=True))
        series.append(((hours, mine), (hours, true)))
    return series, {year: np.mean(found, axis=0) for year, found in sums.items() if len(found) >= MONTHS // 2}


def _leads(forecast: Forecast, spectra: SpectrumScores) -> tuple[set[int], dict[int, int]]:
    """Return the leads at which the cover is wanted, and the year of the run of those of the small scales."""
    hours = forecast.lead_hours
    every = range(0, len(hours), -(-len(hours) // _TIMES))
    monthly = np.searchsorted(hours, np.arange(0, hours[-1] + 1, _SAMPLE_HOURS)).tolist() if spectra.labels else []
    year = mean_year_hours(forecast.calendar)
    return set(every), {lead: int(hours[lead] // year) for lead in monthly if lead > 0}


def _climate(
    store: StateStore, channels: tuple[str, ...], progress: Callable[[float], None], workers: Workers
) -> list[Series]:
    """Return the numbers of each member (time, number)."""
    chosen = [store.channels.index(name) for name in channels]
    held = [pair for split in SPLITS if has_split(store, split) for pair in samples_of(store, split)]
    parts = [(some,) for some in pieces(thinned(sorted(held), _TIMES))]
    found: dict[int, tuple[list[int], list[np.ndarray]]] = {}
    for (some,), numbers in zip(
        parts, workers.in_order(climate_cover, parts, (store, chosen, channels), progress), strict=True
    ):
        for (member, index), values_now in zip(some, numbers, strict=True):
            hours, values = found.setdefault(member, ([], []))
            hours.append(int(store.hours[index]))
            values.append(values_now)
    return [(np.array(hours), np.stack(values)) for hours, values in found.values()]


def climate_cover(
    store: StateStore, chosen: Sequence[int], channels: tuple[str, ...], samples: Sequence[Sample]
) -> list[np.ndarray]:
    """Return the numbers (number,) of each of some states; the work of another process."""
    return [_cover(store.read(member, index)[None, list(chosen)], store.grid, channels)[0] for member, index in samples]


def _cover(states: np.ndarray, grid: Grid, channels: tuple[str, ...]) -> np.ndarray:
    """Return extent, area, marginal ice zone area and volume (sample, number) of states (sample, channel, y, x)."""
    found = IceCover(states, grid, channels).integrals
    return np.stack([found[name] for name in found if name in _SHOWN], axis=1)


def _names(grid: Grid, channels: tuple[str, ...]) -> tuple[str, ...]:
    nothing = IceCover(np.zeros((1, len(channels), *grid.shape), np.float32), grid, channels).integrals
    return tuple(name for name in nothing if name in _SHOWN)
