"""The 100-km grid on which weather is made, and bilinear interpolation from it to any model grid."""

import numpy as np

from halocline.worlds.arctic.domain import WIDTH

CELLS = 64
SPACING = WIDTH / CELLS  # m


def centres() -> np.ndarray:
    """Return the positions of the weather cells along one axis (64,), m."""
    return (np.arange(CELLS) + 0.5) * SPACING - WIDTH / 2


def interpolation(targets: np.ndarray) -> np.ndarray:
    """Return the matrix (targets, 64) of linear interpolation in one direction, extrapolating constantly."""
    position = np.clip((targets - centres()[0]) / SPACING, 0.0, CELLS - 1.0)
    left = np.minimum(position.astype(int), CELLS - 2)
    share = position - left
    matrix = np.zeros((targets.size, CELLS))
    rows = np.arange(targets.size)
    matrix[rows, left] = 1.0 - share
    matrix[rows, left + 1] += share
    return matrix


def gaussian(x: np.ndarray, y: np.ndarray, x0: float, y0: float, radius: float) -> np.ndarray:
    """Return exp(-r^2 / 2 R^2) around (x0, y0) on the projection plane."""
    return np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / (2.0 * radius**2))
