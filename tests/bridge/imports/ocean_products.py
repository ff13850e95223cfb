"""Small files as NEMO, GLORYS and ORAS5 write them, of one true ocean; names and attributes after the manuals."""

import netCDF4
import numpy as np
import xarray as xr

from tests.bridge.nemo.toy_nemo import write_mesh
from tests.ocean_toy import partial_steps, toy_ocean, toy_ocean_grid

GRID = partial_steps(toy_ocean_grid())
TIMES = 2
_RNG = np.random.default_rng(3)
SURFACE = toy_ocean(GRID, members=TIMES, noise=0.0)[:, -1]
STRETCH = 1.0 + 0.02 * _RNG.standard_normal((TIMES, 1, 1, 1)) + 0.0 * GRID.thickness
THICKNESS = np.where(GRID.wet, GRID.thickness * STRETCH, 1.0)
"""Thickness of each record (time, depth, y, x), m: levels follow the surface."""


def truth():
    """thetao, so (time, depth, y, x) and zos (time, y, x); land NaN."""
    thetao, so, zos = np.split(toy_ocean(GRID, members=TIMES, noise=0.1), [8, 16], axis=1)
    return {"thetao": thetao, "so": so, "zos": zos[:, 0]}


def times(name="time_counter", calendar="noleap", **attrs):
    return xr.DataArray(
        [0.0, 86400.0], dims=name, attrs={"units": "seconds since 2001-01-01 00:00:00", "calendar": calendar, **attrs}
    )


def xios(path, *, names=("toce", "soce", "ssh"), fill=np.nan, e3t=True, units=("degC", "1e-3", "m"), calendar="noleap"):
    """Output of XIOS: masked land, thickness at each record."""
    true, deep = truth(), ("time_counter", "deptht", "y", "x")
    dims = {"thetao": deep, "so": deep, "zos": ("time_counter", "y", "x")}
    data = {
        theirs: (dims[ours], np.where(np.isnan(true[ours]), fill, true[ours]), {"units": unit})
        for theirs, ours, unit in zip(names, true, units, strict=True)
    }
    if e3t:
        data["e3t"] = (deep, np.where(GRID.wet, THICKNESS, fill), {"units": "m", "standard_name": "cell_thickness"})
    dataset = xr.Dataset(data, coords=place() | {"time_counter": times(calendar=calendar)})
    dataset.to_netcdf(path)
    return path


def place():
    return {
        "deptht": ("deptht", GRID.columns.depth.max(axis=(1, 2)), {"units": "m", "positive": "down"}),
        "nav_lat": (("y", "x"), GRID.lat.astype("f4"), {"standard_name": "latitude", "units": "degrees_north"}),
        "nav_lon": (("y", "x"), GRID.lon.astype("f4"), {"standard_name": "longitude", "units": "degrees_east"}),
    }


def ioipsl(path, *, thickness=True, calendar="360d"):
    """Output without XIOS: times the thickness, 0 on land, units C and PSU, a calendar of its own name."""
    xios(path, names=("votemper", "vosaline", "sossheig"), fill=0.0, units=("C", "PSU", "m"))
    dataset = xr.load_dataset(path, decode_times=False)
    for name in ("votemper", "vosaline"):
        dataset[name] = (dataset[name] * THICKNESS).assign_attrs(dataset[name].attrs)
    dataset = dataset.rename(e3t="vovvle3t") if thickness else dataset.drop_vars("e3t")
    dataset["time_counter"].attrs["calendar"] = calendar
    dataset.to_netcdf(path)
    return path


def inner(path):
    """XIOS 3 of NEMO 5.0: the thickness on dimensions of its own."""
    dataset = xr.load_dataset(xios(path), decode_times=False)
    twice = {"deptht": "grid_T_3D_inner", "y": "y_grid_T_3D_inner", "x": "x_grid_T_3D_inner"}
    thick = dataset[["e3t"]].reset_coords(drop=True).drop_vars("deptht").rename(twice)
    dataset = dataset.drop_vars("e3t").assign(e3t=thick["e3t"]).rename(y="y_grid_T", x="x_grid_T")
    dataset.to_netcdf(path)
    return path


