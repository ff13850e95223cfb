"""Which way round a grid's axes lie on the Earth."""

import numpy as np

from halocline.data.grids.directions import hand_of, north_from_y
from halocline.data.grids.grid import Grid


def handedness(grid: Grid) -> int:
    """Return 1 if y lies left of x seen from above, as on any map; -1 if right of it; see ``hand_of``."""
    return hand_of(grid.lat, grid.lon, grid.x, grid.y)


def turn_of(grid: Grid) -> np.ndarray:
    """Return by how much north is turned from the y axis (y, x), radians; see ``north_from_y``."""
    return north_from_y(grid.lat, grid.lon, grid.x)
