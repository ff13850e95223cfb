"""How far the states of a set differ from each other, over how far the data's do: level means, and cells."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid_layout import GridLayout
from halocline.evaluate.engine.family import Label, Summarised
from halocline.evaluate.ocean.families import OCEAN_SCORES
from halocline.evaluate.ocean.families.base import OceanSets
from halocline.evaluate.ocean.levels import Levels, level_means
from halocline.evaluate.ocean.states import OceanSet

_WORDS = {"levels": "spread of level means", "cells": "spread of cells"}

_NEVER = 1e-4
"""A level mean whose standard deviation is below this share of its cells' is held constant by the model: left out."""


@dataclass(frozen=True, eq=False)
class SpreadScores:
    """Ratios of standard deviations over the samples, first set over second; 1 is right, below 1 too alike.

    - level means: sd over the samples of the volume-weighted mean of each level; ratio by level, and its mean over
      levels;
    - cells: root of the mean over a level's cells (by volume) of the variance over the samples; ratio by level, its
      mean over levels, and once over all cells of the basin together.

    Variances are taken around the mean of the very set, and are not corrected for its size: with N states both are
    smaller by 1 / (2 N).

    Attributes:
        layout: Channels and cells.
        levels: Its levels.
        varies: Whether the level mean of each number varies in the data (number,).
        centre: Mean level means (number,) and mean cells (cell,) of the data, subtracted for rounding.
        weights: Share of each cell in its level (number, cell); of the levels in their variable (number,).
    """

    layout: GridLayout
    levels: Levels
    varies: np.ndarray
    centre: tuple[np.ndarray, np.ndarray]
    weights: tuple[np.ndarray, np.ndarray]

    @classmethod
    def around(cls, real: OceanSet) -> "SpreadScores":
        """Build the family with the means of ``real`` states as centre."""
        layout, levels = real.layout, Levels.of(real.layout)
        means, cells = real.level_means, real.values[:, layout.wet]
        rows = _rows(layout, levels)
        volume = np.array([*levels.volume, *levels.volume, *([1.0] if "zos" in layout.fields else [])])
        for name in levels.present:
            volume[levels.of_variable(name)] /= volume[levels.of_variable(name)].sum()
        of_cells = np.sqrt(rows @ cells.var(axis=0, dtype=np.float64))
        varies = means.std(axis=0) > _NEVER * of_cells
        centre = (means.mean(axis=0), cells.mean(axis=0, dtype=np.float64).astype(np.float32))
        return cls(layout, levels, varies, centre, (rows, volume))

    @property
    def labels(self) -> tuple[Label, ...]:
        """Level means, then cells; of each variable the mean over levels, the whole basin (cells only), each level."""
        found = []
        for what, numbers in self._numbers():
            for name, places in numbers.items():
                parts = [("mean", "mean over levels")] if len(places) > 1 else []
                if what == "cells":
                    parts.append(("all", "all cells"))
                if what == "levels" or len(places) > 1:
                    first, names = self.levels.of_variable(name)[0], self.levels.names
                    parts += [(f"level_{k - first:02d}" if names[k] else "surface", names[k]) for k in places]
                found += [Label(f"spread_{what}_{id}", _WORDS[what], name, "1", "one", band) for id, band in parts]
        return tuple(found)

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return centred level means and cells, and their squares (sample, 2 * (number + cell))."""
        return self.of(level_means(states, self.layout), states)

    def of(self, means: np.ndarray, states: np.ndarray) -> np.ndarray:
        """Return the summary of states whose level means (sample, number) are known."""
        centred = (means - self.centre[0]).astype(np.float32)
        both = np.concatenate([centred, states[:, self.layout.wet] - self.centre[1]], axis=1)
        return np.concatenate([both, both**2], axis=1)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the ratios (replicate, score)."""
        found = []
        variances = [self._variances(part) for part in (a, b)]
        volume = self.weights[1]
        for k, (what, numbers) in enumerate(self._numbers()):
            first, second = variances[0][k], variances[1][k]
            for places in numbers.values():
                ratios = _ratio(first[:, places], second[:, places])
                if len(places) > 1:
                    found.append(ratios.mean(axis=1, keepdims=True))
                if what == "cells":
                    found.append(_ratio(first[:, places] @ volume[places], second[:, places] @ volume[places])[:, None])
                if what == "levels" or len(places) > 1:
                    found.append(ratios)
        return np.concatenate(found, axis=1)

    def _variances(self, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return variances of level means and of cells, averaged over each level, (replicate, number) each."""
        first, second = np.split(mean.astype(np.float64), 2, axis=1)
        variance = np.clip(second - first**2, 0.0, None)
        n = len(self.varies)
        return variance[:, :n], variance[:, n:] @ self.weights[0].T

    def _numbers(self) -> list[tuple[str, dict[str, np.ndarray]]]:
        """Return for level means and for cells the places of the numbers that count, by variable."""
        everything = {name: self.levels.of_variable(name) for name in self.levels.present}
        varying = {name: places[self.varies[places]] for name, places in everything.items()}
        return [("levels", {name: p for name, p in varying.items() if len(p)}), ("cells", everything)]


def _rows(layout: GridLayout, levels: Levels) -> np.ndarray:
    """Return each wet cell's share of its level's volume (number, cell)."""
    wet = layout.wet
    channel = np.broadcast_to(np.arange(len(wet))[:, None, None], wet.shape)[wet]
    rows = np.where(channel == levels.channels[:, None], layout.volume[wet], 0.0)
    return np.asarray(rows / rows.sum(axis=1, keepdims=True))


def _ratio(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    tiny = np.finfo(np.float64).tiny
    return np.asarray(np.sqrt(first / np.maximum(second, tiny)))


@OCEAN_SCORES.register("spread")
def spread(sets: OceanSets) -> list[Summarised]:
    """Return the ratios of spreads."""
    family = SpreadScores.around(sets.truth)
    return [Summarised(family, *(family.of(part.level_means, part.values) for part in (sets.mine, sets.truth)))]
