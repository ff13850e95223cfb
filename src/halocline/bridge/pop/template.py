"""POP's grid of a NetCDF file: a history file or time slice of POP (TLAT, ULAT, KMT, z_t, dz), or DART's dart_grid.nc.

Source: ESCOMP/POP2-CESM, source/grid.F90 (KMT, DZ; centimetres) and NCAR/DART, models/POP/model_mod.f90, output_grid
(ZC, ZG; metres). Partial bottom cells (DZBC) are not read: DART does not know them either.
"""

from pathlib import Path

import numpy as np
import xarray as xr

from halocline.bridge.pop.grid import PopGrid, meets
from halocline.data.files.open import open_dataset
from halocline.data.grids.grid import Grid
from halocline.data.grids.levels import Vertical
from halocline.data.grids.topology import Topology
from halocline.data.reading.ocean.mesh import Mesh
from halocline.runtime.errors import InputError

_NAMES = {
    "lat": ("TLAT",),
    "lon": ("TLON", "TLONG"),
    "ulat": ("ULAT",),
    "ulon": ("ULON", "ULONG"),
    "kmt": ("KMT",),
    "depth": ("ZC", "z_t"),
    "thickness": ("dz", "DZ"),
}
_BOTTOM = "ZG"
_METRES = {"m": 1.0, "meters": 1.0, "metres": 1.0, "cm": 0.01, "centimeters": 0.01, "centimeter": 0.01}


def is_pop_grid(dataset: xr.Dataset) -> bool:
    """Tell whether a dataset holds POP's grid."""
    return "KMT" in dataset.variables and "TLAT" in dataset.variables


def read_pop_grid(path: Path) -> PopGrid:
    """Read the grid of a file.

    Raises:
        InputError: If it is none of POP's grid, or its parts contradict each other.
    """
    with open_dataset(path, "template", times="raw") as dataset:
        return pop_grid_of(dataset, f"template {path}")


def pop_grid_of(dataset: xr.Dataset, field: str) -> PopGrid:
    """Return the grid that a dataset holds.

    Args:
        dataset: Opened.
        field: Its name, for errors.

    Raises:
        InputError: If it lacks a part of it.
    """
    found = {ours: next((n for n in names if n in dataset.variables), None) for ours, names in _NAMES.items()}
    if found["thickness"] is None and _BOTTOM in dataset.variables:
        found["thickness"] = _BOTTOM
    if gone := [f"{ours} ({', '.join(_NAMES[ours])})" for ours, theirs in found.items() if theirs is None]:
        raise InputError(
            field,
            found=f"no {'; '.join(gone)}",
            expected="TLAT, TLONG, ULAT, ULONG, KMT, z_t and dz of a history file of POP, or DART's dart_grid.nc",
            remedy="Give a history file of the run; without a template the cells of the states are the grid.",
        )
    flat = {ours: np.squeeze(np.asarray(dataset[theirs].values, np.float64)) for ours, theirs in found.items()}
    for name in ("depth", "thickness"):
        flat[name] = flat[name] * _METRES.get(str(dataset[found[name]].attrs.get("units", "m")).lower(), 1.0)
    if found["thickness"] == _BOTTOM:
        flat["thickness"] = np.diff(flat["thickness"], prepend=0.0)
    for name in ("lat", "lon", "ulat", "ulon"):
        if "rad" in str(dataset[found[name]].attrs.get("units", "")).lower():
            flat[name] = np.degrees(flat[name])
    kmt = np.nan_to_num(flat["kmt"])
    wet = np.arange(len(flat["depth"]))[:, None, None] < np.where((kmt > 0) & (kmt < 1e6), kmt, 0)
    vertical = Vertical.build(flat["depth"], flat["thickness"], wet, positive="down", source=field)
    grid = Grid.of_columns(vertical, lat=flat["lat"], lon=(flat["lon"] + 180.0) % 360.0 - 180.0, name=field)
    if meets(grid):
        grid = Grid.of_columns(vertical, lat=grid.lat, lon=grid.lon, topology=Topology(x="periodic"), name=field)
    return PopGrid(Mesh(grid, flat["depth"]), flat["ulat"], flat["ulon"])
