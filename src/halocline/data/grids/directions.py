"""Where the axes of a grid lead on the Earth, by the positions of its cells alone."""

import numpy as np

from halocline.data.grids.cell_areas import unit_vectors


def north_from_y(lat: np.ndarray, lon: np.ndarray, x: np.ndarray | None = None) -> np.ndarray:
    """Return by how much north is turned from the y axis, as ``Projection.turn``, for grids without a projection.

    The y axis is taken at a right angle to x.

    Args:
        lat: Latitudes of the centres (y, x), degrees north.
        lon: Longitudes of the centres (y, x), degrees east.
        x: Coordinate (x,): the axis points where it increases; along the columns if None.

    Returns:
        Angles at the centres (y, x), radians.
    """
    forward = 1.0 if x is None or x[-1] >= x[0] else -1.0
    along_x = np.gradient(unit_vectors(lat, lon), axis=1) * forward
    lat, lon = np.deg2rad(lat), np.deg2rad(lon)
    east = np.stack([-np.sin(lon), np.cos(lon), np.zeros_like(lon)], axis=-1)
    north = np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)], axis=-1)
    # x at the angle a from east, counter-clockwise, has north at -a from y.
    return -np.arctan2((along_x * north).sum(axis=-1), (along_x * east).sum(axis=-1))


def hand_of(lat: np.ndarray, lon: np.ndarray, x: np.ndarray, y: np.ndarray) -> int:
    """Return 1 if y lies left of x seen from above, as on any map; -1 if right of it.

    The axes point to where ``x`` and ``y`` increase, whatever the order of rows and columns.

    Args:
        lat: Latitudes of the centres (y, x), degrees north.
        lon: Longitudes of the centres (y, x), degrees east.
        x: Coordinate (x,).
        y: Coordinate (y,).
    """
    place = unit_vectors(lat, lon)
    along_x, along_y = np.diff(place, axis=1)[:-1], np.diff(place, axis=0)[:, :-1]
    upward = (np.cross(along_x, along_y) * place[:-1, :-1]).sum(axis=-1)
    order = np.sign(x[-1] - x[0]) * np.sign(y[-1] - y[0])
    return 1 if np.median(np.sign(upward)) * order >= 0 else -1
