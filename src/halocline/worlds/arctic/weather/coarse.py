"""The 100-km grid on which weather is made, and bilinear interpolation from it to any model grid."""

import numpy as np

from halocline.worlds.arctic.domain import WIDTH

CELLS = 64
SPACING = WIDTH / CELLS  # m


def centres() -> np.ndarray:
    """Return the positions of the weather cells along one axis (64,), m."""
    return (np.arange(CELLS) + 0.5) * SPACING - WIDTH / 2


class Interpolation:
    """Bilinear interpolation from the weather grid to a square of target lines; beyond the edge the edge's value.

    Written with gathers, not as a matrix product: BLAS threads would spin beside the other members' processes.

    Args:
        targets: Positions of the target lines along either axis (n,), m.
    """

    def __init__(self, targets: np.ndarray) -> None:
        position = np.clip((targets - centres()[0]) / SPACING, 0.0, CELLS - 1.0)
        self._left = np.minimum(position.astype(int), CELLS - 2)
        self._share = position - self._left

    def __call__(self, field: np.ndarray) -> np.ndarray:
        """Return ``field`` (64, 64) on the targets (n, n)."""
        left, share = self._left, self._share
        rows = field[left] + share[:, None] * (field[left + 1] - field[left])
        start = rows[:, left]
        out: np.ndarray = start + share * (rows[:, left + 1] - start)
        return out


def gaussian(x: np.ndarray, y: np.ndarray, x0: float, y0: float, radius: float) -> np.ndarray:
    """Return exp(-r^2 / 2 R^2) around (x0, y0) on the projection plane."""
    return np.exp(-((x - x0) ** 2 + (y - y0) ** 2) / (2.0 * radius**2))
