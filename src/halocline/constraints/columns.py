"""Ocean columns picked out of states: those that violate, as float64 rows, and their way back; rows of cells in turn.

Columns do not know of each other, so that states in any number of blocks of rows are the same to the bit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from halocline.data.grids.grid_layout import GridLayout
from halocline.data.grids.rows import Cells, Rows
from halocline.physics.eos import EquationOfState
from halocline.physics.stability import Reference, density_jumps
from halocline.runtime.limits import spans

_NUMBERS = 24
"""Numbers of float64 for each cell of columns that are made stable, at the most."""


@dataclass(frozen=True)
class Columns:
    """Columns as rows, float64; beyond ``count`` levels they are dry and hold harmless numbers.

    Attributes:
        thetao: (column, level), degC.
        so: (column, level), psu.
        thickness: (column, level), m; 0 where dry.
        centre: Reference depth of each cell for the derivatives (column, level), m.
        interface: Reference depth of each pair (column, level - 1), m.
        count: Number of wet levels (column,).
        surface_too: Whether pairs are compared at the surface as well, and the smaller jump counts.
    """

    thetao: np.ndarray
    so: np.ndarray
    thickness: np.ndarray
    centre: np.ndarray
    interface: np.ndarray
    count: np.ndarray
    surface_too: bool = False

    def __len__(self) -> int:
        return len(self.count)

    def take(self, rows: np.ndarray) -> "Columns":
        """Return some of the columns."""
        return replace(self, **{name: part[rows] for name, part in vars(self).items() if name != "surface_too"})

    def with_state(self, thetao: np.ndarray, so: np.ndarray) -> "Columns":
        """Return the same cells with other water in them."""
        return replace(self, thetao=thetao, so=so)

    def wet(self) -> np.ndarray:
        """Return True on wet levels (column, level)."""
        return np.asarray(np.arange(self.thickness.shape[1]) < self.count[:, None])

    def jumps(self, eos: EquationOfState) -> np.ndarray:
        """Return lower minus upper density across interfaces (column, level - 1), kg m-3; 0 where dry."""
        jumps = np.full(self.interface.shape, np.inf)
        for depth in (self.interface, 0.0) if self.surface_too else (self.interface,):
            lower = eos.density(self.thetao[:, 1:], self.so[:, 1:], depth)
            upper = eos.density(self.thetao[:, :-1], self.so[:, :-1], depth)
            jumps = np.minimum(jumps, lower - upper)
        return np.where(self.wet()[:, 1:], jumps, 0.0)


def worst_jump(states: np.ndarray, layout: GridLayout, eos: EquationOfState, reference: Reference) -> np.ndarray:
    """Return the lowest density jump of each column (member, y, x), kg m-3; +inf on land and in columns of one cell."""
    out = np.empty((len(states), *layout.grid.shape))
    for rows, cells in _blocks(states, layout):
        thetao, so = layout.select(states[..., rows, :], "thetao", "so")
        jumps = density_jumps(thetao, so, cells, eos, reference)
        out[:, rows] = np.where(np.isfinite(jumps), jumps, np.inf).min(axis=1, initial=np.inf)
    return out


def largest_inversion(states: np.ndarray, layout: GridLayout, eos: EquationOfState, reference: Reference) -> np.ndarray:
    """Return by how much the worst pair of each member is unstable (member,), kg m-3; 0 if none is."""
    worst = worst_jump(states, layout, eos, reference).min(axis=(1, 2))
    return np.where(worst < 0, -worst, 0.0)


def moved(
    states: np.ndarray,
    layout: GridLayout,
    chosen: np.ndarray,
    reference: Reference,
    move: Callable[[Columns], Columns],
) -> np.ndarray:
    """Return a copy of states in which the columns where ``chosen`` (member, y, x) is True are moved."""
    out = states.copy()
    for rows, cells in _blocks(states, layout):
        if chosen[:, rows].any():
            block = out[..., rows, :]
            _put(block, layout, chosen[:, rows], move(_pick(block, layout, cells, chosen[:, rows], reference)))
    return out


def _blocks(states: np.ndarray, layout: GridLayout) -> Iterator[tuple[slice, Cells]]:
    """Yield rows of cells that are worked on at once, and their cells."""
    grid = layout.grid
    found = list(spans(grid.shape[0], 8 * _NUMBERS * len(states) * grid.levels * grid.shape[1]))
    if len(found) == 1:
        yield found[0], grid
        return
    for rows in found:
        yield rows, Rows(grid, rows)


def pick(states: np.ndarray, layout: GridLayout, chosen: np.ndarray, reference: Reference) -> Columns:
    """Return the columns of states where ``chosen`` (member, y, x) is True."""
    return _pick(states, layout, layout.grid, chosen, reference)


def _pick(states: np.ndarray, layout: GridLayout, grid: Cells, chosen: np.ndarray, reference: Reference) -> Columns:
    thetao, so = layout.select(states, "thetao", "so")
    _, y, x = np.nonzero(chosen)

    def rows(field: np.ndarray) -> np.ndarray:
        return np.asarray(field[:, y, x].T, np.float64)

    wet = rows(grid.wet) > 0
    centre, interface = rows(grid.depth), rows(grid.interface_depth)
    if reference == "both":
        centre = centre / 2  # the derivatives midway between the two
    elif reference != "local":
        centre, interface = np.full_like(centre, reference), np.full_like(interface, reference)
    return Columns(
        np.where(wet, np.moveaxis(thetao, 1, -1)[chosen], 0.0).astype(np.float64),
        np.where(wet, np.moveaxis(so, 1, -1)[chosen], 35.0).astype(np.float64),
        rows(grid.thickness),
        centre,
        interface,
        wet.sum(axis=1).astype(np.int64),
        surface_too=reference == "both",
    )


def put(states: np.ndarray, layout: GridLayout, chosen: np.ndarray, columns: Columns) -> np.ndarray:
    """Return a copy of states with ``columns`` written back where they were picked; dry cells keep their value."""
    out = states.copy()
    _put(out, layout, chosen, columns)
    return out


def _put(out: np.ndarray, layout: GridLayout, chosen: np.ndarray, columns: Columns) -> None:
    thetao, so = layout.select(out, "thetao", "so")
    wet = columns.wet()
    for target, source in ((thetao, columns.thetao), (so, columns.so)):
        by_column = np.moveaxis(target, 1, -1)
        by_column[chosen] = np.where(wet, source, by_column[chosen]).astype(out.dtype)
