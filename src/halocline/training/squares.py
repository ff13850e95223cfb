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
        weight: How often a cell shall be seen (y, x), 0 or more; None for all squares alike.
    """

    mask: np.ndarray
    side: int
    factor: int
    rim: int = 0
    weight: np.ndarray | None = None

    @property
    def shape(self) -> tuple[int, int]:
        """Cells (y, x) of a square; no more than the field has."""
        ny, nx = self.mask.shape
        return (min(self.side, ny), min(self.side, nx)) if self.side else (ny, nx)

    def corners(self, rng: np.random.Generator, count: int) -> np.ndarray:
        """Return corners (count, 2) drawn from those that are allowed, evenly or by the sums of the weights."""
        if self.weight is None:
            return self._allowed[rng.integers(len(self._allowed), size=count)]
        return self._allowed[np.searchsorted(self._shares, rng.random(count), side="right")]

    @cached_property
    def _allowed(self) -> np.ndarray:
        ny, nx = self.shape
        ocean = self._sums(self.mask)
        least = min(LEAST_OCEAN * ny * nx, ocean.max())
        return np.argwhere(ocean >= least) * self.factor

    @cached_property
    def _shares(self) -> np.ndarray:
        """Sums of the shares of the corners up to each but the last."""
        assert self.weight is not None
        sums = self._sums(self.weight)[tuple(self._allowed.T // self.factor)]
        return np.cumsum(sums / sums.sum())[:-1]

    def _sums(self, cells: np.ndarray) -> np.ndarray:
        """Return the sum of cells (y, x) over the square of each corner."""
        ny, nx = self.shape
        total = np.pad(cells, ((1, 0), (1, 0))).cumsum(axis=0, dtype=np.float64).cumsum(axis=1)
        sums = total[ny:, nx:] - total[:-ny, nx:] - total[ny:, :-nx] + total[:-ny, :-nx]
        return np.maximum(sums[:: self.factor, :: self.factor], 0.0)


def cut(fields: Tensor, corner: Tensor, shape: tuple[int, int]) -> Tensor:
    """Return squares (square, ..., y, x) of fields (square, ..., y, x), each from its own corner (square, 2)."""
    if tuple(fields.shape[-2:]) == shape:
        return fields
    places = zip(fields, corner.tolist(), strict=True)
    return torch.stack([field[..., y : y + shape[0], x : x + shape[1]] for field, (y, x) in places])
