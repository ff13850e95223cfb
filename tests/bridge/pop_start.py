"""Ocean states for POP: a channel around part of the globe with land all round, a regular and a curved grid."""

from dataclasses import replace

import numpy as np
import xarray as xr

from halocline.bridge.exports.base import EXPORTS, Request
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.reading.choices import AS_THE_FILE_SAYS
from tests.ocean_toy import toy_dino_grid, toy_ocean

DATE = "2011-03-01T06:00"


def pop_cells(levels=5, ny=12, nx=14, turn=0.0):
    """Cells with land all round; ``turn`` bends rows, so that the grid is no longer one of longitudes."""
    grid = toy_dino_grid(levels, ny, nx)
    lat, lon = grid.lat + turn * np.sin(np.radians(grid.lon)), grid.lon + turn * np.sin(np.radians(2 * grid.lat))
    return replace(grid, lat=lat, lon=lon)


def ocean(members=2, grid=None):
    """Members 3, 4, ... with warm water above cold and a height that slopes."""
    grid = grid or pop_cells()
    layout = GridLayout.ocean(grid)
    thetao, so, zos = layout.select(toy_ocean(grid, members, noise=0.05), "thetao", "so", "zos")
    slope = 0.5 * np.sin(np.radians(2 * grid.lat)) + 0.002 * grid.lon
    dims = ("member", "depth", "y", "x")
    known = {"lat": "degrees_north", "lon": "degrees_east"}
    return xr.Dataset(
        {
            "thetao": (dims, thetao, {"units": "degC"}),
            "so": (dims, so, {"units": "1e-3"}),
            "zos": (("member", "y", "x"), np.where(grid.mask, slope + 0 * zos, np.nan), {"units": "m"}),
            "e3t": (("depth",), grid.columns.thickness, {"units": "m"}),
        },
        coords={
            "depth": ("depth", grid.columns.depth, {"units": "m", "positive": "down"}),
            "member": 3 + np.arange(members),
            **{n: (("y", "x"), getattr(grid, n), {"units": unit}) for n, unit in known.items()},
        },
        attrs={"halocline_model": "toy-model", "halocline_seed": "7"},
    )


def export_pop(states, out, members=None, **options):
    """Export for DART's POP; return what is told."""
    given = {"date": DATE, **options}
    return EXPORTS["dart"](**given).write(Request(states, out, members, AS_THE_FILE_SAYS))
