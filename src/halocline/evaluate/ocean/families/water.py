"""Water masses of sets of ocean states: deep and bottom water, the surface, the tropics at 500 m."""

from dataclasses import dataclass

import numpy as np

from halocline.data.fields.variables import variable
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import GridLayout
from halocline.evaluate.engine.family import Label
from halocline.evaluate.ocean.families import OCEAN_SCORES
from halocline.evaluate.ocean.families.base import OceanSets
from halocline.physics.means import box_means
from halocline.physics.water_masses import BOTTOM_WATER, DEEP_WATER

MASSES = {
    "deep": "deep water",
    "bottom": "bottom water",
    "surface": "surface",
    "tropics_500m": "500 m, 30S-30N",
}
"""Id of each water mass: its name in words."""

TROPICS = 30.0
"""Latitude of the tropical mean at 500 m, degrees."""

_DEPTH = 500.0


def boxes(grid: Grid) -> dict[str, np.ndarray]:
    """Return the volume weights (level, y, x), m3, of the water masses that hold any water, by id.

    Deep and bottom water by true latitude and depth (physics/water_masses.py), the surface level, and the level nearest
    500 m between 30S and 30N.
    """
    volume = grid.volume
    depth = np.where(grid.wet, grid.depth, np.nan)
    wet = grid.wet.any(axis=(1, 2))
    level = np.flatnonzero(wet)[np.argmin(np.abs(np.nanmean(depth[wet], axis=(1, 2)) - _DEPTH))]
    levels = np.arange(grid.levels)[:, None, None]
    found = {
        "deep": np.where(DEEP_WATER.cells(grid), volume, 0.0),
        "bottom": np.where(BOTTOM_WATER.cells(grid), volume, 0.0),
        "surface": np.where(levels == 0, volume, 0.0),
        "tropics_500m": np.where((levels == level) & (np.abs(grid.known_latitude()) < TROPICS), volume, 0.0),
    }
    return {name: weights for name, weights in found.items() if weights.sum() > 0}


@dataclass(frozen=True, eq=False)
class WaterMassScores:
    """Mean temperature and salinity of each water mass, and how far they are off in the data's standard deviations.

        offset = |mean over the first set - mean over the second| / sd over the real states

    Attributes:
        layout: Channels and cells.
        names: Ids of the water masses.
        weights: (mass, level, y, x), each sums to 1.
        centre: Subtracted for rounding (number,).
        sd: Standard deviation over the real states (number,); of a number that never varies, infinite.
    """

    layout: GridLayout
    names: tuple[str, ...]
    weights: np.ndarray
    centre: np.ndarray
    sd: np.ndarray

    @classmethod
    def around(cls, layout: GridLayout, real: np.ndarray) -> "WaterMassScores":
        """Build the family with the spread of ``real`` states (sample, channel, y, x)."""
        found = boxes(layout.grid)
        weights = np.stack([weight / weight.sum() for weight in found.values()])
        numbers = _means(layout, weights, real)
        sd = numbers.std(axis=0)
        never = sd < 1e-9 * np.maximum(1.0, np.abs(numbers).max(axis=0))
        return cls(layout, tuple(found), weights, numbers.mean(axis=0), np.where(never, np.inf, sd))

    @property
    def labels(self) -> tuple[Label, ...]:
        """All means, then all offsets: temperature and salinity of each mass."""
        numbers = [(name, mass) for name in ("thetao", "so") for mass in self.names]
        means = [
            Label(f"water_mass_{mass}", "water mass", n, variable(n).unit, "reference", MASSES[mass], signed=True)
            for n, mass in numbers
        ]
        offsets = [
            Label(f"water_offset_{mass}", "water-mass offset", n, "sd", "lower", MASSES[mass]) for n, mass in numbers
        ]
        return (*means, *offsets)

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return the centred means of each state (sample, number)."""
        return _means(self.layout, self.weights, states) - self.centre

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return means and offsets (replicate, 2 * number)."""
        return np.concatenate([a + self.centre, np.abs(a - b) / self.sd], axis=1)


def _means(layout: GridLayout, weights: np.ndarray, states: np.ndarray) -> np.ndarray:
    return np.concatenate([box_means(field, weights) for field in layout.select(states, "thetao", "so")], axis=1)


@OCEAN_SCORES.register("water")
def water(sets: OceanSets) -> list[WaterMassScores]:
    """Return the scores of the water masses that hold any water."""
    return [WaterMassScores.around(sets.layout, sets.real)]
