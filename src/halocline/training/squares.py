"""Squares cut from fields, for networks that see no farther than their convolutions."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from halocline.data.sampling.patches import LEAST_OCEAN


@dataclass(frozen=True, eq=False)
class Squares:
    """Squares of cells with a tenth of ocean at least; or the whole field.

    Attributes:
        mask: Ocean (y, x), 1 or 0.
        side: Cells a side; 0 for the whole field.
        factor: What corners are multiples of: cells a side of a latent's cell, or of the network's coarsest one.
        rim: Cells at a side inside the field that see too little for their loss to count, where that matters.
    """

    mask: np.ndarray
    side: int
    factor: int
    rim: int = 0

    @property
    def shape(self) -> tuple[int, int]:
        """Cells (y, x) of a square; no more than the field has."""
        ny, nx = self.mask.shape
        return (min(self.side, ny), min(self.side, nx)) if self.side else (ny, nx)

    def corners(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Return corners (count, 2) drawn evenly from those that are allowed."""
        return self._allowed[rng.integers(len(self._allowed), size=count)]

    @cached_property
    def _allowed(self) -> np.ndarray:
        ny, nx = self.shape
        total = np.pad(self.mask, ((1, 0), (1, 0))).cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
        ocean = total[ny:, nx:] - total[:-ny, nx:] - total[ny:, :-nx] + total[:-ny, :-nx]
        ocean = ocean[:: self.factor, :: self.factor]
        least = min(LEAST_OCEAN * ny * nx, ocean.max())
        return np.argwhere(ocean >= least) * self.factor


def cut(fields: Tensor, corner: Tensor, shape: tuple[int, int]) -> Tensor:
    """Return squares (square, ..., y, x) of fields (square, ..., y, x), each from its own corner (square, 2)."""
    if tuple(fields.shape[-2:]) == shape:
        return fields
    places = zip(fields, corner.tolist(), strict=True)
    return torch.stack([field[..., y : y + shape[0], x : x + shape[1]] for field, (y, x) in places])
