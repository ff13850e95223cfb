"""How far apart two oceans are: volume-weighted, above 1000 m and below, and what of a difference is slow."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.physics.means import level_means

UPPER = 1000.0
"""Depth that parts the ocean in two, m: wind, season and restoring rule above it, slow mixing below."""

EVEN_SO = 0.125
"""Salinity that counts as much as a kelvin, psu: the ratio of the drifts that a reference may have."""


@dataclass(frozen=True, eq=False)
class Metric:
    """Norms of differences of states (variable, level, y, x): temperature (K), then salinity (psu); dry cells anything.

    Attributes:
        grid: The cells.
        scales: Size of a difference that matters (variable, level), K and psu: the standard deviation of the level.
    """

    grid: Grid
    scales: np.ndarray

    @cached_property
    def upper(self) -> np.ndarray:
        """Levels whose centres lie above UPPER (level,)."""
        depth = np.where(self.grid.wet, self.grid.depth, 0.0).max(axis=(1, 2))
        return np.asarray(depth < UPPER)

    @cached_property
    def level_volume(self) -> np.ndarray:
        """Volume of the levels (level,), m3."""
        return np.asarray(self.grid.volume.sum(axis=(1, 2)))

    @cached_property
    def weight(self) -> np.ndarray:
        """What the square of a difference counts (variable, level, y, x): its share of the volume, over scale^2."""
        share = self.grid.volume / self.grid.volume.sum()
        return np.asarray(share / self.scales[:, :, None, None] ** 2)

    def rms(self, difference: np.ndarray) -> dict[str, float]:
        """Return the volume-weighted root mean squares of a difference (variable, level, y, x).

        Returns:
            ``thetao``, ``thetao_upper`` (K), ``so``, ``so_upper`` (psu); ``_upper`` is above 1000 m.
        """
        squares = level_means(np.where(self.grid.wet, difference, 0.0) ** 2, self.grid.volume)
        return self._over_levels(squares)

    def rms_levels(self, difference: np.ndarray) -> dict[str, float]:
        """Return the same of differences of level means (variable, level)."""
        return self._over_levels(difference**2)

    def _over_levels(self, squares: np.ndarray) -> dict[str, float]:
        out = {}
        for name, row in zip(("thetao", "so"), squares, strict=True):
            for part, chosen in (("", np.ones_like(self.upper)), ("_upper", self.upper)):
                weight = self.level_volume * chosen
                out[name + part] = float(np.sqrt((row * weight).sum() / weight.sum()))
        return out

    def slow(self, difference: np.ndarray) -> np.ndarray:
        """Return the zonal means of a difference, scaled so that their Euclidean norm weighs each cubic metre alike.

        Waves that travel along the channel come and go in years without the mean ocean changing; in zonal means they
        all but vanish.

        Args:
            difference: (variable, level, y, x).

        Returns:
            Vector of variable * level * y numbers without unit.
        """
        return np.concatenate([self.zonal(d / s[:, None, None]) for d, s in zip(difference, self.scales, strict=True)])

    def zonal(self, difference: np.ndarray) -> np.ndarray:
        """Return the same of one variable (level, y, x), without a scale: level * y numbers in its unit."""
        volume = self.grid.volume
        row = volume.sum(axis=-1)
        mean = (np.where(self.grid.wet, difference, 0.0) * volume).sum(axis=-1) / np.where(row > 0, row, 1.0)
        return np.asarray(mean * np.sqrt(row / volume.sum())).ravel()


def even_metric(grid: Grid) -> Metric:
    """Return norms that count a kelvin alike at all depths, and EVEN_SO psu as much as a kelvin.

    In units of the levels' own standard deviations the deep ocean's salinity, which hardly varies, hides the mode that
    is slowest in temperature.
    """
    return Metric(grid, np.ones((2, grid.wet.shape[0])) * np.array([1.0, EVEN_SO])[:, None])