def restart(path, *, step=80, date=20010105, units=False):
    """A leap-frog restart: no units, no direction, 0 on land, before fields of another step."""
    true = truth()
    levels, ny, nx = GRID.wet.shape
    with netCDF4.Dataset(str(path), "w") as f:
        for name, size in (("x", nx), ("y", ny), ("nav_lev", levels), ("time_counter", None)):
            f.createDimension(name, size)
        f.createVariable("nav_lev", "f4", ("nav_lev",))[:] = GRID.columns.depth.max(axis=(1, 2))
        for name, values in (("nav_lat", GRID.lat), ("nav_lon", GRID.lon)):
            f.createVariable(name, "f4", ("y", "x"))[:] = values
        f.createVariable("time_counter", "f8", ("time_counter",))[:] = [float(step)]
        for name, value in (("kt", step), ("ndastp", date), ("adatrj", 5.0), ("ntime", 0), ("rdt", 5400.0)):
            f.createVariable(name, "f8", ())[...] = float(value)
        for now, before, ours in (("tn", "tb", "thetao"), ("sn", "sb", "so"), ("sshn", "sshb", "zos")):
            values = np.nan_to_num(true[ours][0])
            dims = (
                ("time_counter", "nav_lev", "y", "x")[: 1 + values.ndim]
                if values.ndim == 3
                else ("time_counter", "y", "x")
            )
            f.createVariable(now, "f8", dims)[0] = values
            f.createVariable(before, "f8", dims)[0] = 1.01 * values
        for name in ("un", "vn"):
            f.createVariable(name, "f8", ("time_counter", "nav_lev", "y", "x"))[0] = 0.1 * GRID.wet
            f.createVariable(name[0] + "b", "f8", ("time_counter", "nav_lev", "y", "x"))[0] = 0.2 * GRID.wet
    return path


def mesh(path):
    return write_mesh(path, GRID)


def domain_cfg(path):
    """Levels counted from 1, no masks, no depths but spacings."""
    wet, thickness = GRID.wet, np.where(GRID.wet, GRID.thickness, 50.0)
    depth = np.cumsum(thickness, axis=0) - thickness / 2
    spacing = np.concatenate([2.0 * depth[:1], np.diff(depth, axis=0)])
    deep = ("t", "nav_lev", "y", "x")
    side = np.sqrt(GRID.area)[None]
    xr.Dataset(
        {
            "nav_lev": ("nav_lev", GRID.columns.depth.max(axis=(1, 2)).astype("f4")),
            **{n: (("t", "y", "x"), v[None]) for n, v in (("glamt", GRID.lon), ("gphit", GRID.lat))},
            **dict.fromkeys(("e1t", "e2t"), (("t", "y", "x"), side)),
            "bottom_level": (("t", "y", "x"), wet.sum(axis=0)[None].astype("i4")),
            "top_level": (("t", "y", "x"), wet[:1].astype("i4")),
            "e3t_0": (deep, thickness[None]),
            "e3w_0": (deep, spacing[None]),
        }
    ).to_netcdf(path)
    return path


def flat_levels(path):
    """The mesh_mask of key_vco_1d, without levels in three dimensions."""
    with xr.open_dataset(mesh(path), decode_times=False) as dataset:
        flat = dataset.drop_vars(["e3t_0", "gdept_0"]).load()
    flat["e3t_1d"] = (("time_counter", "nav_lev"), GRID.thickness.max(axis=(1, 2))[None] + 1e-3)
    flat.drop_vars(["x", "y"]).to_netcdf(path)
    return path


def pieces(path, count=2, write=(0, 1)):
    """The same file in pieces along x, one process's each."""
    with xr.open_dataset(path, decode_times=False) as whole:
        whole = whole.drop_vars([n for n in ("x", "y") if n in whole.variables]).load()
    path.unlink()
    edges = np.linspace(0, whole.sizes["x"], count + 1).astype(int)
    out = []
    for k in write:
        piece = whole.isel(x=slice(edges[k], edges[k + 1]))
        piece.attrs = {
            "DOMAIN_number_total": np.int32(count),
            "DOMAIN_number": np.int32(k),
            "DOMAIN_size_global": np.int32([whole.sizes["x"], whole.sizes["y"]]),
            "DOMAIN_position_first": np.int32([edges[k] + 1, 1]),
            "DOMAIN_position_last": np.int32([edges[k + 1], whole.sizes["y"]]),
        }
        out.append(path.with_name(f"{path.stem}_{k:04d}.nc"))
        piece.to_netcdf(out[-1])
    return out


