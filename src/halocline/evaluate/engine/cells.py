"""Whether the states that are scored lie on the cells of the reference."""

import numpy as np

from halocline.data.files.validate import check_mask
from halocline.data.grids.compare import differences, moved_cells, same_cells
from halocline.data.grids.grid import Grid
from halocline.data.store.store import StateStore
from halocline.runtime.errors import InputError

_MOVING = 0.05  # share of a thickness by which levels move with a sea surface of metres (z*)


def require_same_grid(grid: Grid, store: StateStore) -> None:
    """Raise InputError if states on ``grid`` and a store do not lie on the same cells; it says how many differ."""
    if same_cells(grid, store.grid):
        return
    check_mask(grid.mask, store.grid, "the states")
    moved = moved_cells(grid, store.grid)
    raise InputError(
        "grid",
        found=f"{int(moved.sum())} cells with another position or area (the masks are equal)",
        expected="the latitudes, longitudes and areas of the reference",
        remedy="Use states and reference of one grid.",
    )


def require_same_cells(found: Grid, expected: Grid, *, moving: bool = False) -> None:
    """Raise InputError if the cells of two ocean grids differ; it says in what.

    Args:
        found: The cells of states.
        expected: Those that they must have.
        moving: The states' levels follow the surface: thickness and depth may differ by what that moves them.
    """
    names = differences(found, expected)
    if moving and names != ["shape"] and np.allclose(found.thickness, expected.thickness, rtol=_MOVING):
        names = [name for name in names if name not in ("thickness", "depth")]
    if not names:
        return
    if names == ["shape"]:
        what = f"{' x '.join(map(str, found.wet.shape))} cells (level, y, x)"
        wanted = f"{' x '.join(map(str, expected.wet.shape))}"
    elif names == ["mask"]:
        differ = int(np.count_nonzero(found.wet != expected.wet))
        what, wanted = f"a mask that differs in {differ} of {found.wet.size} cells", "the reference's mask"
    else:
        what, wanted = f"another {' and '.join(names)} (the masks are equal)", "those of the reference"
    raise InputError(
        "grid of the states",
        found=what,
        expected=wanted,
        remedy="Use states and reference of one grid; levels run from the surface down in both.",
    )
