"""Extent, area, volume, marginal ice zone and deformation of a forecast beside those of the truth."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.family import Label
from halocline.evaluate.forecast.families import FORECAST_SCORES
from halocline.evaluate.forecast.families.base import Ensembles
from halocline.evaluate.forecast.family import Moment
from halocline.evaluate.ice.cover import INTEGRALS, IceCover


@dataclass(frozen=True, eq=False)
class CoverScores:
    """For each number that sums up an ice cover: its value, the truth's, bias, and error of the members' mean.

    Numbers are taken of each member and then averaged: the marginal ice zone of a mean state would be too wide.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
        names: Ids of the numbers.
    """

    grid: Grid
    channels: tuple[str, ...]
    names: tuple[str, ...]

    @classmethod
    def of(cls, grid: Grid, channels: tuple[str, ...]) -> "CoverScores":
        """Build the family with all the numbers that the variables allow."""
        nothing = np.zeros((1, len(channels), *grid.shape), np.float32)
        return cls(grid, channels, tuple(IceCover(nothing, grid, channels).integrals))

    @property
    def labels(self) -> tuple[Label, ...]:
        """By score, then number."""
        known = [(id, *INTEGRALS[id]) for id in self.names]
        return (
            *(Label(id, name, "all", unit, "reference") for id, name, unit in known),
            *(Label(f"{id}_bias", f"{name}, bias", "all", unit, "zero", signed=True) for id, name, unit in known),
            *(Label(f"{id}_rmse", f"{name}, RMSE", "all", unit, "lower") for id, name, unit in known),
        )

    def summary(self, ensemble: np.ndarray, truth: np.ndarray, moment: Moment) -> np.ndarray:
        """Return values, truths and squared errors (3 * number,)."""
        mine, real = (
            [column.mean() for column in IceCover(states, self.grid, self.channels).integrals.values()]
            for states in (ensemble, truth[None])
        )
        return np.concatenate([mine, real, (np.array(mine) - real) ** 2])

    def scores(self, mean: np.ndarray) -> np.ndarray:
        """Return values, biases and errors (replicate, 3 * number)."""
        value, real, squares = np.split(mean, 3, axis=1)
        return np.concatenate([value, value - real, np.sqrt(squares)], axis=1)

    def truths(self, mean: np.ndarray) -> np.ndarray:
        """Return the scores that the truth itself gets (replicate, 3 * number)."""
        real = np.split(mean, 3, axis=1)[1]
        return np.concatenate([real, np.zeros_like(real), np.zeros_like(real)], axis=1)


@FORECAST_SCORES.register("cover")
def cover(ensembles: Ensembles) -> list[CoverScores]:
    """Return the scores of the numbers that the variables allow."""
    family = CoverScores.of(ensembles.grid, ensembles.channels)
    return [family] if family.labels else []
