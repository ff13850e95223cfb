"""Melting and freezing: means of what the air was above and below the freezing point over the last days.

Sums are whole numbers of 1e-4 K, so that a sum that is carried on from record to record equals one made afresh.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from halocline.data.fields.calendar import NOLEAP, hours_in_year, year_of

FREEZING = 271.35  # K, sea water of salinity 32.5; the threshold of Finn et al. 2025
_UNIT = 1e-4  # K


@dataclass(frozen=True)
class DegreeDays:
    """Trailing means of max(T - 271.35 K, 0) and max(271.35 K - T, 0) over windows of days, in K.

    The mean at hour h is over the records with h - 24 window < hour <= h. Before a record begins, its first year is
    repeated if it holds a whole one; otherwise the mean is over what there is.

    Source: Finn et al. 2025, arXiv 2508.14984 (30 and 366 days).

    Attributes:
        windows: Lengths in days.
    """

    windows: tuple[int, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the channels: pdd and fdd of each window."""
        return tuple(f"{kind}_{days}" for days in self.windows for kind in ("pdd", "fdd"))

    def series(self, hours: np.ndarray, t2m: np.ndarray, calendar: str = NOLEAP) -> np.ndarray:
        """Return (time, channel, cell) float32 of a whole record.

        Args:
            hours: Times of the record (time,), increasing.
            t2m: Air temperature (time, cell), K.
            calendar: Calendar of the hours.
        """
        lead, before = lead_in(hours, calendar)
        every = np.concatenate([before, hours])
        parts = summed_parts(self.excess(np.concatenate([t2m[lead], t2m])))  # (part, time, cell)
        total = np.concatenate([np.zeros_like(parts[:, :1]), np.cumsum(parts, axis=1)], axis=1)
        last = np.arange(len(lead), len(every)) + 1
        columns = []
        for days in self.windows:
            first = np.searchsorted(every, hours - 24 * days, side="right")
            count = (last - first)[:, None]
            columns += [(total[part, last] - total[part, first]) * _UNIT / count for part in range(2)]
        return np.stack(columns, axis=1).astype(np.float32)

    def stream(
        self, hours: np.ndarray, t2m: Callable[[int], np.ndarray], calendar: str = NOLEAP
    ) -> Iterator[np.ndarray]:
        """Yield ``series`` time by time, (channel, cell) float32: memory holds the sums, however long the record is.

        Args:
            hours: Times of the record (time,), increasing.
            t2m: Air temperature (cell,) in K by position in the record; each is asked for twice a window.
            calendar: Calendar of the hours.
        """
        lead, before = lead_in(hours, calendar)
        every, source = np.concatenate([before, hours]), np.concatenate([lead, np.arange(len(hours))])
        ends: dict[int, tuple[int, int]] = {}
        sums: dict[int, np.ndarray] = {}
        for n, hour in enumerate(hours):
            columns: list[np.ndarray] = []
            last = len(lead) + n + 1
            for days in self.windows:
                first = int(np.searchsorted(every, hour - 24 * days, side="right"))
                begun, ended = ends.get(days, (first, first))
                for record in range(ended, last):
                    sums[days] = sums.get(days, 0) + summed_parts(self.excess(t2m(int(source[record]))))
                for record in range(begun, first):
                    sums[days] -= summed_parts(self.excess(t2m(int(source[record]))))
                ends[days] = (first, last)
                columns.extend(self.mean(sums[days], last - first))
            yield np.stack(columns)

    def unfilled(self, hours: np.ndarray, calendar: str = NOLEAP) -> tuple[str, ...]:
        """Return the channels whose windows are longer than the whole record (time,); none of a year or more."""
        span = (hours[-1] - hours[0]) / 24 if not len(lead_in(hours, calendar)[0]) else np.inf
        return tuple(f"{kind}_{days}" for days in self.windows if days > span for kind in ("pdd", "fdd"))

    @staticmethod
    def excess(t2m: np.ndarray) -> np.ndarray:
        """Return air temperatures in K as whole numbers of 1e-4 K above freezing, int32."""
        return np.rint((t2m.astype(np.float64) - FREEZING) / _UNIT).astype(np.int32)

    @staticmethod
    def mean(total: np.ndarray, records: int) -> np.ndarray:
        """Return means (part, cell) float32 in K of sums of ``summed_parts`` over a number of records."""
        return (total * _UNIT / max(records, 1)).astype(np.float32)


def lead_in(hours: np.ndarray, calendar: str = NOLEAP) -> tuple[np.ndarray, np.ndarray]:
    """Return the positions of the first year's records, and their hours a year earlier; none without a whole year."""
    year = hours_in_year(int(year_of(hours[0], calendar)), calendar)
    inside = np.flatnonzero(hours < hours[0] + year)
    step = int(np.diff(hours[:2])[0]) if len(hours) > 1 else year
    whole = len(hours) > 1 and len(inside) * step >= year
    lead = inside if whole else inside[:0]
    return lead, hours[lead] - year


def summed_parts(excess: np.ndarray) -> np.ndarray:
    """Return (part, ...) whole numbers of an excess: above freezing, below freezing."""
    wide = excess.astype(np.int64)
    return np.stack([np.maximum(wide, 0), np.maximum(-wide, 0)])
