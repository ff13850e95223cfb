"""Extent, area, volume, marginal ice zone and mean deformation: their means and their distributions."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.family import Label, Summarised
from halocline.evaluate.engine.wasserstein import bin_edges, shares, wasserstein
from halocline.evaluate.ice.cover import INTEGRALS, IceCover
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets

_BINS = 400


@dataclass(frozen=True, eq=False)
class IntegralScores:
    """Means of the integrals (to be compared with real ones), and W1 distances between their distributions.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        names: Ids of the integrals.
        edges: Bins of each integral (integral, bin + 1).
    """

    grid: Grid
    channels: tuple[str, ...]
    names: tuple[str, ...]
    edges: np.ndarray

    @classmethod
    def over(cls, real: IceCover, other: IceCover) -> "IntegralScores":
        """Build the family with bins that hold the integrals of both sets of states."""
        edges = [bin_edges(values, other.integrals[name], _BINS) for name, values in real.integrals.items()]
        return cls(real.grid, real.channels, tuple(real.integrals), np.array(edges))

    @property
    def labels(self) -> tuple[Label, ...]:
        """All means, then all distances of distributions."""
        known = [(id, *INTEGRALS[id]) for id in self.names]
        means = [Label(id, name, "all", unit, "reference") for id, name, unit in known]
        distances = [
            Label(f"{id}_distribution", f"{name}, distribution distance", "all", unit, "lower")
            for id, name, unit in known
        ]
        return (*means, *distances)

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return the integrals and the bins they fall in (sample, integral * (1 + bin))."""
        return self.of(IceCover(states, self.grid, self.channels))

    def of(self, cover: IceCover) -> np.ndarray:
        """Return the summary of states whose integrals may be known."""
        values = np.stack([cover.integrals[name] for name in self.names], axis=1)
        one = np.ones(1)
        binned = [shares(column[:, None], edge, one) for column, edge in zip(values.T, self.edges, strict=True)]
        return np.concatenate([values, *binned], axis=1)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return means and distances (replicate, 2 * integral)."""
        n = len(self.names)
        first, second = (x[:, n:].reshape(len(x), n, -1) for x in (a, b))
        distances = [wasserstein(first[:, k], second[:, k], self.edges[k]) for k in range(n)]
        return np.concatenate([a[:, :n], np.stack(distances, axis=1)], axis=1)


@ICE_SCORES.register("integrals")
def integral_scores(sets: IceSets) -> list[Summarised]:
    """Return the scores of the numbers that the variables allow; none if they allow no number."""
    if not sets.truth.integrals:
        return []
    family = IntegralScores.over(sets.truth, sets.mine)
    return [Summarised(family, family.of(sets.mine), family.of(sets.truth))]
