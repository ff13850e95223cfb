"""Cells around a plane, so that its sides are multiples of what a network needs: zeros, or the other side's cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Padding:
    """Cells added before and after y and x; an odd one goes before, as in Meunier et al. 2025 (199 x 62 to 208 x 64).

    Along a periodic axis they are the plane's own cells, seen a second time; elsewhere they are zeros.

    Attributes:
        y: Rows (before, after).
        x: Columns (before, after).
        periodic: Axes along which the plane closes, out of ``y`` and ``x``.
    """

    y: tuple[int, int] = (0, 0)
    x: tuple[int, int] = (0, 0)
    periodic: tuple[str, ...] = ()

    @classmethod
    def to_multiple(cls, shape: tuple[int, int], multiple: int, *, periodic: Sequence[str] = ()) -> "Padding":
        """Return the least padding that makes both sides of ``shape`` (y, x) multiples of ``multiple``."""
        missing = [-n % multiple for n in shape]
        y, x = ((m - m // 2, m // 2) for m in missing)
        return cls(y, x, tuple(periodic))

    def padded(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Return the shape (y, x) after padding."""
        return shape[0] + sum(self.y), shape[1] + sum(self.x)

    def pad(self, values: np.ndarray) -> np.ndarray:
        """Return (..., y, x) with cells around it; the values themselves where there are none."""
        for axis, name, widths in ((-2, "y", self.y), (-1, "x", self.x)):
            if widths == (0, 0):
                continue
            around = [(0, 0)] * values.ndim
            around[axis] = widths
            values = np.pad(values, around, mode="wrap") if name in self.periodic else np.pad(values, around)
        return np.ascontiguousarray(values)

    def unpad(self, values: np.ndarray) -> np.ndarray:
        """Return (..., y, x) without what ``pad`` added."""
        ny, nx = values.shape[-2:]
        return values[..., self.y[0] : ny - self.y[1], self.x[0] : nx - self.x[1]]


NONE = Padding()
"""No cells around the plane."""
