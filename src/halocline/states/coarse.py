"""Coarse graining by whole blocks of cells: area-weighted, with coasts, bounds and vectors kept right."""

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
        mask: Cells that count (y, x).
        level: Cells a side.

    Returns:
        Means (channel, y / level, x / level) float32, 0 where the mask is False; and that mask.
    """
    if level == 1:
        return np.where(mask, fields, 0).astype(np.float32), mask
    blocks = _blocks(fields.astype(np.float64), level)
    weight = _blocks(area.astype(np.float64), level)
    whole = np.asarray(_blocks(mask, level).all(axis=(-3, -1)))
    mean = (blocks * weight).sum(axis=(-3, -1)) / weight.sum(axis=(-3, -1))
    mean = np.clip(mean, blocks.min(axis=(-3, -1)), blocks.max(axis=(-3, -1)))
    return np.where(whole, mean, 0.0).astype(np.float32), whole


def _blocks(field: np.ndarray, level: int) -> np.ndarray:
    """Return (..., y / level, level, x / level, level)."""
    ny, nx = field.shape[-2:]
    return field.reshape(*field.shape[:-2], ny // level, level, nx // level, level)
