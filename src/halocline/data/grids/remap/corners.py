"""Where the corners of cells lie: given by a file, or from the centres by one rule for each kind of grid.

On a plane with a projection, and on a rectilinear latitude-longitude grid, edges lie midway between centres (the
outermost half a step beyond; latitudes end at the poles). On a curvilinear grid a corner is the mean of the four
centres around it on the sphere; beyond the rim centres go on as they come in, and round the globe where x is periodic.
"""

import numpy as np
import xarray as xr

from halocline.data.grids.grid import Grid
from halocline.data.grids.projection import projection_of

_LARGEST = 0.5  # rad; a cell that reaches farther has corners that are none (fill values, a fold)


def on_sphere(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Return unit vectors (..., 3) of latitudes and longitudes in degrees."""
    lat, lon = np.deg2rad(lat), np.deg2rad(lon)
    return np.stack(np.broadcast_arrays(np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)), axis=-1)


def cell_corners(grid: Grid, dataset: xr.Dataset | None = None) -> np.ndarray:
    """Return the corners of the cells in the order of a walk round each, on the unit sphere.

    Args:
        grid: The cells.
        dataset: Where they come from; the bounds that it has of its latitudes and longitudes (CF conventions 1.11,
            section 7.1) count if they fit the grid.

    Returns:
        (cell, 4, 3), cells row by row; NaN where a cell's corners are not known.
    """
    quads = None if dataset is None else _bounds(dataset, grid)
    if quads is None:
        corners = cell_nodes(grid)
        quads = np.stack([corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:], corners[1:, :-1]], axis=2)
    quads = quads.reshape(-1, 4, 3)
    reach = np.linalg.norm(quads - quads.mean(axis=1, keepdims=True), axis=-1).max(axis=1)
    return np.where((reach < _LARGEST)[:, None, None], quads, np.nan)


def is_rectilinear(grid: Grid) -> bool:
    """Tell whether rows have one latitude each and columns one longitude each."""
    lat, lon = grid.lat, np.unwrap(grid.lon, period=360.0, axis=1)
    rows, columns = np.ptp(lat, axis=1).max(), np.ptp(np.unwrap(lon, period=360.0, axis=0), axis=0).max()
    return bool(rows < 1e-4 and columns < 1e-4)


def cell_nodes(grid: Grid) -> np.ndarray:
    """Return the corners that cells share (y + 1, x + 1, 3), on the unit sphere, by the rule of the grid's kind."""
    plane = projection_of(grid.projection) if grid.projection else None
    if plane is not None:
        lat, lon = plane.inverse(_edges(grid.x)[None, :], _edges(grid.y)[:, None])
        return on_sphere(np.where(np.isfinite(lat), lat, np.nan), np.where(np.isfinite(lon), lon, np.nan))
    if is_rectilinear(grid):
        lat = np.clip(_edges(grid.lat[:, 0]), -90.0, 90.0)
        return on_sphere(lat[:, None], _edges(np.unwrap(grid.lon[0], period=360.0))[None, :])
    centres = on_sphere(grid.lat, grid.lon)
    centres = _continued(centres, axis=0, periodic=grid.topology.y == "periodic")
    centres = _continued(centres, axis=1, periodic=grid.topology.x == "periodic")
    middle = centres[:-1, :-1] + centres[:-1, 1:] + centres[1:, :-1] + centres[1:, 1:]
    return middle / np.linalg.norm(middle, axis=-1, keepdims=True)


def _edges(centres: np.ndarray) -> np.ndarray:
    middle = 0.5 * (centres[1:] + centres[:-1])
    return np.concatenate([[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]])


def _continued(places: np.ndarray, axis: int, periodic: bool) -> np.ndarray:
    """Return unit vectors (y, x, 3) with one more row or column at either end."""
    places = np.moveaxis(places, axis, 0)
    ends = (places[-1], places[0]) if periodic else (2 * places[0] - places[1], 2 * places[-1] - places[-2])
    whole = np.concatenate([ends[0][None], places, ends[1][None]])
    return np.moveaxis(whole / np.linalg.norm(whole, axis=-1, keepdims=True), 0, axis)


def _bounds(dataset: xr.Dataset, grid: Grid) -> np.ndarray | None:
    """Return the corners (y, x, 4, 3) that a dataset gives, None if it gives none or those of other cells."""
    found = {}
    for field in dataset.variables.values():
        bounds = dataset.variables.get(field.attrs.get("bounds", field.encoding.get("bounds")))
        kind = field.attrs.get("standard_name")
        if bounds is not None and kind in ("latitude", "longitude") and bounds.shape == (*grid.shape, 4):
            found[kind] = np.asarray(bounds.values, np.float64)
    if len(found) < 2:
        return None
    quads = on_sphere(found["latitude"], found["longitude"])
    reach = np.linalg.norm(quads - quads.mean(axis=2, keepdims=True), axis=-1).max(axis=2)
    away = np.linalg.norm(quads.mean(axis=2) - on_sphere(grid.lat, grid.lon), axis=-1)
    return quads if np.median(away / reach) < 0.5 else None
