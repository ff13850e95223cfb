"""A toy Arctic: smooth random ice with a seasonal cycle, exact atoms, one shared ice mask. Not physics, only shape."""

import numpy as np
from scipy.ndimage import gaussian_filter

from halocline.data.grids.grid import Grid
from halocline.data.grids.projection import PolarStereographic
from halocline.data.store.statistics import finish_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.runtime import keyed

CHANNELS = ("sit", "sic", "sid", "siu", "siv")


def toy_grid(n=16, spacing=4e5):
    """A square grid around the pole with a land corner and an island."""
    plane = PolarStereographic()
    x = (np.arange(n) - n / 2 + 0.5) * spacing
    lat, lon = plane.inverse(*np.meshgrid(x, x))
    mask = np.ones((n, n), bool)
    mask[: n // 4, : n // 4] = False
    mask[n // 2, n // 2] = False
    area = (spacing / plane.scale(lat)) ** 2
    return Grid("toy", x, x, lat, lon, area, mask, spacing, plane.cf_attributes())


def toy_sample(grid, day, *key, warmer=0.0):
    """One sample (channel, y, x) of a day of the year; ice retreats by 2 degrees of latitude a unit of ``warmer``."""
    rng = keyed.generator(0, "toy", day, *key)
    rough = gaussian_filter(rng.standard_normal((5, *grid.shape)), (0, 2, 2)) * 5
    sic = np.clip((grid.lat - 72 - 2 * warmer) / 8 + 0.6 * np.cos(2 * np.pi * (day - 60) / 365) + 0.5 * rough[0], 0, 1)
    sic[sic < 0.01] = 0
    ice = sic > 0
    sit = np.where(ice, sic * np.clip(1.5 + 0.5 * rough[1], 0.1, None), 0)
    sid = np.where(ice, np.clip(0.5 + 0.6 * rough[2], 0, 1), 0)
    drift = np.where(ice, 0.1 * rough[3:], 0)
    return np.stack([sit, sic, sid, *drift]).astype(np.float32)


def toy_store(path, members=2, years=3, interval_days=5, n=16, table=None):
    """Write a finished toy store and return its path; a member table gives each member's ``warming``."""
    grid = toy_grid(n)
    hours = np.arange(0, years * 8760, 24 * interval_days)
    told = {} if table is None else {"members_table": table, "splits": table.splits(years)}
    create_store(path, grid, CHANNELS, members, hours, {"world": "toy"}, **told)
    writer = StoreWriter(path)
    for member in range(members):
        warmer = 0.0 if table is None else table.values[member, table.names.index("warming")]
        for index, hour in enumerate(hours):
            writer.write(member, index, toy_sample(grid, int(hour) // 24 % 365, member, index, warmer=warmer))
    finish_store(path)
    return path
