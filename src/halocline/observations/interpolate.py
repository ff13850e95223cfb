"""From which cells of a grid, and with what weights, the value at a place and depth is made."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.observations.locate import Positions


@dataclass(frozen=True, eq=False)
class Stencil:
    """Cells and weights of places (n,).

    Attributes:
        level: Level that holds the depth (n,), 0 without a depth; -1 off the grid or below the bottom.
        points: Cells (n, k), counted through (level, y, x).
        weights: Their weights (n, k), adding up to 1, or all 0 where the place has no wet cell of its own.
    """

    level: np.ndarray
    points: np.ndarray
    weights: np.ndarray


def stencil(grid: Grid, where: Positions, depth: np.ndarray, *, bilinear: bool) -> Stencil:
    """Return cells and weights.

    Args:
        grid: The grid.
        where: The places (n,).
        depth: Their depths (n,), m; NaN for the surface fields that have none.
        bilinear: Whether four cells, and two levels, are taken instead of the one that holds the place.

    Raises:
        InputError: If there is a depth and the grid has no levels.
    """
    level = _level_of(grid, where.row, where.column, depth)
    own = level >= 0
    row, column = np.where(own, where.row, 0), np.where(own, where.column, 0)
    if not bilinear:
        points = (np.where(own, level, 0) * grid.shape[0] + row) * grid.shape[1] + column
        return Stencil(level, np.where(own, points, 0)[:, None], own[:, None].astype(np.float64))
    parts = [
        part
        for rows, wy in _two(where.y, grid.shape[0], grid.topology.y, own)
        for columns, wx in _two(where.x, grid.shape[1], grid.topology.x, own)
        for part in _column(grid, rows, columns, depth, wy * wx)
    ]
    points = np.stack([p for p, _ in parts], axis=1)
    weights = np.stack([w for _, w in parts], axis=1) * own[:, None]
    total = weights.sum(axis=1, keepdims=True)
    weights = np.divide(weights, total, out=np.zeros_like(weights), where=total > 0)
    # The cell's own value where no weight fell on wet cells: only with the place at the corner of four of them.
    alone = own & (total[:, 0] <= 0)
    points[alone, 0] = (level[alone] * grid.shape[0] + row[alone]) * grid.shape[1] + column[alone]
    weights[alone, 0] = 1.0
    return Stencil(level, np.where(weights > 0, points, 0), weights)


def _two(
    position: np.ndarray, size: int, edge: str, own: np.ndarray
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Return the indices before and after a position along an axis, each with its weight (n,)."""
    position = np.where(own, position, 0.0)
    before = np.floor(position).astype(np.int64)
    share = position - before
    if edge == "periodic":
        return (before % size, 1 - share), ((before + 1) % size, share)
    return (np.clip(before, 0, size - 1), 1 - share), (np.clip(before + 1, 0, size - 1), share)


def _level_of(grid: Grid, row: np.ndarray, column: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Return the wet level (n,) that holds a depth, 0 without one; -1 off the grid, on land and below the bottom."""
    there = row >= 0
    row, column = np.where(there, row, 0), np.where(there, column, 0)
    level = np.where(there & grid.mask[row, column], 0, -1)
    deep = np.flatnonzero((level == 0) & ~np.isnan(depth))
    if deep.size:
        bottoms = np.cumsum(grid.thickness, axis=0)[:, row[deep], column[deep]]
        number = (bottoms <= depth[deep]).sum(axis=0)
        wet = number < grid.wet[:, row[deep], column[deep]].sum(axis=0)
        level[deep] = np.where(wet, number, -1)
    return level


def _column(
    grid: Grid, row: np.ndarray, column: np.ndarray, depth: np.ndarray, weight: np.ndarray
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the cells of a column around a depth, each with its weight (n,); 0 where dry."""
    ny, nx = grid.shape
    surface = row * nx + column
    if np.isnan(depth).all():
        return [(surface, weight * grid.mask[row, column])]
    centres, wet = grid.depth[:, row, column], grid.wet[:, row, column]
    above = np.maximum((centres <= depth).sum(axis=0) - 1, 0)
    below = np.minimum(above + 1, np.maximum(wet.sum(axis=0) - 1, 0))
    upper, lower = (np.take_along_axis(centres, k[None], axis=0)[0] for k in (above, below))
    gap = lower - upper
    share = np.clip(np.divide(depth - upper, gap, out=np.zeros_like(depth), where=gap > 0), 0.0, 1.0)
    share = np.where(np.isnan(depth), 0.0, share)
    above = np.where(np.isnan(depth), 0, above)
    parts = []
    for level, part in ((above, 1 - share), (below, share)):
        is_wet = np.take_along_axis(wet, level[None], axis=0)[0]
        parts.append((level * ny * nx + surface, weight * part * is_wet))
    return parts
