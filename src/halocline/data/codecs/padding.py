"""Zeros around a plane, so that its sides are multiples of what a network needs."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Padding:
    """Cells added before and after y and x; an odd one goes before, as in Meunier et al. 2025 (199 x 62 to 208 x 64).

    Attributes:
        y: Rows (before, after).
        x: Columns (before, after).
    """

    y: tuple[int, int] = (0, 0)
    x: tuple[int, int] = (0, 0)

    @classmethod
    def to_multiple(cls, shape: tuple[int, int], multiple: int) -> "Padding":
        """Return the least padding that makes both sides of ``shape`` (y, x) multiples of ``multiple``."""
        missing = [-n % multiple for n in shape]
        y, x = ((m - m // 2, m // 2) for m in missing)
        return cls(y, x)

    def padded(self, shape: tuple[int, int]) -> tuple[int, int]:
        """Return the shape (y, x) after padding."""
        return shape[0] + sum(self.y), shape[1] + sum(self.x)

    def pad(self, values: np.ndarray) -> np.ndarray:
        """Return (..., y, x) with zeros around it."""
        widths = [(0, 0)] * (values.ndim - 2) + [self.y, self.x]
        return np.pad(values, widths)

    def unpad(self, values: np.ndarray) -> np.ndarray:
        """Return (..., y, x) without what ``pad`` added."""
        ny, nx = values.shape[-2:]
        return values[..., self.y[0] : ny - self.y[1], self.x[0] : nx - self.x[1]]
