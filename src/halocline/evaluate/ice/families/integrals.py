"""Extent, area, volume, marginal ice zone and mean deformation: their means and their distributions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.family import Label
from halocline.evaluate.engine.wasserstein import bin_edges, shares, wasserstein
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets
from halocline.physics import sea_ice
from halocline.physics.deformation import strain_rates
from halocline.physics.quads import quad_mask, quad_mean, quad_spacing

INTEGRALS = {
    "ice_extent": ("ice extent", "m2"),
    "ice_area": ("ice area", "m2"),
    "miz_area": ("marginal ice zone area", "m2"),
    "miz_width": ("marginal ice zone width", "m"),
    "ice_volume": ("ice volume", "m3"),
    "deformation_mean": ("mean total deformation", "s-1"),
}
"""Id of each number that sums up an ice cover: its name in words, and its unit."""

_BINS = 400


def integrals(states: np.ndarray, grid: Grid, channels: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the numbers that sum up an ice cover, for those variables that are there.

    Args:
        states: (sample, channel, y, x), physical units, land = 0.
        grid: The grid.
        channels: Variables, in order.

    Returns:
        (sample,) arrays by id, see ``INTEGRALS``: ice extent, area, volume, area and width of the
        marginal ice zone, mean total deformation (by area over ice-covered quads).
    """
    fields = {name: states[:, k] for k, name in enumerate(channels)}
    area, mask = grid.area, grid.mask
    found: dict[str, np.ndarray] = {}
    if "sic" in fields:
        sic = fields["sic"]
        found["ice_extent"] = sea_ice.extent(sic, area, mask)
        found["ice_area"] = sea_ice.ice_area(sic, area, mask)
        found["miz_area"] = sea_ice.miz_area(sic, area, mask)
        found["miz_width"] = sea_ice.miz_width(sic, area, mask)
    if "sit" in fields:
        found["ice_volume"] = sea_ice.volume(fields["sit"], area, mask)
    if {"sic", "siu", "siv"} <= set(fields):
        total, weights = deformation(states, grid, channels)
        share = weights.sum(axis=-1)
        found["deformation_mean"] = np.divide(
            (total * weights).sum(axis=-1), share, out=np.zeros_like(share), where=share > 0
        )
    return found


def deformation(states: np.ndarray, grid: Grid, channels: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """Return total deformation on quads of ocean cells, and the area of those quads that are covered by ice.

    A quad counts where all four centres have a concentration above 0.15: beyond the edge there is no drift.

    Returns:
        Total deformation (sample, quad), s-1, and weights (sample, quad), m2, 0 without ice.
    """
    wet = quad_mask(grid.mask)
    sic, siu, siv = (states[:, list(channels).index(name)] for name in ("sic", "siu", "siv"))
    total = strain_rates(siu, siv, quad_spacing(grid.area)).total[:, wet]
    ice = quad_mask(sic > sea_ice.ICE_EDGE)[:, wet]
    return total, ice * quad_mean(grid.area)[wet]


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
    def over(cls, grid: Grid, channels: tuple[str, ...], real: np.ndarray, other: np.ndarray) -> "IntegralScores":
        """Build the family with bins that hold the integrals of both sets of states."""
        a, b = integrals(real, grid, channels), integrals(other, grid, channels)
        edges = [bin_edges(a[name], b[name], _BINS) for name in a]
        return cls(grid, channels, tuple(a), np.array(edges).reshape(len(a), -1))

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
        found = integrals(states, self.grid, self.channels)
        values = np.stack([found[name] for name in self.names], axis=1)
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
def integral_scores(sets: IceSets) -> list[IntegralScores]:
    """Return the scores of the numbers that the variables allow."""
    return [IntegralScores.over(sets.grid, sets.channels, sets.real, sets.generated)]
