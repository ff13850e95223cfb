"""Small weather files as users have them, by source; all hold the same weather, so that a wrong reading shows.

The wind is 8 m/s along x and 3 m/s along y of the Arctic world's plane in every cell, t2m = 270 K - 0.3 K a degree of
latitude + 0.01 K an hour since 2003-01-01.
"""

import numpy as np
import xarray as xr

from halocline.worlds.arctic.domain import PROJECTION, arctic_domain

GRID = arctic_domain(100).grid
WIND = (8.0, 3.0)
DAYS, HOURS = 5, 6
TIMES = np.arange(0, 24 * DAYS, HOURS)


def t2m(lat, hours):
    """Return the air temperature, K, (time, ...)."""
    return 270.0 - 0.3 * lat[None] + 0.01 * np.asarray(hours, float).reshape(-1, *[1] * lat.ndim)


def wind(lat, lon):
    """Return eastward and northward wind of a wind that is uniform on the plane."""
    turn = PROJECTION.turn(lat, lon)
    return WIND[0] * np.cos(turn) + WIND[1] * np.sin(turn), -WIND[0] * np.sin(turn) + WIND[1] * np.cos(turn)


def globe(lat, lon, names, axes, time, units, calendar="proleptic_gregorian"):
    """Return weather on latitudes and longitudes under a source's names."""
    at = np.meshgrid(lat, lon, indexing="ij")
    east, north = (np.broadcast_to(part, (TIMES.size, *at[0].shape)) for part in wind(*at))
    dry = {"d": 255.0 + 0.0 * at[0], "q": 5e-4 + 0.0 * at[0]}["d" if "d" in names[1] else "q"]
    dims = (time, *axes)
    values = (t2m(at[0], TIMES), np.broadcast_to(dry, east.shape), east, north)
    data = {name: (dims, part.astype("f4"), {"units": u}) for name, part, u in zip(names, values, units, strict=True)}
    coords = {
        axes[0]: (axes[0], lat, {"units": "degrees_north", "standard_name": "latitude"}),
        axes[1]: (axes[1], lon, {"units": "degrees_east", "standard_name": "longitude"}),
        time: (time, TIMES, {"units": "hours since 2003-01-01", "calendar": calendar, "standard_name": "time"}),
    }
    return xr.Dataset(data, coords)


def era5_old():
    """ERA5 of the old Climate Data Store: packed integers, latitudes from the north."""
    data = globe(
        np.arange(90.0, 29.0, -5.0),
        np.arange(0.0, 360.0, 5.0),
        ("t2m", "d2m", "u10", "v10"),
        ("latitude", "longitude"),
        "time",
        ("K", "K", "m s**-1", "m s**-1"),
    )
    for name, offset in (("t2m", 250.0), ("d2m", 250.0), ("u10", 0.0), ("v10", 0.0)):
        data[name].encoding = {"dtype": "i2", "scale_factor": 0.001, "add_offset": offset, "_FillValue": -32767}
    return data


def era5_new():
    """ERA5 of the new one: valid_time, number, expver along time, standard names unknown."""
    data = era5_old().rename(time="valid_time").drop_encoding()
    for name in ("u10", "v10"):
        data[name].attrs |= {"standard_name": "unknown", "GRIB_uvRelativeToGrid": 0}
    count = data.sizes["valid_time"]
    return data.assign_coords(number=0, expver=("valid_time", np.array(["0001"] * (count - 4) + ["0005"] * 4)))


def jra():
    """JRA-3Q: Gaussian latitudes, long names of its own."""
    lat = np.rad2deg(np.arcsin(np.polynomial.legendre.leggauss(48)[0]))[::-1]
    names = tuple(f"{n}-hgt-an-gauss" for n in ("tmp2m", "spfh2m", "ugrd10m", "vgrd10m"))
    data = globe(
        lat[lat > 29],
        np.arange(0.0, 360.0, 3.75),
        tuple(n.replace("d", "_") for n in names),
        ("lat", "lon"),
        "time",
        ("K", "kg kg-1", "m s-1", "m s-1"),
    )
    return data.rename(dict(zip(data.data_vars, names, strict=True)))


def cmip():
    """A climate model's output: tas, huss, uas, vas, latitudes from the south, years without leap days."""
    data = globe(
        np.arange(31.0, 90.0, 2.0),
        np.arange(1.25, 360.0, 2.5),
        ("tas", "huss", "uas", "vas"),
        ("lat", "lon"),
        "time",
        ("K", "1", "m s-1", "m s-1"),
        "noleap",
    )
    for name, standard in (("uas", "eastward_wind"), ("vas", "northward_wind")):
        data[name].attrs["standard_name"] = standard
    return data.assign_coords(height=((), 10.0, {"units": "m", "positive": "up"}))


def own_grid():
    """The model's own grid, vectors along its axes."""
    shape, dims = (TIMES.size, *GRID.shape), ("time", "y", "x")
    values = {"t2m": t2m(GRID.lat, TIMES), "q2m": np.full(shape, 5e-4)}
    values |= {"u10": np.full(shape, WIND[0]), "v10": np.full(shape, WIND[1])}
    units = {"t2m": "K", "q2m": "kg kg-1", "u10": "m s-1", "v10": "m s-1"}
    out = GRID.to_dataset().drop_vars(["mask", "area"])
    for name, part in values.items():
        out[name] = (dims, part.astype("f4"), {"units": units[name]})
    return out.assign_coords(time=("time", TIMES, {"units": "hours since 2003-01-01", "calendar": "standard"}))


SOURCES = {"ERA5, old": era5_old, "ERA5, new": era5_new, "JRA-3Q": jra, "climate model": cmip, "own grid": own_grid}
"""Generators by the name of the source on the page."""
