"""Some rows of an ocean grid: the cells of their columns, made when asked for, not kept for the whole grid."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from halocline.data.grids.grid import Grid


class Cells(Protocol):
    """What work on columns needs to know of their cells; a Grid and some Rows of it are that."""

    @property
    def wet(self) -> np.ndarray:
        """True where the cell is wet (level, y, x)."""

    @property
    def depth(self) -> np.ndarray:
        """Depth of the cell centres (level, y, x), m."""

    @property
    def thickness(self) -> np.ndarray:
        """Thickness of the cells (level, y, x), m; 0 where dry."""

    @property
    def interface_depth(self) -> np.ndarray:
        """Depth of the interface below each level but the last (level - 1, y, x), m."""


@dataclass(frozen=True)
class Rows:
    """The cells of some rows of a grid (level, row, x), to the bit those of the grid.

    Attributes:
        grid: The grid.
        rows: Which of its rows.
    """

    grid: Grid
    rows: slice

    @property
    def wet(self) -> np.ndarray:
        """True where the cell is wet."""
        return self.grid.wet[:, self.rows]

    @property
    def depth(self) -> np.ndarray:
        """Depth of the cell centres, m."""
        return self.grid.depth[:, self.rows]

    @property
    def thickness(self) -> np.ndarray:
        """Thickness of the cells, m; 0 where dry."""
        values = self.grid.columns.thickness
        return np.where(self.wet, values[:, None, None] if values.ndim == 1 else values[:, self.rows], 0.0)

    @property
    def interface_depth(self) -> np.ndarray:
        """Depth of the interface below each level but the last, m: the thickness above it."""
        return np.cumsum(self.thickness, axis=0)[:-1]
