"""Along which way in space the axes of a grid point at each cell."""

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.grids.orientation import handedness, turn_of
from halocline.data.grids.projection import projection_of


def along_axes(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors (y, x, 3) along x and along y, tangent to the sphere; x, y, z of space as in ``on_sphere``.

    By the projection where the grid has one, by latitudes and longitudes otherwise.
    """
    plane = projection_of(grid.projection) if grid.projection else None
    turn = turn_of(grid) if plane is None else plane.turn(grid.lat, grid.lon)
    hand = handedness(grid) if plane is None else 1
    lat, lon = np.deg2rad(grid.lat), np.deg2rad(grid.lon)
    east = np.stack([-np.sin(lon), np.cos(lon), np.zeros_like(lon)], axis=-1)
    north = np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)], axis=-1)
    cos, sin = np.cos(turn)[..., None], np.sin(turn)[..., None]
    return cos * east - sin * north, hand * (sin * east + cos * north)
