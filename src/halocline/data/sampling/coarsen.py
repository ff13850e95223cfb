"""Coarse graining by whole blocks of cells: area-weighted, with coasts, bounds and vectors kept right."""

import functools

import numpy as np


def coarsen(fields: np.ndarray, area: np.ndarray, mask: np.ndarray, level: int) -> tuple[np.ndarray, np.ndarray]:
    """Return block means and the mask of the blocks.

    mean = sum(area * field) / sum(area) over level x level cells. A block counts only if all its cells do, so that
    no coast is smeared. The mean is kept within its block's least and largest value: where a whole block lies
    at a bound, so does its mean, bit by bit. Components along the grid's axes are averaged as they are, for these axes
    are the same throughout a block.

    Args:
        fields: (channel, y, x); y and x multiples of ``level``.
        area: Cell areas (y, x), any unit.
        mask: Cells that count (y, x), or those of each channel (channel, y, x).
        level: Cells a side.

    Returns:
        Means (channel, y / level, x / level) float32, 0 where the mask is False; and that mask.
    """
    if level == 1:
        return np.where(mask, fields, 0).astype(np.float32), mask
    cells = [(row, column) for row in range(level) for column in range(level)]
    values = [fields[..., row::level, column::level].astype(np.float64) for row, column in cells]
    weights = [area[row::level, column::level].astype(np.float64) for row, column in cells]
    whole = np.logical_and.reduce([mask[..., row::level, column::level] for row, column in cells])
    mean = sum(value * weight for value, weight in zip(values, weights, strict=True)) / sum(weights)
    mean = np.clip(mean, functools.reduce(np.minimum, values), functools.reduce(np.maximum, values))
    return np.where(whole, mean, 0.0).astype(np.float32), whole
