"""Which way round a grid's axes lie on the Earth."""

import numpy as np

from halocline.data.grids.grid import Grid


def handedness(grid: Grid) -> int:
    """Return 1 if y lies left of x seen from above, as on any map; -1 if right of it.

    The axes point to where the coordinates ``x`` and ``y`` increase, whatever the order of rows and columns.

    Args:
        grid: Latitudes and longitudes (y, x) say where its axes lead.
    """
    place = _places(grid)
    along_x, along_y = np.diff(place, axis=1)[:-1], np.diff(place, axis=0)[:, :-1]
    upward = (np.cross(along_x, along_y) * place[:-1, :-1]).sum(axis=-1)
    order = np.sign(grid.x[-1] - grid.x[0]) * np.sign(grid.y[-1] - grid.y[0])
    return 1 if np.median(np.sign(upward)) * order >= 0 else -1


def turn_of(grid: Grid) -> np.ndarray:
    """Return by how much north is turned from the y axis, as ``Projection.turn``, from latitudes and longitudes alone.

    For grids without a projection, e.g. curvilinear ones; the y axis is taken at a right angle to x.

    Returns:
        Angles at the centres (y, x), radians.
    """
    lat, lon = np.deg2rad(grid.lat), np.deg2rad(grid.lon)
    along_x = np.gradient(_places(grid), axis=1) * np.sign(grid.x[-1] - grid.x[0])
    east = np.stack([-np.sin(lon), np.cos(lon), np.zeros_like(lon)], axis=-1)
    north = np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)], axis=-1)
    # x at the angle a from east, counter-clockwise, has north at -a from y.
    return -np.arctan2((along_x * north).sum(axis=-1), (along_x * east).sum(axis=-1))


def _places(grid: Grid) -> np.ndarray:
    """Return the cells' centres on the unit sphere (y, x, 3)."""
    lat, lon = np.deg2rad(grid.lat), np.deg2rad(grid.lon)
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)
