"""Extent, area, volume and marginal ice zone of a long run, month by month, beside the truth's and the climate's."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from halocline.data.fields.calendar import NOLEAP, twelfth_of_year, year_of
from halocline.data.grids.grid import Grid
from halocline.data.store.splits import SPLITS, has_split, samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.samples import thinned
from halocline.evaluate.forecast.file import Forecast
from halocline.evaluate.forecast.pairs import Pairs
from halocline.evaluate.ice.cover import IceCover

MONTHS = 12
_TIMES = 1500
_SHOWN = ("ice_extent", "ice_area", "ice_volume", "miz_area")


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
    """

    names: tuple[str, ...]
    start: np.ndarray
    year: np.ndarray
    forecast: np.ndarray
    truth: np.ndarray
    climate: np.ndarray


def read_long_run(
    forecast: Forecast, pairs: Pairs, climate: StateStore, progress: Callable[[float], None] = lambda done: None
) -> LongRun:
    """Read a long run, its truth and the climate, at no more than 1500 times each, as monthly means.

    Args:
        forecast: The run.
        pairs: Its truth.
        climate: Store whose member-years, of all splits, give the band of the climate.
        progress: Called with the share done.
    """
    channels = tuple(name for name in ("sic", "sit") if name in pairs.channels)
    leads = np.arange(len(forecast.lead_hours))[:: -(-len(forecast.lead_hours) // _TIMES)]
    own = [pairs.channels.index(name) for name in channels]
    rows: dict[str, list[np.ndarray]] = {"start": [], "year": [], "forecast": [], "truth": []}
    grid = pairs.store.grid
    for start in range(forecast.starts):
        values, truths, hours = [], [], []
        for k, lead in enumerate(leads):
            values.append(cover(forecast.read(start, int(lead), channels), grid, channels))
            known = bool(pairs.known[start, lead])
            truths.append(
                cover(pairs.truth(start, int(lead))[None, own], grid, channels)[0]
                if known
                else np.full(values[-1].shape[1], np.nan)
            )
            hours.append(pairs.valid_hours(start, int(lead)))
            progress(0.8 * (start + (k + 1) / len(leads)) / forecast.starts)
        years, monthly = by_month(np.array(hours), np.stack(values), pairs.store.calendar)
        rows["forecast"].append(monthly.swapaxes(1, 2))
        rows["truth"].append(by_month(np.array(hours), np.stack(truths), pairs.store.calendar)[1])
        rows["year"].append(years)
        rows["start"].append(np.full(len(years), start))
    joined = {name: np.concatenate(parts) for name, parts in rows.items()}
    nothing = IceCover(np.zeros((1, len(channels), *grid.shape), np.float32), grid, channels).integrals
    return LongRun(
        names=tuple(name for name in nothing if name in _SHOWN),
        start=joined["start"],
        year=joined["year"],
        forecast=joined["forecast"],
        truth=joined["truth"],
        climate=_climate(climate, channels, lambda done: progress(0.8 + 0.2 * done)),
    )


def cover(states: np.ndarray, grid: Grid, channels: tuple[str, ...]) -> np.ndarray:
    """Return extent, area, marginal ice zone area and volume (sample, number) of states (sample, channel, y, x)."""
    found = IceCover(states, grid, channels).integrals
    return np.stack([found[name] for name in found if name in _SHOWN], axis=1)


def by_month(hours: np.ndarray, values: np.ndarray, calendar: str = NOLEAP) -> tuple[np.ndarray, np.ndarray]:
    """Return monthly means of a series.

    Args:
        hours: Times (time,), hours since 2000-01-01.
        values: (time, ...); a NaN makes its month NaN.
        calendar: Calendar of the times.

    Returns:
        The years (year,), and means (year, month, ...), NaN for months with less than half of the usual states.
    """
    month = (year_of(hours, calendar) - 2000) * MONTHS + twelfth_of_year(hours, calendar)
    first = int(month.min()) // MONTHS
    years = int(month.max()) // MONTHS - first + 1
    place = month - first * MONTHS
    count = np.bincount(place, minlength=years * MONTHS)
    total = np.zeros((years * MONTHS, *values.shape[1:]))
    np.add.at(total, place, values)
    full = count >= max(1.0, 0.5 * count.max())
    means = np.full_like(total, np.nan)
    means[full] = total[full] / count[full].reshape(-1, *([1] * (values.ndim - 1)))
    return first + np.arange(years), means.reshape(years, MONTHS, *values.shape[1:])


def _climate(store: StateStore, channels: tuple[str, ...], progress: Callable[[float], None]) -> np.ndarray:
    chosen = [store.channels.index(name) for name in channels]
    held = [pair for split in SPLITS if has_split(store, split) for pair in samples_of(store, split)]
    pairs = thinned(sorted(held), _TIMES)
    found: dict[int, tuple[list[int], list[np.ndarray]]] = {}
    for k, (member, index) in enumerate(pairs):
        hours, values = found.setdefault(member, ([], []))
        hours.append(int(store.hours[index]))
        values.append(cover(store.read(member, index)[None, chosen], store.grid, channels)[0])
        progress((k + 1) / len(pairs))
    parts = [by_month(np.array(hours), np.stack(values), store.calendar)[1] for hours, values in found.values()]
    return np.concatenate(parts)
