"""Errors of the climatological mean and standard-deviation maps."""

from dataclasses import dataclass

import numpy as np

from halocline.data.fields.variables import variable
from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.family import Label
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets


@dataclass(frozen=True, eq=False)
class MapScores:
    """RMSE by area between two sets' maps of the mean and of the standard deviation per cell, for each variable.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        centre: Subtracted from the fields (channel, cell) before squares are taken; for rounding only.
    """

    grid: Grid
    channels: tuple[str, ...]
    centre: np.ndarray

    @classmethod
    def around(cls, grid: Grid, channels: tuple[str, ...], real: np.ndarray) -> "MapScores":
        """Build the family with the mean map of ``real`` states (sample, channel, y, x) as centre."""
        return cls(grid, channels, real[..., grid.mask].mean(axis=0, dtype=np.float64).astype(np.float32))

    @property
    def labels(self) -> tuple[Label, ...]:
        """Two scores per variable: all of the mean maps, then all of the standard deviations."""
        return tuple(
            Label(f"map_{id}", f"{what} map error", name, variable(name).unit, "lower")
            for id, what in (("mean", "mean"), ("sd", "standard-deviation"))
            for name in self.channels
        )

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return fields and their squares on ocean cells (sample, 2 * channel * cell)."""
        fields = states[..., self.grid.mask] - self.centre
        return np.concatenate([fields, fields**2], axis=1).reshape(len(states), -1)

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the errors (replicate, 2 * channel)."""
        area = self.grid.area[self.grid.mask]
        squares = [(x - y) ** 2 for x, y in zip(self.maps(a), self.maps(b), strict=True)]
        return np.concatenate([np.sqrt(each @ (area / area.sum()).astype(each.dtype)) for each in squares], axis=1)

    def maps(self, mean: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return centred mean and standard-deviation maps, each (replicate, channel, cell), of mean summaries."""
        first, second = mean.reshape(len(mean), 2, *self.centre.shape).swapaxes(0, 1)
        return first, np.sqrt(np.clip(second - first**2, 0.0, None))


@ICE_SCORES.register("maps")
def maps(sets: IceSets) -> list[MapScores]:
    """Return the errors of maps around the real states' mean."""
    return [MapScores.around(sets.grid, sets.channels, sets.real)]
