"""States brought to other cells: area-weighted means over ocean, coasts, levels and vectors kept right.

mean = sum(A f) / sum(A) over the ocean parts A of source cells within a target cell. Between cells that are ocean in
both, sum(A f) is the same on either side; a constant stays itself, and with it the exact bounds 0 and 1. Vectors are
averaged as arrows in space and laid along the target's axes, so that no pole or date line is a seam.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from scipy import sparse
from scipy.spatial import cKDTree

from halocline.data.fields.symmetries import vector_pairs
from halocline.data.fields.variables import channel_variable
from halocline.data.grids.grid import Grid
from halocline.data.grids.levels import Vertical
from halocline.data.grids.remap.axes import along_axes
from halocline.data.grids.remap.corners import on_sphere

Coast = Literal["fill", "land"]
HALF = 0.5 - 1e-9  # share of ocean from which a cell is ocean


class OtherCells(Protocol):
    """A change of cells."""

    @property
    def target(self) -> Grid:
        """The cells that states come to."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was done, in words."""

    def __call__(self, states: np.ndarray, channels: Sequence[str]) -> np.ndarray:
        """Return states (..., channel, y, x) float32 on the target's cells; 0 where these are dry."""


@dataclass(frozen=True, eq=False)
class Regrid:
    """Area-weighted means.

    Attributes:
        source: The cells that states come from.
        target: The cells that they come to; its ocean and its levels are those that get a value.
        shares: Area that each source cell has in each target cell (target, source), any unit; ocean cells only.
        donors: Target cell that each target cell takes its values from (target,): itself, or a near one.
        notes: What was done, in words.
    """

    source: Grid
    target: Grid
    shares: sparse.csr_matrix
    donors: np.ndarray
    notes: tuple[str, ...] = ()

    def __call__(self, states: np.ndarray, channels: Sequence[str]) -> np.ndarray:
        """Return states (..., channel, y, x) float32 on the target's cells; 0 where these are dry."""
        levels = [channel_variable(name)[1] or 0 for name in channels]
        pairs = vector_pairs(list(channels))
        scalar = [k for k in range(len(channels)) if k not in {k for pair in pairs for k in pair}]
        flat = states.reshape(-1, len(channels), self.source.mask.size)
        out = np.zeros((*flat.shape[:2], self.target.mask.size), np.float32)
        for state, result in zip(flat, out, strict=True):
            for k in scalar:
                result[k] = self._mean(state[k].astype(np.float64), levels[k])
            for u, v in pairs:
                x, y = self._axes_there
                arrow = [self._mean(state[u] * a + state[v] * b, levels[u]) for a, b in zip(x, y, strict=True)]
                for k, axis in zip((u, v), self._axes_here, strict=True):
                    result[k] = sum(mean * along for mean, along in zip(arrow, axis, strict=True))
        return out.reshape(*states.shape[:-2], *self.target.shape)

    def _mean(self, field: np.ndarray, level: int) -> np.ndarray:
        """Return the means (target,) of a level's field (source,), 0 where dry; land at the surface weighs nothing."""
        if level:
            field = np.where(self._wet_there[level], field, 0.0)
        mean = (self.shares @ field) / self._ocean[level]
        return np.where(self._wet_here[level], mean[self.donors], 0.0)

    @cached_property
    def _wet_there(self) -> np.ndarray:
        """Wet cells (level, source)."""
        return _wet(self.source).reshape(-1, self.source.mask.size)

    @cached_property
    def _wet_here(self) -> np.ndarray:
        """Wet cells (level, target)."""
        return _wet(self.target).reshape(-1, self.target.mask.size)

    @cached_property
    def _ocean(self) -> np.ndarray:
        """Area of ocean within each target cell (level, target), never 0."""
        area = np.stack([self.shares @ wet for wet in self._wet_there.astype(np.float64)])
        return np.where(area > 0, area, 1.0)

    @cached_property
    def _axes_there(self) -> tuple[np.ndarray, np.ndarray]:
        x, y = along_axes(self.source)
        return x.reshape(-1, 3).T.copy(), y.reshape(-1, 3).T.copy()

    @cached_property
    def _axes_here(self) -> tuple[np.ndarray, np.ndarray]:
        x, y = along_axes(self.target)
        return x.reshape(-1, 3).T.copy(), y.reshape(-1, 3).T.copy()


