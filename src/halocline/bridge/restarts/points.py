"""Velocities from the centres of cells to corners (B grid) and faces (C grid): the way back of ``_staggered``."""

import numpy as np

from halocline.data.grids.topology import Topology


def to_points(
    values: np.ndarray, ice: np.ndarray, ocean: np.ndarray, axes: tuple[int, ...], sides: Topology
) -> np.ndarray:
    """Return a component half a cell further along axes; value k lies on the far side of cell k.

    It is the mean of the cells around the point that hold ice; 0 beside land, beyond the last cell, and without ice.

    Args:
        values: At the centres (y, x).
        ice: Cells with ice (y, x).
        ocean: Ocean cells (y, x).
        axes: Along which it moves: (0, 1) to the north-east corner, (1,) to the east, (0,) to the north face.
        sides: How the sides of the grid meet.
    """
    total, count, open_ = np.where(ice, values, 0.0), ice.astype(float), ocean.copy()
    for axis in axes:
        wrap = (sides.y, sides.x)[axis] == "periodic"
        total, count = total + _next(total, axis, wrap), count + _next(count, axis, wrap)
        open_ = open_ & _next(open_, axis, wrap)
    return np.where(open_ & (count > 0), total / np.maximum(count, 1.0), 0.0)


def moving(ice: np.ndarray, ocean: np.ndarray, axes: tuple[int, ...], sides: Topology) -> np.ndarray:
    """Return where (y, x) a point can move: between ocean cells of which one holds ice."""
    return to_points(np.ones(ice.shape), ice, ocean, axes, sides) > 0


def _next(values: np.ndarray, axis: int, wrap: bool) -> np.ndarray:
    moved = np.roll(values, -1, axis)
    if not wrap:
        moved[(slice(None),) * axis + (-1,)] = 0
    return moved
