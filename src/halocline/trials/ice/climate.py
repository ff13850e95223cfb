"""The climate of a store of sea-ice states by date: what the training states of the same season are like."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.data.fields.season import WINDOW_DAYS, YEAR_DAYS, season_share
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.physics.sea_ice import ICE_EDGE

EVERY_HOURS = 120
"""Training states so far apart, about, are looked at: ice of consecutive days is nearly the same."""
VARIABLES = ("sit", "sic", "sid", "siu", "siv", "snt")


@dataclass(frozen=True, eq=False)
class IceClimate:
    """Training states of a store by season; those within 15 days of a date are of the same date.

    Attributes:
        store: The store.
    """

    store: StateStore

    @cached_property
    def _samples(self) -> list[tuple[int, int]]:
        step = float(np.diff(self.store.hours).min()) if len(self.store.hours) > 1 else EVERY_HOURS
        return samples_of(self.store, "train", every=max(1, round(EVERY_HOURS / step)))

    @cached_property
    def _shares(self) -> np.ndarray:
        indices = np.array([index for _, index in self._samples])
        return season_share(self.store.hours[indices], self.store.calendar)

    @cached_property
    def _ice(self) -> np.ndarray:
        place = self.store.channels.index("sic")
        return np.stack([self.store.read(*sample)[place] > ICE_EDGE for sample in self._samples])

    def _near(self, share: float) -> np.ndarray:
        """Return the training states of a date; the nearest season's if none is within the window."""
        apart = np.abs(self._shares - share % 1.0)
        days = YEAR_DAYS * np.minimum(apart, 1.0 - apart)
        return np.flatnonzero(days <= max(WINDOW_DAYS, float(days.min())))

    def samples_near(self, share: float) -> list[tuple[int, int]]:
        """Return the (member, time index) of the training states of a date, some days apart.

        Args:
            share: Share of the year that has passed.
        """
        return [self._samples[k] for k in self._near(share)]

    def mean(self, share: float) -> dict[str, np.ndarray]:
        """Return the mean of the training states of a date, (y, x) by variable, land 0.

        Args:
            share: Share of the year that has passed.
        """
        near = self._near(share)
        total = np.zeros((len(self.store.channels), *self.store.grid.shape))
        for k in near:
            total += self.store.read(*self._samples[k])
        there = [name for name in VARIABLES if name in self.store.channels]
        return {name: total[self.store.channels.index(name)] / len(near) for name in there}

    def completed(self, fields: Mapping[str, np.ndarray], share: float) -> dict[str, np.ndarray]:
        """Return fields with what they lack: snow and damage of the date's mean state on their own ice.

        Snow is the mean state's per ice-covered area times their cover, damage the mean state's; where the mean state
        has no ice, both are 0. Drift is not made up: the model finds it in the wind of the start.

        Args:
            fields: ``sit``, ``sic`` and more (y, x), land 0.
            share: Share of the year that has passed.
        """
        out = dict(fields)
        if {"snt", "sid"} <= set(out):
            return out
        mean = self.mean(share)
        cover = np.maximum(mean["sic"], 1e-3)
        if "snt" not in out and "snt" in mean:
            out["snt"] = fields["sic"] * np.where(mean["sic"] > 0.01, mean["snt"] / cover, 0.0)
        if "sid" not in out and "sid" in mean:
            out["sid"] = np.where(fields["sic"] > 0, mean["sid"], 0.0)
        return out

    def edge(self, share: float) -> np.ndarray:
        """Return the median ice cover of a date (y, x): where at least half of the training states have ice."""
        return np.asarray(self._ice[self._near(share)].mean(axis=0) >= 0.5)
