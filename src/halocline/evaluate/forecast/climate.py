"""The mean state of each day of the year, from the training years of a store."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from halocline.data.fields.calendar import mean_year_hours, season_hour
from halocline.data.store.splits import Sample, samples_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.samples import thinned
from halocline.evaluate.engine.workers import HERE, Workers

_BINS = 73
_LIMIT = 1500


@dataclass(frozen=True, eq=False)
class DailyClimate:
    """Means of training states in bins of five days, linear in time between the bins.

    A mean of states that obey bounds obeys them too, so does a straight line between two; a fit of harmonics would
    not.

    Attributes:
        mask: True on ocean (y, x).
        hours: Mean time in the season of each bin that holds states (bin,), increasing, hours.
        means: Mean state of it on ocean cells (bin, channel, cell).
        calendar: Calendar of the times; the season is stretched to a year of mean length.
    """

    mask: np.ndarray
    hours: np.ndarray
    means: np.ndarray
    calendar: str

    @classmethod
    def of(
        cls,
        store: StateStore,
        channels: tuple[str, ...],
        progress: Callable[[float], None] = lambda done: None,
        samples: Sequence[Sample] | None = None,
        workers: Workers = HERE,
    ) -> "DailyClimate":
        """Read at most 1500 states of a store, evenly spaced, and average them by day of the year.

        Args:
            store: The store.
            channels: Variables, in order.
            progress: Called with the share done.
            samples: Which states; the training ones if None.
            workers: Who reads them.
        """
        pairs = thinned(samples_of(store, "train") if samples is None else samples, _LIMIT)
        year, season = mean_year_hours(store.calendar), season_hour(store.hours, store.calendar)
        binned: dict[int, list[Sample]] = {}
        for member, index in pairs:
            binned.setdefault(int(season[index] * _BINS // year), []).append((member, index))
        tasks = [(binned[place],) for place in sorted(binned)]
        chosen = [store.channels.index(name) for name in channels]
        found = workers.in_order(bin_mean, tasks, (store, chosen, season), progress)
        means, hours = (np.stack(each) for each in zip(*found, strict=True))
        return cls(store.grid.mask, hours, means, store.calendar)

    def at(self, hours: int) -> np.ndarray:
        """Return the mean state (channel, y, x) at a time in hours since 2000-01-01, land = 0."""
        year, hour = mean_year_hours(self.calendar), float(season_hour(np.array(hours), self.calendar))
        after = int(np.searchsorted(self.hours, hour, side="right"))
        left, right = (after - 1) % len(self.hours), after % len(self.hours)
        gap = (self.hours[right] - self.hours[left]) % year
        share = 0.0 if gap == 0 else ((hour - self.hours[left]) % year) / gap
        state = np.zeros((self.means.shape[1], *self.mask.shape), np.float32)
        state[:, self.mask] = (1.0 - share) * self.means[left] + share * self.means[right]
        return state


def bin_mean(
    store: StateStore, chosen: Sequence[int], season: np.ndarray, samples: Sequence[Sample]
) -> tuple[np.ndarray, float]:
    """Return the mean state (channel, cell) float32 of samples, and their mean time in the season, hours.

    The work of another process.

    Args:
        store: Where they are.
        chosen: Channels wanted.
        season: Time in the season of each time of the store (time,), hours.
        samples: (member, time index) of at least one.
    """
    total: np.ndarray = np.zeros((len(chosen), int(store.grid.mask.sum())), np.float64)
    for member, index in samples:
        total += store.read(member, index)[list(chosen)][:, store.grid.mask]
    hours = sum(float(season[index]) for _, index in samples)
    return (total / len(samples)).astype(np.float32), hours / len(samples)
