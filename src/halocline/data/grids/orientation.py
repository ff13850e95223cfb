"""Which way round a grid's axes lie on the Earth."""

import numpy as np

from halocline.data.grids.cell_areas import unit_vectors
from halocline.data.grids.directions import hand_of, north_from_y
from halocline.data.grids.grid import Grid
from halocline.data.grids.projection import EARTH_RADIUS


def handedness(grid: Grid) -> int:
    """Return 1 if y lies left of x seen from above, as on any map; -1 if right of it; see ``hand_of``."""
    return hand_of(grid.lat, grid.lon, grid.x, grid.y)


def turn_of(grid: Grid) -> np.ndarray:
    """Return by how much north is turned from the y axis (y, x), radians; see ``north_from_y``."""
    return north_from_y(grid.lat, grid.lon, grid.x)


def offset_km(one: Grid, other: Grid) -> float:
    """Return the largest distance between cells (y, x) of two grids of one shape, km; chords, NaN left out."""
    difference = unit_vectors(one.lat, one.lon) - unit_vectors(other.lat, other.lon)
    return float(np.nanmax(np.linalg.norm(difference, axis=-1))) * EARTH_RADIUS / 1e3
