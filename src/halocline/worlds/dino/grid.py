"""The DINO basin as Halocline's grid."""

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.grids.levels import Vertical
from halocline.data.grids.topology import Topology
from halocline.worlds.dino.geometry import RADIUS, Geometry


def make_grid(geometry: Geometry) -> Grid:
    """Return the basin as Halocline's grid; x and y are degrees, rows are Mercator, the channel is periodic in x."""
    lat, lon = np.meshgrid(geometry.lat, geometry.lon, indexing="ij")
    return Grid(
        name=f"dino-{geometry.preset.name}",
        x=geometry.lon,
        y=geometry.lat,
        lat=lat,
        lon=lon,
        area=geometry.area,
        mask=geometry.wet[0],
        spacing=geometry.preset.spacing * RADIUS * np.pi / 180.0,
        projection={"grid_mapping_name": "latitude_longitude", "earth_radius": RADIUS},
        vertical=Vertical(geometry.depth, geometry.thickness, geometry.wet),
        topology=Topology(x="periodic"),
    )