def glorys(path):
    """GLORYS12 as downloaded: a regular grid, packed to 16 bits, land missing, no thickness, velocities beside."""
    true, deep = truth(), ("time", "depth", "latitude", "longitude")
    units = {"thetao": "degrees_C", "so": "1e-3", "zos": "m"}
    standard = {
        "thetao": "sea_water_potential_temperature",
        "so": "sea_water_salinity",
        "zos": "sea_surface_height_above_geoid",
    }
    data = {
        n: ((*deep[: v.ndim - 2], *deep[2:]), v, {"units": units[n], "standard_name": standard[n]})
        for n, v in true.items()
    }
    data["uo"] = (deep, 0.1 * true["thetao"], {"units": "m s-1", "standard_name": "eastward_sea_water_velocity"})
    dataset = xr.Dataset(
        data,
        coords={
            "time": times("time"),
            "depth": ("depth", GRID.columns.depth.max(axis=(1, 2)).astype("f4"), {"units": "m"}),
            "latitude": ("latitude", GRID.lat[:, 0], {"units": "degrees_north", "standard_name": "latitude"}),
            "longitude": ("longitude", GRID.lon[0], {"units": "degrees_east", "standard_name": "longitude"}),
        },
    )
    packing = {"dtype": "int16", "_FillValue": np.int16(-32767)}
    scale = {"thetao": (7e-4, 10.0), "so": (1.5e-3, 30.0), "zos": (3e-4, 0.0), "uo": (6e-4, 0.0)}
    encoding = {n: {**packing, "scale_factor": s, "add_offset": o} for n, (s, o) in scale.items()}
    dataset.to_netcdf(path, encoding=encoding)
    return path


def glorys_static(path):
    """``…_coordinates.nc``: e1t, e2t, e3t and the mask of levels on the same grid."""
    cells = ("depth", "latitude", "longitude")
    side = np.sqrt(GRID.area)
    xr.Dataset(
        {
            "e3t": (cells, np.where(GRID.wet, GRID.thickness, np.nan), {"units": "m"}),
            "mask": (cells, GRID.wet.astype("i1"), {"long_name": "land-sea mask: 1 = sea ; 0 = land"}),
            "e1t": (cells[1:], side, {"units": "m"}),
            "e2t": (cells[1:], side, {"units": "m"}),
        },
        coords={
            "depth": ("depth", GRID.columns.depth.max(axis=(1, 2)).astype("f4"), {"units": "m"}),
            "latitude": ("latitude", GRID.lat[:, 0]),
            "longitude": ("longitude", GRID.lon[0]),
        },
    ).to_netcdf(path)
    return path


def oras5(folder, *, variables=("votemper", "vosaline", "sossheig"), member="control"):
    """ORAS5 of the Climate Data Store: a file a variable and month, land a fill value."""
    true, out = truth(), []
    about = {"votemper": ("thetao", "C", "3D"), "vosaline": ("so", "PSU", "3D"), "sossheig": ("zos", "m", "2D")}
    for theirs in variables:
        ours, unit, shape = about[theirs]
        for k in range(TIMES):
            values = true[ours][k : k + 1].astype("f4")
            dims = ("time_counter", "deptht", "y", "x") if values.ndim == 4 else ("time_counter", "y", "x")
            date = times().isel(time_counter=[k])
            coords = {n: v for n, v in place().items() if n != "deptht" or "deptht" in dims}
            dataset = xr.Dataset({theirs: (dims, values, {"units": unit})}, coords={**coords, "time_counter": date})
            path = folder / f"{theirs}_{member}_monthly_highres_{shape}_20010{k + 1}_CONS_v0.1.nc"
            dataset.to_netcdf(path, encoding={theirs: {"_FillValue": np.float32(9.96921e36)}})
            out.append(path)
    return out


def changed(path, function):
    """Return the file after a change of its dataset."""
    with xr.open_dataset(path, decode_times=False) as dataset:
        new = function(dataset.load())
    encoding = {
        n: {k: v for k, v in d.encoding.items() if k in ("dtype", "_FillValue", "scale_factor", "add_offset")}
        for n, d in new.data_vars.items()
    }
    path.unlink()
    new.to_netcdf(path, encoding=encoding)
    return path
