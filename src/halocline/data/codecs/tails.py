"""Atoms as tails: beyond a bound a field goes on smoothly, and a threshold undoes it exactly.

A diffusion model draws densities; sea-ice states hold atoms (SIC = 0 over open water, SIC = 1 in the pack). A field y
with a threshold that gives x back serves as well as x: a generator that is exact for y is exact for x, atoms included.
So beyond a bound we choose what is easiest to learn:

- open water: a gap, so that ice and water are told apart although a little noise is left, then a slope that deepens
  with the distance to the nearest ice;
- full cover: a tail that rises with the share of full cells among the neighbours;
- what ice carries (damage, drift): into open water the values of the nearest ice, fading with the distance. The edge
  is then one level line of the concentration, and sharp in all variables alike.
"""

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import distance_transform_edt, gaussian_filter

_NEIGHBOURHOOD = 1.2  # cells, standard deviation


@dataclass(frozen=True)
class Tails:
    """How far fields go on beyond their bounds; lengths in cells, the rest in the transformed variable's unit.

    Attributes:
        gap: Of the concentration between the least ice and open water.
        slope: Of the concentration in open water, a cell.
        depth: Largest depth of that slope.
        jump: Of a full cell (concentration, or another variable at its upper bound) above those next to it.
        rise: Of a full cell beyond the jump where all its neighbours are full.
        thin_slope: Of the thickness in open water, a cell (m).
        thin_depth: Largest depth of that slope (m).
        step: Of an atom inside the ice (undamaged) below the values next to it.
        fade: Distance over which values fade into open water.
        edge: Where in the gap a drawn concentration becomes open water, as a share of it below the bound. A generator
            leaves some cells inside the gap; what lies below a concentration of 0 is no ice, so new codecs have 0.02,
            more than rounding takes. 0.5, the middle, is that of models whose card does not tell.
    """

    gap: float = 0.3
    slope: float = 0.4
    depth: float = 1.5
    jump: float = 0.4
    rise: float = 0.7
    thin_slope: float = 0.3
    thin_depth: float = 1.5
    step: float = 0.3
    fade: float = 4.0
    edge: float = 0.5


class OpenWater:
    """Where a state has open water, how far the ice is, and which ice is nearest.

    Args:
        ice: Cells with ice (y, x).
    """

    def __init__(self, ice: np.ndarray) -> None:
        self._ice = ice
        self._nearest: np.ndarray | None = None
        self.distance = np.full(ice.shape, np.inf)
        if ice.any():
            self.distance, self._nearest = distance_transform_edt(~ice, return_indices=True)

    def tail(self, slope: float, depth: float, start: float) -> np.ndarray:
        """Return min(slope (d - start), depth) at the distance d in cells (y, x)."""
        return np.minimum(slope * (self.distance - start), depth)

    def extended(self, values: np.ndarray, fade: float) -> np.ndarray:
        """Return values (y, x) that go on into open water: those of the nearest ice times exp(-(d - 1) / fade)."""
        if self._nearest is None:
            return np.zeros_like(values)
        faded = values[tuple(self._nearest)] * np.exp(-np.maximum(self.distance - 1.0, 0.0) / fade)
        return np.where(self._ice, values, faded)


class Neighbours:
    """The ocean cells around each cell, weighted by a Gaussian of 1.2 cells.

    Args:
        mask: Ocean cells (y, x).
    """

    def __init__(self, mask: np.ndarray) -> None:
        self._mask = mask
        self._weight = np.maximum(gaussian_filter(mask.astype(np.float64), _NEIGHBOURHOOD), 1e-3)

    def share(self, at: np.ndarray) -> np.ndarray:
        """Return which share of them is ``at`` (y, x)."""
        return gaussian_filter((at & self._mask).astype(np.float64), _NEIGHBOURHOOD) / self._weight
