"""Between the centres of the four cells around an observation, and of the two levels around its depth."""

from halocline.analysis.operators.places.base import PLACES, Places, Points
from halocline.data.grids.grid import Grid
from halocline.observations.interpolate import stencil
from halocline.observations.locate import locate


@PLACES.register("bilinear")
def bilinear(grid: Grid, places: Places) -> Points:
    """Return bilinear weights of wet cells, linear ones of levels."""
    found = stencil(grid, locate(grid, places.lat, places.lon), places.depth, bilinear=True)
    return Points(found.points, found.weights)
