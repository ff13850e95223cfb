"""The mean over a footprint."""

import numpy as np
from scipy.spatial import cKDTree

from halocline.analysis.operators.places.base import PLACES, Places, Points
from halocline.analysis.operators.places.nearest import nearest
from halocline.data.grids.grid import Grid
from halocline.data.grids.projection import EARTH_RADIUS
from halocline.data.grids.remap.corners import on_sphere


@PLACES.register("area-mean")
def area_mean(grid: Grid, places: Places) -> Points:
    """Return the weights, by area, of the wet cells whose centre lies in a footprint; at least of the cell it is in.

    At a depth, cells of the level that holds it.
    """
    own = nearest(grid, places)
    ny, nx = grid.shape
    wet = grid.mask.ravel() if grid.vertical is None else grid.vertical.mask.reshape(-1)
    area = np.nan_to_num(grid.area.ravel(), nan=1.0)
    known = np.flatnonzero(grid.mask.ravel() & np.isfinite(grid.lat).ravel())
    tree = cKDTree(on_sphere(grid.lat.ravel()[known], grid.lon.ravel()[known]))
    chord = 2 * np.sin(min(places.diameter / 2 / EARTH_RADIUS, np.pi) / 2)
    found = tree.query_ball_point(on_sphere(places.lat, places.lon), chord)
    rows = []
    for point, near in zip(own.points[:, 0], found, strict=True):
        level = point // (ny * nx) * ny * nx
        cells = np.union1d(known[near] + level, [point])
        rows.append(cells[wet[cells]])
    longest = max((len(cells) for cells in rows), default=1) or 1
    points, weights = np.zeros((len(rows), longest), np.int64), np.zeros((len(rows), longest))
    for k, cells in enumerate(rows):
        if own.weights[k, 0] > 0:
            share = area[cells % (ny * nx)]
            points[k, : len(cells)], weights[k, : len(cells)] = cells, share / share.sum()
    return Points(points, weights)
