"""A grid on a plane: latitudes, longitudes and true areas of its cells by the projection."""

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.grids.projection import Plane


def projected_grid(name: str, plane: Plane, x: np.ndarray, y: np.ndarray, mask: np.ndarray) -> Grid:
    """Return the grid of cells around (x, y) on a plane, on either hemisphere.

    Args:
        name: For people.
        plane: The projection, e.g. ``Plane.of("EPSG:3976")``.
        x: Centres along x (x,), m, at equal steps.
        y: Centres along y (y,), m, at equal steps.
        mask: True where the cell is ocean (y, x).
    """
    lat, lon = plane.inverse(x[None, :], y[:, None])
    dx, dy = (float(np.abs(np.diff(axis)).mean()) for axis in (x, y))
    return Grid(
        name=name,
        x=x,
        y=y,
        lat=lat,
        lon=lon,
        area=dx * dy / plane.areal_scale(lat, lon),
        mask=mask,
        spacing=float(np.sqrt(dx * dy)),
        projection=plane.cf_attributes(),
    )
