"""Whether the cells of ocean states are those of a model's own file: masks, depths, latitudes and longitudes."""

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.reading.ocean.mesh import Mesh

_DEGREES = 0.01  # of positions in single precision


def misfit(grid: Grid, cells: Mesh) -> str | None:
    """Return in what the cells of states differ from a template's; None if they fit."""
    mask, levels = cells.grid.wet, grid.levels
    padded = np.concatenate([grid.wet, np.zeros((max(0, len(mask) - levels), *grid.shape), bool)])
    if padded.shape != mask.shape:
        return f"states of {grid.wet.shape} (level, y, x), a template of {mask.shape}"
    if differ := int(np.count_nonzero(padded != mask)):
        return f"wet cells that differ in {differ} of {mask.size} places"
    nominal, wet = grid.columns.nominal_depth, grid.wet
    fits = (
        _near(nominal, cells.nominal[:levels])
        or _near(nominal, cells.grid.columns.nominal_depth[:levels])
        or _near(grid.depth[wet], cells.grid.depth[:levels][wet])
    )
    if not fits:
        return f"levels that differ by up to {np.abs(nominal - cells.nominal[:levels]).max():.3g} m"
    for name, words in (("lat", "latitudes"), ("lon", "longitudes")):
        off = np.abs((getattr(grid, name) - getattr(cells.grid, name) + 180.0) % 360.0 - 180.0)[mask[0]]
        if (off > _DEGREES).any():
            return f"{words} that differ by up to {np.nanmax(off):.3g} degrees"
    return None


def _near(depth: np.ndarray, other: np.ndarray) -> bool:
    return bool(np.allclose(depth, other, rtol=0.02, atol=1.0))
