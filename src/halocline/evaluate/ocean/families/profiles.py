"""Errors of the profile of level means: of the mean profile, and of the distribution of level means."""

from dataclasses import dataclass

import numpy as np

from halocline.data.fields.variables import variable
from halocline.data.grids.grid_layout import GridLayout
from halocline.evaluate.engine.family import Label, Summarised
from halocline.evaluate.engine.wasserstein import bin_edges, shares, wasserstein
from halocline.evaluate.ocean.families import OCEAN_SCORES
from halocline.evaluate.ocean.families.base import OceanSets
from halocline.evaluate.ocean.levels import Levels, level_means
from halocline.evaluate.ocean.states import OceanSet

_BINS = 600


@dataclass(frozen=True, eq=False)
class ProfileScores:
    """Two distances between the level means of two sets, each of thetao and of so.

    - profile error: root mean square over the levels, by volume, of the difference of the mean profiles;
    - profile distance (W1): the Wasserstein-1 distance between the distributions of level means over all levels and
      states, levels weighted by thickness (in the form of miniveros' score of stratification).

    Attributes:
        layout: Channels and cells.
        levels: Its levels.
        thickness: Share of each level in the depth (level,).
        centre: Subtracted from level means for rounding (number,).
        edges: Bins (variable, bin + 1).
    """

    layout: GridLayout
    levels: Levels
    thickness: np.ndarray
    centre: np.ndarray
    edges: np.ndarray

    @classmethod
    def over(cls, real: OceanSet, other: OceanSet) -> "ProfileScores":
        """Build the family with bins that hold the level means of both sets of states."""
        layout, levels, grid = real.layout, Levels.of(real.layout), real.layout.grid
        wet = grid.wet.any(axis=(1, 2))
        thickness = grid.volume[wet].sum(axis=(1, 2)) / (grid.wet[wet] * grid.known_area()).sum(axis=(1, 2))
        a, b = real.level_means, other.level_means
        places = [levels.of_variable(name) for name in ("thetao", "so")]
        edges = [bin_edges(a[:, where], b[:, where], _BINS) for where in places]
        return cls(layout, levels, thickness / thickness.sum(), a.mean(axis=0), np.array(edges))

    @property
    def labels(self) -> tuple[Label, ...]:
        """Profile errors of both variables, then distances."""
        return tuple(
            Label(id, what, name, variable(name).unit, "lower")
            for id, what in (("profile_error", "profile error"), ("profile_w1", "profile distance (W1)"))
            for name in ("thetao", "so")
        )

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return centred level means and the thickness in each bin (sample, number + 2 * bin)."""
        return self.of(level_means(states, self.layout))

    def of(self, means: np.ndarray) -> np.ndarray:
        """Return the summary of states whose level means (sample, number) are known."""
        binned = [
            shares(means[:, self.levels.of_variable(name)], edges, self.thickness)
            for name, edges in zip(("thetao", "so"), self.edges, strict=True)
        ]
        return np.concatenate([means - self.centre, *binned], axis=1)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return errors and distances (replicate, 4)."""
        n, bins = len(self.centre), self.edges.shape[1] - 1
        volume = self.levels.volume / self.levels.volume.sum()
        square = (a - b)[:, :n] ** 2
        errors = [np.sqrt(square[:, self.levels.of_variable(name)] @ volume) for name in ("thetao", "so")]
        distances = []
        for k, edges in enumerate(self.edges):
            part = slice(n + k * bins, n + (k + 1) * bins)
            distances.append(wasserstein(a[:, part], b[:, part], edges))
        return np.stack([*errors, *distances], axis=1)


@OCEAN_SCORES.register("profiles")
def profiles(sets: OceanSets) -> list[Summarised]:
    """Return the distances between profiles of level means."""
    family = ProfileScores.over(sets.truth, sets.mine)
    return [Summarised(family, family.of(sets.mine.level_means), family.of(sets.truth.level_means))]
