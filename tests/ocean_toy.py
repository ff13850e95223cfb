"""A toy ocean: a channel with a sloping bottom, stratified columns with noise. Not physics, only shape."""

import math
from dataclasses import replace

import numpy as np
import xarray as xr

from halocline.constraints.paper_pull import gain
from halocline.data.fields.layout import Layout
from halocline.data.fields.variables import Variable
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.grids.levels import Vertical
from halocline.data.store.members import MemberTable
from halocline.data.store.statistics import finish_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.runtime import keyed

OXYGEN = Variable(
    "o2",
    "mole_concentration_of_dissolved_molecular_oxygen_in_sea_water",
    "dissolved oxygen",
    "mmol m-3",
    (-300.0, 900.0),
    group="ocean",
    levelled=True,
)
"""A variable on levels that is not in the registry."""


def toy_columns(depth, thickness, mask, *, positive="down", source="the grid", **known):
    """A grid of columns with what is known of their place."""
    return Grid.of_columns(
        Vertical.build(depth, thickness, mask, positive=positive, source=source), name=source, **known
    )


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
    return toy_columns(depth, thickness, mask, area=area, lat=lat, lon=lon)


def toy_ocean(grid, members=3, noise=0.5, seed=0, dtype=np.float64):
    """States (member, channel, y, x): warm and salty above cold and fresh, stable without noise."""
    rng = keyed.generator(seed, "toy-ocean", members)
    shape = (members, *grid.wet.shape)
    warm = np.exp(-grid.depth / 300)
    thetao = np.where(grid.wet, 4 + 16 * warm + noise * rng.standard_normal(shape), np.nan)
    so = np.where(grid.wet, 34.8 + 0.8 * warm + 0.1 * noise * rng.standard_normal(shape), np.nan)
    zos = np.where(grid.mask, 0.3 * rng.standard_normal((members, *grid.shape)), np.nan)
    return Layout.ocean(grid.levels).join({"thetao": thetao, "so": so, "zos": zos}).astype(dtype)


def toy_ocean_dataset(grid=None, **options):
    """A dataset as a user brings it."""
    grid = grid or toy_ocean_grid()
    layout = GridLayout.ocean(grid)
    thetao, so, zos = layout.select(toy_ocean(grid, **options), "thetao", "so", "zos")
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


PARAMETERS = ("wind_stress", "t_star", "s_star")
ROLES = ("train", "train", "train", "validation", "interior", "end")


def toy_dino_grid(levels=5, ny=8, nx=8):
    """A geographic grid with levels: land all round, a shelf whose bottom cells are dry."""
    thickness = 20.0 * 2.0 ** np.arange(levels)
    land = np.zeros((ny, nx), bool)
    land[[0, -1]], land[:, [0, -1]] = True, True
    bottom = np.full((ny, nx), levels)
    bottom[:, 1:3] = levels - 2
    mask = (np.arange(levels)[:, None, None] < bottom) & ~land
    y, x = np.linspace(-56.0, 56.0, ny), np.linspace(0.5, 56.5, nx)
    lon, lat = np.meshgrid(x, y)
    area = (8 * 111.2e3) ** 2 * np.cos(np.radians(lat))
    vertical = Vertical(np.cumsum(thickness) - thickness / 2, thickness, mask)
    projection = {"grid_mapping_name": "latitude_longitude"}
    return Grid("toy-dino", x, y, lat, lon, area, mask[0], 8 * 111.2e3, projection, vertical)


def toy_dino_table(members=6):
    """Three forcing parameters of each member; the last member lies beyond the others."""
    values = keyed.generator(0, "toy-parameters").uniform(-1.0, 1.0, (members, len(PARAMETERS)))
    values[-1] = 1.5
    roles = ROLES if members == len(ROLES) else ("train",) * members
    return MemberTable(PARAMETERS, ("N m-2", "degC", "1e-3"), values * (0.05, 2.0, 0.5) + (0.1, 0.0, 0.0), roles)


def toy_dino_sample(grid, table, member, day, *key):
    """One sample (channel, y, x): smooth in the parameters and the season, plus noise; land NaN."""
    wind, t_star, s_star = table.values[member]
    rng = keyed.generator(0, "toy-dino", member, day, *key)
    warm = np.exp(-grid.depth / 200) * np.cos(np.radians(grid.lat))
    season = np.cos(2 * np.pi * day / 360) * np.exp(-grid.depth / 50) * np.sin(np.radians(grid.lat))
    pattern = rng.standard_normal((3, 1, 1, 1)) * np.exp(-grid.depth / 300)
    noise = 0.01 * rng.standard_normal((2, *grid.wet.shape))
    thetao = 4 + (16 + t_star) * warm - 2 * season + 0.3 * pattern[0] + noise[0]
    so = 34.8 + (0.4 + 0.2 * s_star) * warm + 0.05 * pattern[1] + 0.1 * noise[1]
    zos = 3 * wind * np.cos(np.radians(2 * grid.lat)) + 0.02 * pattern[2, 0] + noise[0, 0]
    states = np.concatenate([thetao, so, zos[None]])
    return np.where(GridLayout.ocean(grid).wet, states, np.nan).astype(np.float32)


def toy_dino_store(path, members=6, years=2, interval_days=30, **size):
    """Write a finished toy ocean store (360-day calendar, splits by member) and return its path."""
    grid, table = toy_dino_grid(**size), toy_dino_table(members)
    hours = np.arange(0, years * 8640, 24 * interval_days)
    create_store(
        path,
        grid,
        Layout.ocean(grid.levels).channels,
        members,
        hours,
        {"world": "toy-dino"},
        calendar="360_day",
        splits=table.splits(years),
        members_table=table,
    )
    writer = StoreWriter(path)
    for member in range(members):
        for index, hour in enumerate(hours):
            writer.write(member, index, toy_dino_sample(grid, table, member, int(hour) // 24 % 360, index))
    finish_store(path)
    return path


def remaining_share(beta):
    """The share of a level mean's offset, and of its natural spread, that 1000 steps of the paper's pull leave."""
    return math.prod(1.0 - gain(step, beta) for step in range(1000))


def partial_steps(grid):
    """The same columns with thinner bottom cells, as NEMO's partial steps: thickness and depth by cell."""
    thickness, below = grid.thickness.copy(), np.concatenate([grid.wet[1:], np.zeros_like(grid.wet[:1])])
    bottom = grid.wet & ~below
    share = 0.3 + 0.6 * np.random.default_rng(2).random(grid.shape)
    thickness[bottom] *= np.broadcast_to(share, grid.wet.shape)[bottom]
    depth = np.where(grid.wet, np.cumsum(thickness, axis=0) - thickness / 2, grid.depth)
    return replace(grid, vertical=Vertical(depth, np.where(grid.wet, thickness, 1.0), grid.wet))
