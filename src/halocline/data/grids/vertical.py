"""The levels of an ocean grid: depth, thickness, and which cells are wet on each."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.levels import surface_first_depth
from halocline.runtime.errors import InputError


@dataclass(frozen=True, eq=False)
class Vertical:
    """Horizontal levels, the surface first.

    Attributes:
        depth: Depth of the cell centres (level,), m, positive down, growing with the level.
        thickness: Thickness of the levels (level,), m.
        mask: True where the cell is wet (level, y, x); a column is wet from the surface to its bottom.
    """

    depth: np.ndarray
    thickness: np.ndarray
    mask: np.ndarray

    def __post_init__(self) -> None:
        surface_first_depth(self.depth, "down", "the vertical grid")
        levels = len(self.depth)
        if self.thickness.shape != (levels,) or self.mask.ndim != 3 or len(self.mask) != levels:
            raise InputError(
                "vertical grid",
                found=f"{levels} depths, thickness {self.thickness.shape}, mask {self.mask.shape}",
                expected="thickness (level,) and mask (level, y, x) for as many levels as depths",
                remedy="Give one depth and one thickness a level.",
            )
        if not (np.isfinite(self.thickness) & (self.thickness > 0)).all():
            raise InputError(
                "thickness of the vertical grid",
                found=f"values from {np.min(self.thickness):g} to {np.max(self.thickness):g} m",
                expected="positive thicknesses in m",
                remedy="Correct the thickness of the levels.",
            )
        hanging = int(np.count_nonzero(self.mask[1:] & ~self.mask[:-1]))
        if hanging:
            raise InputError(
                "mask of the vertical grid",
                found=f"{hanging} wet cells below a dry one",
                expected="columns that are wet from the surface to the bottom",
                remedy="Turn the levels round if the first is the bottom, or correct the mask.",
            )

    @property
    def levels(self) -> int:
        """Number of levels."""
        return len(self.depth)
