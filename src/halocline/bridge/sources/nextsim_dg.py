"""neXtSIM-DG: restarts and diagnostic output, with groups (until July 2025) and without.

Sources: nextsimhub/nextsimdg, core/src/ParaGridIO.cpp and CommonRestartMetadata.cpp; Richter et al. 2023,
doi:10.5194/gmd-16-3907-2023. Groups ``data`` and ``metadata`` (its group ``time`` holds seconds since 1970), or all in
the root, where a restart's ``time`` has no dimension; ``hice`` and ``hsnow`` are means of the cell; ``damage`` is 1 in
intact ice; of the components ``dg_comp`` of a discontinuous-Galerkin field the first is the mean of the cell;
velocities on the nodes of continuous elements are averaged to the centres; they lie along the axes of the grid,
but for restarts on a sphere, which hold those of the dynamics, east and north by a pole in Greenland
(dynamics/src/include/ParametricMesh.hpp, RotatePoleToGreenland): these are turned to true east and north. ``mask`` is 1
in the ocean.
"""

from pathlib import Path

import numpy as np
import xarray as xr

from halocline.bridge.sources._completed import (
    ALONG_X,
    ALONG_Y,
    CELL,
    FRACTION,
    complete,
    done,
    renamed,
    require_one_of,
)
from halocline.bridge.sources.base import SOURCES, FileByFile, Part

_NAMES = {"cice": "sic", "hice": "sit", "hsnow": "snt", "damage": "sid", "u": "siu", "v": "siv"}
_MANUAL = {
    "cice": FRACTION,
    "hice": CELL,
    "hsnow": CELL,
    "damage": {"units": "1", "halocline_damage_of_1": "intact"},
    "u": ALONG_X,
    "v": ALONG_Y,
    "mask": {"units": "1", "long_name": "ocean mask, 1 = ocean"},
}
_AXES = {"ydim": "y", "xdim": "x"}
_POSITIONS = {"halocline_latitude": "latitude", "halocline_longitude": "longitude"}  # see halocline export nextsim-dg
_NODES = ("y_cg", "x_cg"), ("ycg", "xcg"), ("yvertex", "xvertex")
_MISSING = 1e30  # of either sign: the file's own value for land is of the size of the largest double
_POLE = np.deg2rad(75.0), np.deg2rad(-40.0)  # latitude and longitude to which the model turns the north pole
_TURNED = "by a pole in Greenland"
_EPOCH = {"units": "seconds since 1970-01-01 00:00:00", "calendar": "standard"}


class NextSimDg(FileByFile):
    """One file a part."""

    summary = "neXtSIM-DG restarts and diagnostics, with groups or without: hice, cice, damage (1 = intact), u, v"

    def open(self, part: Part) -> xr.Dataset:
        """Return the data of one file with its time, means of the cells only."""
        file = part.files[0]
        dataset = super().open(part)
        if not dataset.data_vars:
            dataset = _of_groups(file)
        on_sphere = {"latitude", "longitude", "coords"} <= set(dataset.variables)
        of_dynamics = [n for n in ("u", "v") if n in dataset.data_vars and "time" not in dataset[n].dims]
        dataset = dataset.rename({k: v for k, v in _POSITIONS.items() if k in dataset.variables})
        if "time" in dataset.variables and not dataset["time"].dims:
            dataset = dataset.set_coords("time").expand_dims("time")
        require_one_of(dataset, tuple(_NAMES), "neXtSIM-DG", Path(file).name)
        for dim in ("dg_comp", "dgstress_comp"):
            if dim in dataset.dims:
                dataset = dataset.isel({dim: 0}, drop=True)
        flat = [n for n in ("x", "y") if n in dataset.variables and dataset[n].ndim > 1]
        dataset = dataset.drop_vars(flat).rename({k: v for k, v in _AXES.items() if k in dataset.dims})
        dataset = complete(dataset, _MANUAL)
        for name in of_dynamics if on_sphere else ():
            toward = "eastward" if name == "u" else "northward"
            dataset[name].attrs |= {"standard_name": f"{toward}_sea_ice_velocity", "halocline_east": _TURNED}
        return renamed(dataset, _NAMES)

    def tidy(self, slab: xr.Dataset) -> xr.Dataset:
        """Return the slab with velocities at the centres and land missing."""
        for name in ("siu", "siv"):
            if name in slab.data_vars:
                slab = slab.assign({name: _at_centres(slab[name], slab.sizes["y"], slab.sizes["x"])})
        if {"siu", "siv"} <= set(slab.data_vars) and slab["siu"].attrs.get("halocline_east") == _TURNED:
            slab = slab.assign(_turned_back(slab))
        fields = [n for n in _NAMES.values() if n in slab.data_vars]
        return slab.assign({n: slab[n].where(np.abs(slab[n]) < _MISSING) for n in fields})


