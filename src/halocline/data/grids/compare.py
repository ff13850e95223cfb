"""Whether two grids have the same cells, whatever precision their files have."""

import numpy as np

from halocline.data.grids.grid import Grid

# Relative and absolute tolerance: single precision and the rounding of decimal text pass, another grid does not.
_TOLERANCES = {"lat": (0.0, 1e-3), "lon": (0.0, 1e-3), "area": (1e-5, 0.0), "depth": (1e-5, 1e-3), "e3t": (1e-5, 1e-3)}


def same_cells(a: Grid, b: Grid) -> bool:
    """Tell whether two grids have the same cells; how their sides meet is not asked."""
    return not differences(a, b)


def differences(a: Grid, b: Grid) -> list[str]:
    """Return in what two grids differ: ``shape`` or ``mask`` alone, else of depth, thickness, area, lat and lon."""
    if a.shape != b.shape or a.levels != b.levels:
        return ["shape"]
    if not np.array_equal(a.mask, b.mask) or (a.levels and not np.array_equal(a.wet, b.wet)):
        return ["mask"]
    found = []
    if a.levels:
        if not _close_on_levels(a.wet, a.columns.depth, b.columns.depth, "depth"):
            found.append("depth")
        if not _close_on_levels(a.wet, a.columns.thickness, b.columns.thickness, "e3t"):
            found.append("thickness")
    return found + [name for name in ("area", "lat", "lon") if moved_cells(a, b, (name,)).any()]


def moved_cells(a: Grid, b: Grid, names: tuple[str, ...] = ("lat", "lon", "area")) -> np.ndarray:
    """Return the cells (y, x) at another place or of another size."""
    return ~np.logical_and.reduce([_close(getattr(a, name), getattr(b, name), name) for name in names])


def _close_on_levels(wet: np.ndarray, a: np.ndarray, b: np.ndarray, name: str) -> bool:
    """Tell whether values by level or by cell agree on all wet cells (level, y, x); level by level."""
    for level in np.flatnonzero(wet.any(axis=(1, 2))):
        one, other = (v[level] if v.ndim == 1 else v[level][wet[level]] for v in (a, b))
        if not np.all(_close(one, other, name)):
            return False
    return True


def _close(a: np.ndarray, b: np.ndarray, name: str) -> np.ndarray:
    relative, absolute = _TOLERANCES[name]
    if name == "lon":  # 180 and -180 are one meridian
        a = np.where(np.abs(a - b) > 180.0, a - np.copysign(360.0, a - b), a)
    return np.isclose(a, b, rtol=relative, atol=absolute, equal_nan=True)
