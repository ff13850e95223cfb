"""Errors at the surface: maps of mean and standard deviation, and zonal means, of temperature, salinity and height."""

from dataclasses import dataclass, replace

import numpy as np

from halocline.data.fields.variables import variable
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import GridLayout
from halocline.evaluate.engine.family import Label
from halocline.evaluate.ice.families.maps import MapScores
from halocline.evaluate.ocean.families import OCEAN_SCORES
from halocline.evaluate.ocean.families.base import OceanSets


def surface(states: np.ndarray, layout: GridLayout) -> np.ndarray:
    """Return the uppermost level of each field (sample, field, y, x) of states (sample, channel, y, x)."""
    return np.take(states, list(layout.fields.surfaces.values()), axis=1)


@dataclass(frozen=True, eq=False)
class SurfaceScores:
    """RMSE of the maps of mean and standard deviation, weighted by area, and of the mean along rows of the grid.

    Rows of DINO's Mercator grid are circles of latitude: there the mean along a row is the zonal mean.

    Attributes:
        layout: Channels and cells.
        maps: Errors of the maps.
    """

    layout: GridLayout
    maps: MapScores

    @classmethod
    def around(cls, grid: Grid, layout: GridLayout, real: np.ndarray) -> "SurfaceScores":
        """Build the family with the mean of ``real`` states (sample, channel, y, x) as centre."""
        return cls(layout, MapScores.around(grid, layout.fields.names, surface(real, layout)))

    @property
    def labels(self) -> tuple[Label, ...]:
        """Mean maps, standard-deviation maps, zonal means; each of all variables."""
        names = self.layout.fields.names
        maps = [replace(label, id=f"surface_{label.id}", band="surface") for label in self.maps.labels]
        zonal = [
            Label("surface_zonal", "zonal-mean error", name, variable(name).unit, "lower", "surface") for name in names
        ]
        return (*maps, *zonal)

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return surface fields and their squares (sample, 2 * field * cell)."""
        return self.maps.summary(surface(states, self.layout))

    def scores(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return the errors (replicate, 3 * field)."""
        mask, area = self.maps.grid.mask, self.maps.grid.area
        rows = np.where(mask, area, 0.0)
        row_of_cell = np.nonzero(mask)[0]
        along = (np.arange(len(mask))[:, None] == row_of_cell) * area[mask]
        total = rows.sum(axis=1)
        wet = total > 0
        mean = along[wet] / total[wet, None]
        difference = (self.maps.maps(a)[0] - self.maps.maps(b)[0]).astype(np.float64) @ mean.T
        zonal = np.sqrt(difference**2 @ (total[wet] / total.sum()))
        return np.concatenate([self.maps.scores(a, b), zonal], axis=1)


@OCEAN_SCORES.register("surface")
def surface_scores(sets: OceanSets) -> list[SurfaceScores]:
    """Return the errors at the surface."""
    return [SurfaceScores.around(sets.reference.grid, sets.layout, sets.real)]