def _of_groups(file: Path) -> xr.Dataset:
    """Return the group ``data`` with the time of the group ``metadata``."""
    import netCDF4

    with netCDF4.Dataset(file) as root:
        groups = root.groups
        time = groups["metadata"].groups.get("time") if "metadata" in groups else None
        stamp = next((time.variables[n] for n in ("time", "unformatted") if time and n in time.variables), None)
        seconds, attrs = (None, {}) if stamp is None else (stamp[...], {k: stamp.getncattr(k) for k in stamp.ncattrs()})
        found, ours = "data" in groups, "halocline" in groups
    if not found:
        return xr.Dataset()
    data = xr.open_dataset(file, group="data", decode_times=False)
    if ours and "latitude" not in data.variables:  # a file of halocline export, positions beside a Cartesian mesh
        data = data.assign(dict(xr.open_dataset(file, group="halocline").data_vars))
    if "time" not in data.variables and seconds is not None:
        data = data.expand_dims("time") if "time" not in data.dims else data
        data = data.assign_coords(time=("time", np.atleast_1d(np.asarray(seconds, np.float64)), {**_EPOCH, **attrs}))
    if "time" in data.variables:
        data["time"].attrs = {**_EPOCH, **data["time"].attrs}
    return xr.decode_cf(data, decode_times=xr.coders.CFDatetimeCoder(use_cftime=True))


def _turned_back(slab: xr.Dataset) -> dict[str, xr.DataArray]:
    """Return velocities along true east and north of those by the model's pole in Greenland."""
    (pole, meridian), lat = _POLE, np.deg2rad(slab["latitude"])
    away = meridian - np.deg2rad(slab["longitude"])
    east, north = np.cos(pole) * np.sin(away), np.cos(lat) * np.sin(pole) - np.sin(lat) * np.cos(pole) * np.cos(away)
    turn = np.arctan2(east, north)  # bearing of that pole, clockwise from north
    u, v = slab["siu"], slab["siv"]
    turned = {"siu": u * np.cos(turn) + v * np.sin(turn), "siv": v * np.cos(turn) - u * np.sin(turn)}
    words = "turned from the model's pole in Greenland to east and north"
    return {n: done(t.transpose(*u.dims).assign_attrs(slab[n].attrs), words) for n, t in turned.items()}


def _at_centres(field: xr.DataArray, ny: int, nx: int) -> xr.DataArray:
    """Return a velocity at the centres: that of the middle node of quadratic elements, the mean of linear ones'."""
    dims = next((pair for pair in _NODES if set(pair) <= set(field.dims)), None)
    if dims is None:
        return field
    y, x = dims
    if field.sizes[y] == 2 * ny + 1 and field.sizes[x] == 2 * nx + 1:
        centre = field.isel({y: slice(1, None, 2), x: slice(1, None, 2)})
    else:
        low, high = slice(None, -1), slice(1, None)
        corners = [field.isel({y: j, x: i}).values for j in (low, high) for i in (low, high)]
        centre = field.isel({y: low, x: low}).copy(data=np.mean(corners, axis=0))
    centre = centre.drop_vars([n for n in (y, x) if n in centre.coords]).rename({y: "y", x: "x"})
    return done(centre.assign_attrs(field.attrs), "averaged from nodes to centres")


SOURCES.register("nextsim-dg")(NextSimDg())
