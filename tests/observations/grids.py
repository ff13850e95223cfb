"""Grids for tests of observations."""

from dataclasses import replace

import numpy as np

from halocline.data.grids.projected import projected_grid
from halocline.data.grids.projection import Plane


def polar_grid(n=24, step=100e3, crs="EPSG:3413"):
    """A plane around a pole, ocean but for a corner of land."""
    axis = (np.arange(n) - (n - 1) / 2) * step
    mask = np.ones((n, n), bool)
    mask[:4, :6] = False
    return projected_grid("polar", Plane.of(crs), axis, axis, mask)


def without_projection(grid):
    """The same cells, as a curvilinear grid knows them."""
    ny, nx = grid.shape
    return replace(grid, projection={}, x=np.arange(nx, dtype=float), y=np.arange(ny, dtype=float))
