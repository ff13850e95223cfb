"""Water masses: boxes of true latitude and depth."""

from dataclasses import dataclass

import numpy as np

from halocline.data.grids.grid import Grid

HEAT_CAPACITY = 3991.86795711963
"""Heat capacity of sea water for potential temperature, J kg-1 K-1 (TEOS-10's constant, which NEMO uses)."""


@dataclass(frozen=True)
class Box:
    """A set of cells by true latitude and true depth.

        inside = shallowest < depth < deepest  and  |lat| < latitude

    Attributes:
        name: For tables.
        shallowest: Upper limit, m.
        deepest: Lower limit, m.
        latitude: Largest absolute latitude, degrees.
        complement: Whether the box is everything outside instead.
    """

    name: str
    shallowest: float
    deepest: float
    latitude: float
    complement: bool = False

    def cells(self, grid: Grid) -> np.ndarray:
        """Return True on the wet cells of the box (level, y, x).

        Raises:
            InputError: If the latitude is unknown.
        """
        depth = (grid.depth > self.shallowest) & (grid.depth < self.deepest)
        inside = depth & (np.abs(grid.known_latitude()) < self.latitude)
        return (inside != self.complement) & grid.wet


# The documented definition of Meunier et al. 2025. Their table script reads row numbers as latitude and 1500 m as the
# limit; these boxes use latitude and the documented 3000 m.
DEEP_WATER = Box("deep water", 500.0, 3000.0, 30.0)
BOTTOM_WATER = Box("bottom water", -1.0, 3000.0, 30.0, complement=True)
