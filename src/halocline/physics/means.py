"""Means over cells by what a cell counts: over levels, over boxes, over the basin."""

import numpy as np


def plane_sums(field: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return sums over y and x (...) of a field (..., y, x) times weights; where a weight is 0 the field may be NaN."""
    return np.asarray((np.where(weights > 0, field, 0.0) * weights).sum(axis=(-2, -1)))


def level_means(field: np.ndarray, volume: np.ndarray) -> np.ndarray:
    """Return the volume-weighted mean of each level.

        <x>_k = sum_ij V_kij x_kij / sum_ij V_kij

    Args:
        field: (..., level, y, x), any unit; dry cells anything.
        volume: Volume of the cells (level, y, x), m3; 0 where dry. Thickness may differ from cell to cell.

    Returns:
        (..., level), unit of the field; 0 for a level without a wet cell.
    """
    total = volume.sum(axis=(-2, -1))
    return plane_sums(field, volume) / np.where(total > 0, total, 1.0)


def box_means(field: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Return weighted means over boxes.

    Args:
        field: (..., level, y, x), any unit; finite everywhere.
        weights: Of the cells in each box (box, level, y, x); each box's sum to 1.

    Returns:
        (..., box), unit of the field.
    """
    flat = weights.reshape(len(weights), -1).T
    return np.asarray(field.reshape(*field.shape[:-3], -1).astype(np.float64) @ flat)
