"""Distances between the distributions of values, over all ocean cells and all states."""

from dataclasses import dataclass

import numpy as np

from halocline.data.fields.variables import channel
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import wet_of
from halocline.evaluate.engine.family import Label
from halocline.evaluate.engine.wasserstein import bin_edges, shares, wasserstein
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets

_BINS = 600


@dataclass(frozen=True, eq=False)
class HistogramScores:
    """W1 distance of the area-weighted distribution of each variable, and of total deformation where there is ice.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        names: The channels, and ``deformation`` where drift and concentration are there.
        edges: Bins of each (name, bin + 1).
    """

    grid: Grid
    channels: tuple[str, ...]
    names: tuple[str, ...]
    edges: np.ndarray

    @classmethod
    def over(cls, real: IceCover, other: IceCover) -> "HistogramScores":
        """Build the family with bins that hold the values of both sets of states."""
        names = (*real.channels, "deformation") if real.deforms else real.channels
        ends = [_ends(cover, names) for cover in (real, other)]
        edges = [bin_edges(one, two, _BINS) for one, two in zip(*ends, strict=True)]
        return cls(real.grid, real.channels, names, np.array(edges))

    @property
    def labels(self) -> tuple[Label, ...]:
        """One distance per variable."""
        units = ["s-1" if name == "deformation" else channel(name).unit for name in self.names]
        return tuple(
            Label("w1", "histogram distance (W1)", name, unit, "lower")
            for name, unit in zip(self.names, units, strict=True)
        )

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return the area shares in the bins (sample, name * bin), float32: no summary of a state is larger."""
        cover = IceCover(states, self.grid, self.channels)
        binned = (_binned(cover, name, edges) for name, edges in zip(self.names, self.edges, strict=True))
        return np.concatenate([bars.astype(np.float32) for bars in binned], axis=1)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the distances (replicate, name)."""
        first, second = self.histograms(a), self.histograms(b)
        distances = [wasserstein(first[:, k], second[:, k], edges) for k, edges in enumerate(self.edges)]
        return np.stack(distances, axis=1)

    def histograms(self, mean: np.ndarray) -> np.ndarray:
        """Return mean summaries (replicate, name * bin) as histograms (replicate, name, bin), float64 to be summed."""
        return mean.astype(np.float64).reshape(len(mean), len(self.names), -1)


def cells(cover: IceCover, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return values (sample, cell) and weights, (cell,) or (sample, cell), of states in memory: shares of the ocean."""
    grid = cover.grid
    if name == "deformation":
        values, weights = cover.deformation
        return np.where(weights > 0, values, 0.0), weights / grid.area[grid.mask].sum()
    wet = wet_of([name], grid)[0]
    return cover.values[:, cover.channels.index(name)][:, wet], grid.area[wet] / grid.area[wet].sum()


def _binned(cover: IceCover, name: str, edges: np.ndarray) -> np.ndarray:
    values, weights = cells(cover, name)
    return shares(values, edges, weights)


def _ends(cover: IceCover, names: tuple[str, ...]) -> np.ndarray:
    """Return the least and the largest value of each (name, 2)."""
    found = []
    for part in cover.batches():
        values = (cells(part, name)[0] for name in names)
        found.append([(each.min(), each.max()) for each in values])
    ends = np.array(found, np.float64)
    return np.stack([ends[..., 0].min(axis=0), ends[..., 1].max(axis=0)], axis=1)


@ICE_SCORES.register("histograms")
def histograms(sets: IceSets) -> list[HistogramScores]:
    """Return the distances between distributions of values."""
    return [HistogramScores.over(sets.truth, sets.mine)]
