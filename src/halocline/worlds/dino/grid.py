"""The DINO basin as Halocline's grid, and how stable the states of a store are."""

from pathlib import Path

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.grids.vertical import Vertical
from halocline.data.store.store import open_store
from halocline.worlds.dino.diagnostics import stability_of
from halocline.worlds.dino.geometry import RADIUS, Geometry


def make_grid(geometry: Geometry) -> Grid:
    """Return the basin as Halocline's grid; x and y are degrees, rows are Mercator."""
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
    )


def instability(path: Path, states: int = 40) -> float:
    """Return the share of unstable interfaces in a store, per cent, over evenly picked states."""
    store = open_store(path)
    grid = store.grid.ocean_grid()
    pairs = [(m, t) for m in range(store.members) for t in range(len(store.hours))]
    picked = [pairs[k] for k in np.linspace(0, len(pairs) - 1, min(states, len(pairs))).astype(int)]
    found = [store.read(*pair).astype(np.float64) for pair in picked]
    return float(np.mean([stability_of(s[: grid.levels], s[grid.levels : 2 * grid.levels], grid) for s in found]))
