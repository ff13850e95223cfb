"""The cell, and at a depth the level, in which an observation lies."""

from halocline.analysis.operators.places.base import PLACES, Places, Points
from halocline.data.grids.grid import Grid
from halocline.observations.interpolate import stencil
from halocline.observations.locate import locate


@PLACES.register("nearest")
def nearest(grid: Grid, places: Places) -> Points:
    """Return the cell that holds each place."""
    found = stencil(grid, locate(grid, places.lat, places.lon), places.depth, bilinear=False)
    return Points(found.points, found.weights)
