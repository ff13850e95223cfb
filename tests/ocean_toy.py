"""A toy ocean: a channel with a sloping bottom, stratified columns with noise. Not physics, only shape."""

import numpy as np
import xarray as xr

from halocline.runtime import keyed
from halocline.states.ocean_grid import OceanGrid
from halocline.states.ocean_layout import OceanLayout


def toy_ocean_grid(levels=8, ny=6, nx=5, uniform=False):
    """Columns of 3 to ``levels - 1`` wet cells between a land row and a land column; the last level is dry."""
    thickness = np.full(levels, 100.0) if uniform else 10.0 * 1.6 ** np.arange(levels)
    depth = np.cumsum(thickness) - thickness / 2
    bottom = 3 + (np.arange(ny)[:, None] + np.arange(nx)) % (levels - 3)
    bottom[0], bottom[:, 0] = 0, 0
    mask = np.arange(levels)[:, None, None] < bottom
    lat = np.broadcast_to(np.linspace(-60, 60, ny)[:, None], (ny, nx))
    lon = np.broadcast_to(np.arange(nx, dtype=float), (ny, nx))
    area = 1e10 * np.cos(np.radians(lat))
    return OceanGrid.build(depth, thickness, mask, positive="down", area=area, lat=lat, lon=lon)


def toy_ocean(grid, members=3, noise=0.5, seed=0, dtype=np.float64):
    """States (member, channel, y, x): warm and salty above cold and fresh, stable without noise."""
    rng = keyed.generator(seed, "toy-ocean", members)
    shape = (members, *grid.mask.shape)
    warm = np.exp(-grid.depth / 300)
    thetao = np.where(grid.mask, 4 + 16 * warm + noise * rng.standard_normal(shape), np.nan)
    so = np.where(grid.mask, 34.8 + 0.8 * warm + 0.1 * noise * rng.standard_normal(shape), np.nan)
    zos = np.where(grid.mask[0], 0.3 * rng.standard_normal((members, *grid.mask.shape[1:])), np.nan)
    return OceanLayout(grid).join(thetao, so, zos).astype(dtype)


def toy_ocean_dataset(grid=None, **options):
    """A dataset as a user brings it."""
    grid = grid or toy_ocean_grid()
    layout = OceanLayout(grid)
    thetao, so, zos = layout.split(toy_ocean(grid, **options))
    dims = ("member", "depth", "y", "x")
    thickness = grid.thickness.max(axis=(1, 2))
    thickness[thickness == 0] = 100.0
    return xr.Dataset(
        {
            "thetao": (dims, thetao, {"units": "degC"}),
            "so": (dims, so, {"units": "1e-3"}),
            "zos": (("member", "y", "x"), zos, {"units": "m"}),
            "e3t": ("depth", thickness, {"units": "m"}),
            "area": (("y", "x"), grid.area, {"units": "m2"}),
        },
        coords={
            "depth": ("depth", grid.depth[:, 0, 0], {"units": "m", "positive": "down"}),
            "lat": (("y", "x"), grid.lat, {"units": "degrees_north"}),
            "member": np.arange(len(thetao)),
        },
    )
