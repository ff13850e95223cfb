"""Water masses: means in boxes of true latitude and depth, heat and salt of columns and of the basin."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.physics.means import box_means

HEAT_CAPACITY = 3991.86795711963
"""Heat capacity of sea water for potential temperature, J kg-1 K-1 (TEOS-10's constant, which NEMO uses)."""


@dataclass(frozen=True)
class Box:
    """A set of cells by true latitude and true depth.

        inside = shallowest < depth < deepest  and  |lat| < latitude

    Attributes:
        name: For tables.
        shallowest: Upper limit, m.
        deepest: Lower limit, m.
        latitude: Largest absolute latitude, degrees.
        complement: Whether the box is everything outside instead.
    """

    name: str
    shallowest: float
    deepest: float
    latitude: float
    complement: bool = False

    def cells(self, grid: Grid) -> np.ndarray:
        """Return True on the wet cells of the box (level, y, x).

        Raises:
            InputError: If the latitude is unknown.
        """
        depth = (grid.depth > self.shallowest) & (grid.depth < self.deepest)
        inside = depth & (np.abs(grid.known_latitude()) < self.latitude)
        return (inside != self.complement) & grid.wet


# The documented definition of Meunier et al. 2025. Their table script reads row numbers as latitude and 1500 m as the
# limit; these boxes use latitude and the documented 3000 m.
DEEP_WATER = Box("deep water", 500.0, 3000.0, 30.0)
BOTTOM_WATER = Box("bottom water", -1.0, 3000.0, 30.0, complement=True)


def box_mean(field: np.ndarray, grid: Grid, box: Box) -> np.ndarray:
    """Return the volume-weighted mean of ``field`` (..., level, y, x) in a box (...), same unit; NaN if it is empty."""
    weight = np.where(box.cells(grid), grid.volume, 0.0)
    total = weight.sum()
    if total == 0:
        return np.full(field.shape[:-3], np.nan)
    return box_means(np.where(weight > 0, field, 0.0), weight[None] / total)[..., 0]


def column_heat(thetao: np.ndarray, grid: Grid, rho0: float) -> np.ndarray:
    """Return the heat content of columns relative to 0 degC (..., y, x), J m-2: rho0 c_p sum_k T_k h_k."""
    return rho0 * HEAT_CAPACITY * _column_sum(thetao, grid)


def column_salt(so: np.ndarray, grid: Grid, rho0: float) -> np.ndarray:
    """Return the salt of columns (..., y, x), kg m-2: rho0 sum_k S_k h_k / 1000."""
    return rho0 * 1e-3 * _column_sum(so, grid)


def basin_total(columns: np.ndarray, grid: Grid) -> np.ndarray:
    """Return the area integral (...) of column contents (..., y, x): J of heat, kg of salt."""
    return np.asarray((columns * grid.known_area()).sum(axis=(-2, -1)))


def _column_sum(field: np.ndarray, grid: Grid) -> np.ndarray:
    return np.asarray((np.where(grid.wet, field, 0.0) * grid.thickness).sum(axis=-3, dtype=np.float64))
