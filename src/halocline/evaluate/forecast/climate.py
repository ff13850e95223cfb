"""The mean state of each day of the year, from the training years of a store."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.samples import thinned

_BINS = 73
_LIMIT = 1500


@dataclass(frozen=True, eq=False)
class DailyClimate:
    """Means of training states in bins of five days, linear in time between the bins.

    A mean of states that obey bounds obeys them too, so does a straight line between two; a fit of harmonics would
    not.

    Attributes:
        mask: True on ocean (y, x).
        hours: Mean time in the year of each bin that holds states (bin,), increasing, hours.
        means: Mean state of it on ocean cells (bin, channel, cell).
        hours_per_year: Length of the year.
    """

    mask: np.ndarray
    hours: np.ndarray
    means: np.ndarray
    hours_per_year: int

    @classmethod
    def of(
        cls, store: StateStore, channels: tuple[str, ...], progress: Callable[[float], None] = lambda done: None
    ) -> "DailyClimate":
        """Read at most 1500 training states of a store, evenly spaced, and average them by day of the year."""
        pairs = thinned(samples_of(store, "train"), _LIMIT)
        chosen = [store.channels.index(name) for name in channels]
        total = np.zeros((_BINS, len(channels), int(store.grid.mask.sum())), np.float64)
        count, time = np.zeros(_BINS), np.zeros(_BINS)
        for k, (member, index) in enumerate(pairs):
            hour = int(store.hours[index]) % store.hours_per_year
            place = hour * _BINS // store.hours_per_year
            total[place] += store.read(member, index)[chosen][:, store.grid.mask]
            count[place] += 1
            time[place] += hour
            progress((k + 1) / len(pairs))
        full = count > 0
        means = (total[full] / count[full, None, None]).astype(np.float32)
        return cls(store.grid.mask, time[full] / count[full], means, store.hours_per_year)

    def at(self, hours: int) -> np.ndarray:
        """Return the mean state (channel, y, x) at a time in hours since 2000-01-01, land = 0."""
        hour = hours % self.hours_per_year
        after = int(np.searchsorted(self.hours, hour, side="right"))
        left, right = (after - 1) % len(self.hours), after % len(self.hours)
        gap = (self.hours[right] - self.hours[left]) % self.hours_per_year
        share = 0.0 if gap == 0 else ((hour - self.hours[left]) % self.hours_per_year) / gap
        state = np.zeros((self.means.shape[1], *self.mask.shape), np.float32)
        state[:, self.mask] = (1.0 - share) * self.means[left] + share * self.means[right]
        return state
