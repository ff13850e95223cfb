"""Where places lie on a grid: in which cell, and where in it.

A place's position is (row, column) in cells, whole numbers at the centres. On a plane with a projection, and on rows
and columns of latitudes and longitudes, it follows from the axes. On a curvilinear grid it is linear in the
neighbourhood of the nearest centre: the offset on the sphere along the two ways to the neighbours.
"""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import cKDTree

from halocline.data.grids.grid import Grid
from halocline.data.grids.projection import EARTH_RADIUS, projection_of
from halocline.data.grids.remap.corners import is_rectilinear, on_sphere
from halocline.runtime.errors import InputError

_EDGE = 0.5 + 1e-9  # cells from the outermost centre to the rim
_NEAR = 2.0  # cells; what is farther from every centre lies on none
_STEPS = 4


@dataclass(frozen=True, eq=False)
class Positions:
    """Where places (n,) lie.

    Attributes:
        y: Along the rows (n,), in cells; NaN off the grid.
        x: Along the columns (n,), in cells; NaN off the grid.
        row: The cell's row (n,), int64; -1 off the grid.
        column: The cell's column (n,), int64; -1 off the grid.
    """

    y: np.ndarray
    x: np.ndarray
    row: np.ndarray
    column: np.ndarray


def locate(grid: Grid, lat: np.ndarray, lon: np.ndarray) -> Positions:
    """Return where places lie on a grid.

    Args:
        grid: The grid; latitudes and longitudes of its cells must be known.
        lat: Latitudes (n,), degrees north.
        lon: Longitudes (n,), degrees east.

    Raises:
        InputError: If the grid's latitudes or longitudes are unknown, or the size of its one row or column.
    """
    lat, lon = np.asarray(lat, np.float64), np.asarray(lon, np.float64)
    for name, known in (("latitude", grid.lat), ("longitude", grid.lon)):
        if np.isnan(known).all():
            raise InputError(
                f"{name} of the grid {grid.name}",
                found="none",
                expected="the positions of the cells, degrees, on which observations are placed",
                remedy="Use states that have lat and lon, or add them to the file.",
            )
    if 1 in grid.shape and not np.isfinite(grid.spacing):
        raise InputError(
            f"spacing of the grid {grid.name}",
            found=f"none, and {grid.shape[0]} x {grid.shape[1]} cells",
            expected="the distance between centres, m: one row does not tell how wide its cells are",
            remedy="Use states of at least two rows and columns, or give the grid its spacing.",
        )
    plane = projection_of(grid.projection) if grid.projection else None
    if plane is not None:
        px, py = plane.forward(lat, lon)
        y, x = _along(py, grid.y, grid.spacing), _along(px, grid.x, grid.spacing)
    elif is_rectilinear(grid):
        columns, degrees = np.unwrap(grid.lon[0], period=360.0), np.rad2deg(grid.spacing / EARTH_RADIUS)
        wide = degrees / np.cos(np.deg2rad(grid.lat[:, 0].mean()))
        y, x = _along(lat, grid.lat[:, 0], degrees), _along_circle(lon, columns, wide)
    else:
        y, x = _nearby(grid, on_sphere(lat, lon))
    ny, nx = grid.shape
    if grid.topology.x == "periodic":
        x = (x + 0.5) % nx - 0.5
    if grid.topology.y == "periodic":
        y = (y + 0.5) % ny - 0.5
    inside = (y >= -_EDGE) & (y <= ny - 1 + _EDGE) & (x >= -_EDGE) & (x <= nx - 1 + _EDGE)
    row, column = (
        np.where(inside, np.clip(np.rint(np.where(inside, v, 0)), 0, n - 1), -1).astype(np.int64)
        for v, n in ((y, ny), (x, nx))
    )
    return Positions(np.where(inside, y, np.nan), np.where(inside, x, np.nan), row, column)


def _along(values: np.ndarray, axis: np.ndarray, spacing: float) -> np.ndarray:
    """Return where values (n,) lie along an axis (m,) of centres, rising or falling, and half a step beyond.

    The step of a single centre is ``spacing``.
    """
    step = 1.0 if axis[-1] >= axis[0] else -1.0
    rising = axis * step
    first, last = (rising[1] - rising[0], rising[-1] - rising[-2]) if len(axis) > 1 else (spacing, spacing)
    ends = np.concatenate([[rising[0] - first], rising, [rising[-1] + last]])
    values = np.where(np.isfinite(values), values * step, np.inf)
    return np.interp(values, ends, np.arange(-1.0, len(axis) + 1.0), left=np.nan, right=np.nan)


def _along_circle(lon: np.ndarray, columns: np.ndarray, spacing: float) -> np.ndarray:
    low, high = min(columns[0], columns[-1]), max(columns[0], columns[-1])
    slack = max(0.0, 360.0 - (high - low)) / 2
    return _along((lon - (low - slack)) % 360.0 + (low - slack), columns, spacing)


def _nearby(grid: Grid, places: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return (y, x) in cells of unit vectors (n, 3) on a curvilinear grid."""
    centres = on_sphere(grid.lat, grid.lon)
    ny, nx = grid.shape
    ways = [_neighbours(centres, axis, grid) for axis in (0, 1)]
    known = np.isfinite(centres).all(axis=-1)
    nearest = np.flatnonzero(known.ravel())[cKDTree(centres[known]).query(places)[1]]
    row, column = np.unravel_index(nearest, grid.shape)
    for _ in range(_STEPS):
        a, b = ways[0][row, column], ways[1][row, column]
        offset = places - centres[row, column]
        aa, ab, bb = ((p * q).sum(axis=-1) for p, q in ((a, a), (a, b), (b, b)))
        oa, ob = (offset * a).sum(axis=-1), (offset * b).sum(axis=-1)
        determinant = aa * bb - ab**2
        with np.errstate(divide="ignore", invalid="ignore"):
            y, x = (oa * bb - ob * ab) / determinant, (ob * aa - oa * ab) / determinant
        far = (offset**2).sum(axis=-1) > _NEAR**2 * (aa + bb)
        moved = [np.clip(np.rint(np.nan_to_num(v)), -1, 1).astype(int) for v in (y, x)]
        rows, columns = (
            _next(k + step, n, edge)
            for k, step, n, edge in (
                (row, moved[0], ny, grid.topology.y),
                (column, moved[1], nx, grid.topology.x),
            )
        )
        if np.array_equal(rows, row) and np.array_equal(columns, column):
            break
        row, column = rows, columns
    else:
        y, x = np.clip(y, -0.5, 0.5), np.clip(x, -0.5, 0.5)  # between two cells: the one that came last
    return np.where(far, np.nan, row + y), np.where(far, np.nan, column + x)


def _next(numbers: np.ndarray, size: int, edge: str) -> np.ndarray:
    return numbers % size if edge == "periodic" else np.clip(numbers, 0, size - 1)


def _neighbours(centres: np.ndarray, axis: int, grid: Grid) -> np.ndarray:
    """Return the change of place over one cell along an axis (y, x, 3); across a single row, at right angles to it."""
    if centres.shape[axis] == 1:
        across = np.cross(centres, np.gradient(centres, axis=1 - axis)) * (1.0 if axis == 0 else -1.0)
        return across / np.linalg.norm(across, axis=-1, keepdims=True) * grid.spacing / EARTH_RADIUS
    if getattr(grid.topology, "yx"[axis]) == "periodic":
        return 0.5 * (np.roll(centres, -1, axis) - np.roll(centres, 1, axis))
    return np.gradient(centres, axis=axis)
