"""The grid of CICE, from its grid file or a history file, as states on it are compared with."""

from dataclasses import replace
from pathlib import Path

import xarray as xr

from halocline.bridge.sources._staggered import meeting
from halocline.bridge.sources.cice import positions_of_centres
from halocline.data.files.open import open_dataset
from halocline.data.grids.grid import Grid
from halocline.data.grids.topology import Topology
from halocline.data.reading.names import named
from halocline.data.reading.ocean.mesh import mesh_of
from halocline.runtime.errors import InputError


def read_cice_grid(path: Path) -> Grid:
    """Read the T cells of a grid file (ulat, ulon in radians, kmt) or of a history file (TLAT, TLON, tmask).

    Columns that meet around the globe are neighbours; a fold in the north counts as closed.

    Raises:
        InputError: If it holds no positions or no mask.
    """
    dataset = open_dataset(path, "template", times="raw")
    if "TLAT" in dataset.variables:
        dataset = dataset.drop_vars(["ulat", "ulon", "ULAT", "ULON"], errors="ignore")
    found = {ours: named(dataset, ours) for ours in ("lat", "lon", "mask")}
    if absent := [ours for ours, theirs in found.items() if theirs is None]:
        raise InputError(
            f"template {path}",
            found=f"no {', '.join(absent)} among {', '.join(map(str, dataset.variables))}",
            expected="ulat, ulon and kmt of CICE's grid file, or TLAT, TLON and tmask of its history",
            remedy="Give the grid file of the run (grid_file and kmt_file in one).",
        )
    flat = {}
    for theirs in filter(None, found.values()):
        field = dataset[theirs]
        flat[theirs] = (("y", "x"), field.isel(dict.fromkeys(field.dims[:-2], 0)).values, field.attrs)
    placed = positions_of_centres(xr.Dataset(flat))
    names = {named(placed, ours): ours for ours in ("lat", "lon", "mask")}
    renamed = placed.rename({str(theirs): ours for theirs, ours in names.items() if theirs != ours})
    renamed["mask"] = (("y", "x"), (renamed["mask"].values > 0.5).astype("i1"), {"long_name": "ocean mask, 1 = ocean"})
    grid = mesh_of(renamed, f"template {path}").grid
    return replace(grid, topology=Topology(x="periodic")) if meeting(grid.lat, grid.lon) else grid
