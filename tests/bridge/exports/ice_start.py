"""States of sea ice that are exported, with the cases that no column of ice can be in, and the grids of models."""

import netCDF4
import numpy as np
import xarray as xr

from halocline.bridge.exports.base import EXPORTS, Request
from halocline.data.fields.variables import variable
from halocline.data.grids.projected import projected_grid
from halocline.data.reading.choices import AS_THE_FILE_SAYS
from tests.bridge.imports.truth import NX, NY, truth

DEPTHS = np.array([10.0, 50.0])
FRESH, THIN, TRACE, EMPTY = (5, 5), (6, 5), (5, 6), (6, 6)
"""Cells with concentration and no volume, of floes of 1 mm, of 1e-4 of ice, and of volume without concentration."""


def grid():
    t = truth(times=1)
    return projected_grid("toy", t.plane, t.x, t.y, ~t.land)


def states(members=2, odd=True):
    """Members with numbers 3, 4, ..., on days 20, 120, ... of the year; drift is linear in row and column."""
    t, cells = truth(times=1), grid()
    out = cells.to_dataset()
    j, i = np.meshgrid(np.arange(NY), np.arange(NX), indexing="ij")
    fields = {n: t.fields[n][0].copy() for n in ("sit", "sic", "snt", "sid")}
    ice = fields["sic"] > 0
    fields |= {
        "siu": np.where(ice, 0.1 + 0.01 * i + 0.002 * j, 0),
        "siv": np.where(ice, -0.05 + 0.003 * i + 0.01 * j, 0),
    }
    if odd:
        for name, values in fields.items():
            values[EMPTY] = 0.5 if name == "sit" else 0.0
        fields["sit"][FRESH] = 0.0
        fields["sit"][THIN] = 0.001 * fields["sic"][THIN]
        fields["sic"][TRACE] = 1e-4
    for name, values in fields.items():
        held = np.stack([np.where(t.land, np.nan, values * (1 - 0.01 * k)) for k in range(members)])
        attrs = {**variable(name).attributes(), "cell_methods": "area: mean"}
        out[name] = (("member", "y", "x"), held, attrs)
    out["sid"].attrs["halocline_damage_of_1"] = "broken"
    out = out.assign_coords(
        member=("member", 3 + np.arange(members)),
        day_of_year=("member", 20.0 + 100 * np.arange(members), {"days_per_year": 365.0}),
    )
    return out.assign_attrs(halocline_model="toy-model", halocline_seed="7")


def cice_grid(path):
    """The grid file of CICE: north-east corners in radians, 1 in the ocean."""
    t = truth(times=1)
    half = 0.5 * (t.x[1] - t.x[0])
    lat, lon = t.plane.inverse(t.x[None, :] + half, t.y[:, None] + half)
    xr.Dataset(
        {
            "ulat": (("ny", "nx"), np.deg2rad(lat), {"units": "rad"}),
            "ulon": (("ny", "nx"), np.deg2rad(lon), {"units": "rad"}),
            "kmt": (("ny", "nx"), (~t.land).astype(float), {"units": "1"}),
        }
    ).to_netcdf(path)
    return path


def nemo_mesh(path):
    """A mesh_mask of two levels, the lower one dry; faces are open between two ocean cells."""
    t = truth(times=1)
    deep = ("time_counter", "nav_lev", "y", "x")
    wet = np.stack([~t.land, np.zeros_like(t.land)])
    with netCDF4.Dataset(path, "w") as f:
        for name, size in (("x", NX), ("y", NY), ("nav_lev", 2), ("time_counter", None)):
            f.createDimension(name, size)
        f.createVariable("nav_lev", "f4", ("nav_lev",))[:] = DEPTHS
        f.createVariable("tmask", "i1", deep)[0] = wet
        for name, axis in (("umask", 2), ("vmask", 1)):
            f.createVariable(name, "i1", deep)[0] = wet & np.roll(wet, -1, axis)
        for name, values in (("glamt", t.lon), ("gphit", t.lat), ("e1t", 3e5), ("e2t", 3e5)):
            f.createVariable(name, "f8", ("time_counter", "y", "x"))[0] = values
        f.createVariable("e3t_0", "f8", deep)[0] = 40.0
        f.createVariable("gdept_0", "f8", deep)[0] = DEPTHS[:, None, None]
        f.createVariable("gdept_1d", "f8", ("time_counter", "nav_lev"))[0] = DEPTHS
    return path


def export(kind, data, out, members=None, **options):
    """Write an export and return what it tells."""
    return EXPORTS[kind](**options).write(Request(data, out, members, AS_THE_FILE_SAYS))


def expected(data, member, least, new_ice=0.1, most=1.0):
    """The fields that a model can have, by cell and in words of the plainest kind."""
    one = {n: np.nan_to_num(data[n].values[member]) for n in ("sit", "sic", "snt", "sid", "siu", "siv")}
    out = {n: np.zeros_like(v) for n, v in one.items()}
    for cell in np.ndindex(one["sic"].shape):
        sit, sic, snt, sid = (float(one[n][cell]) for n in ("sit", "sic", "snt", "sid"))
        if sic < 1e-3:
            continue
        if sit <= 0:
            sit, snt, sid = new_ice * sic, 0.0, 0.0
        sic = min(sic, sit / least, most)
        if sic < 1e-3:
            continue
        for name, value in (("sit", sit), ("sic", sic), ("snt", snt), ("sid", sid)):
            out[name][cell] = value
        for name in ("siu", "siv"):
            out[name][cell] = one[name][cell]
    return out


def edit(name, change, group=None):
    """Return a function that changes a variable of a file in place."""

    def broken(path):
        with netCDF4.Dataset(path, "a") as f:
            f.set_auto_mask(False)
            held = f if group is None else f[group]
            values = np.array(held[name][:])
            new = change(values)
            held[name][:] = values if new is None else new
        return path

    return broken


def without(*names, group=None, dims=None, kinds=None):
    """Return a function that copies a file without variables, with others' dimensions renamed or other types."""

    def broken(path):
        out = path.with_name(f"changed_{'_'.join(names) or 'file'}.nc")
        with netCDF4.Dataset(path) as old, netCDF4.Dataset(out, "w") as new:
            _copy(old, new, names, dims or {}, kinds or {})
        return out

    return broken


def _copy(old, new, names, dims, kinds):
    old.set_auto_mask(False)
    new.setncatts({k: old.getncattr(k) for k in old.ncattrs() if k not in names})
    for name, d in old.dimensions.items():
        fixed = d.isunlimited() and "unlimited" not in names
        new.createDimension(dims.get(name, name), None if fixed else len(d))
    for name, v in old.variables.items():
        if name not in names:
            made = new.createVariable(name, kinds.get(name, v.dtype), [dims.get(d, d) for d in v.dimensions])
            made.setncatts({k: v.getncattr(k) for k in v.ncattrs()})
            made[...] = v[...]
    for name, group in old.groups.items():
        if name not in names:
            _copy(group, new.createGroup(name), names, dims, kinds)
