"""Melting and freezing: means of what the air was above and below the freezing point over the last days.

Sums are whole numbers of 1e-4 K, so that a sum that is carried on from record to record equals one made afresh.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

FREEZING = 271.35  # K, sea water of salinity 32.5; the threshold of Finn et al. 2025
YEAR_HOURS = 8760
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

    def series(self, hours: np.ndarray, t2m: np.ndarray) -> np.ndarray:
        """Return (time, channel, cell) float32 of a whole record.

        Args:
            hours: Times of the record (time,), increasing.
            t2m: Air temperature (time, cell), K.
        """
        lead = lead_in(hours)
        every = np.concatenate([hours[lead] - YEAR_HOURS, hours])
        parts = _parts(np.concatenate([t2m[lead], t2m]))  # (part, time, cell)
        total = np.concatenate([np.zeros_like(parts[:, :1]), np.cumsum(parts, axis=1)], axis=1)
        last = np.arange(len(lead), len(every)) + 1
        columns = []
        for days in self.windows:
            first = np.searchsorted(every, hours - 24 * days, side="right")
            count = (last - first)[:, None]
            columns += [(total[part, last] - total[part, first]) * _UNIT / count for part in range(2)]
        return np.stack(columns, axis=1).astype(np.float32)

    def at(self, hours: Sequence[int], t2m: Sequence[np.ndarray], hour: int) -> np.ndarray:
        """Return (channel, ...) float32 at one hour, of records (...) within the longest window before it, in K."""
        columns = []
        for days in self.windows:
            parts = _parts(np.stack([t for h, t in zip(hours, t2m, strict=True) if hour - 24 * days < h <= hour]))
            columns += list(parts.sum(axis=1) * _UNIT / parts.shape[1])
        return np.stack(columns).astype(np.float32)


def lead_in(hours: np.ndarray) -> np.ndarray:
    """Return the positions of the records that, a year earlier, stand before the first one; none without a year."""
    inside = np.flatnonzero(hours < hours[0] + YEAR_HOURS)
    step = int(np.diff(hours[:2])[0]) if len(hours) > 1 else YEAR_HOURS
    whole = len(hours) > 1 and len(inside) * step >= YEAR_HOURS
    return inside if whole else inside[:0]


def _parts(t2m: np.ndarray) -> np.ndarray:
    """Return (part, time, ...) whole numbers: above freezing, below freezing."""
    excess = np.rint((t2m.astype(np.float64) - FREEZING) / _UNIT).astype(np.int64)
    return np.stack([np.maximum(excess, 0), np.maximum(-excess, 0)])