def settle(
    source: Grid,
    cells: Grid,
    shares: sparse.csr_matrix,
    area: np.ndarray,
    *,
    coast: Coast = "fill",
    notes: tuple[str, ...] = (),
) -> Regrid:
    """Return the means onto cells, having decided which of these are ocean and how deep they are.

    A cell is ocean where at least half of it is ocean in the source. Where more of it is land there, but its own mask
    says ocean (two coasts differ), it takes the nearest such cell's values or becomes land; where the source ends it is
    land. A column ends at the level from which on less than half of its ocean is wet.

    Args:
        source: The cells that states come from.
        cells: The cells wanted; their own mask is an upper bound of the ocean.
        shares: Area that each source cell has in each (target, source), on land too.
        area: Area of each target cell (target,), in the same unit.
        coast: ``fill`` or ``land``: what becomes of ocean cells that the source has as land.
        notes: What was done before.
    """
    wet = _wet(source).reshape(-1, source.mask.size).astype(np.float64)
    ocean, within = shares @ wet[0], np.asarray(shares.sum(axis=1)).ravel()
    wanted = cells.mask.ravel()
    good, inside = wanted & (ocean >= HALF * area), wanted & (within >= HALF * area)
    donors = np.arange(wanted.size)
    apart = inside & ~good
    filled = apart if coast == "fill" and good.any() else np.zeros_like(apart)
    if filled.any():
        places = on_sphere(cells.lat, cells.lon).reshape(-1, 3)
        donors[filled] = np.flatnonzero(good)[cKDTree(places[good]).query(places[filled])[1]]
    notes += tuple(
        f"{int(count.sum())} of {int(wanted.sum())} ocean cells of {cells.name} {words}"
        for count, words in (
            (filled, "are mostly land in the files (another coast): they take the nearest ocean cell's values"),
            (apart & ~filled, "are mostly land in the files: they become land"),
            (wanted & ~inside, "lie outside the files' grid: they become land"),
        )
        if count.any()
    )
    at_sea = sparse.csr_matrix(shares @ sparse.diags(wet[0]))
    at_sea.eliminate_zeros()
    mask = (good | filled).reshape(cells.shape)
    vertical = None if source.vertical is None else _vertical(source, at_sea, good, donors, cells.shape)
    return Regrid(source, replace(cells, mask=mask, vertical=vertical), at_sea, donors, notes)


def _wet(grid: Grid) -> np.ndarray:
    """Return the wet cells (level, y, x); one level of a grid of surface fields."""
    return grid.mask[None] if grid.vertical is None else grid.wet


def _vertical(
    source: Grid, shares: sparse.csr_matrix, good: np.ndarray, donors: np.ndarray, shape: tuple[int, int]
) -> Vertical:
    """Return the levels of the target: those of the source, or their means over wet cells where they differ by cell."""
    v = source.columns
    below = (shares @ v.mask.reshape(v.levels, -1).astype(np.float64).T).T
    wet = np.logical_and.accumulate((below >= HALF * below[0]) & good & (below > 0), axis=0)[:, donors]

    def mean(values: np.ndarray) -> np.ndarray:
        if values.ndim == 1:
            return values
        cells = np.where(v.mask, values, 0.0).reshape(v.levels, -1)
        sums = (shares @ cells.T).T / np.where(below > 0, below, 1.0)
        nominal = v.nominal_depth if values is v.depth else np.zeros(v.levels)
        return np.where(wet, sums[:, donors], nominal[:, None]).reshape(v.levels, *shape)

    return Vertical(mean(v.depth), mean(v.thickness), wet.reshape(v.levels, *shape), source.name)
