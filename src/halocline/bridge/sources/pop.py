"""The ocean of POP: restarts and history files with a file of the grid.

Sources: ESCOMP/POP2-CESM, source/restart.F90 (names, units; the date in global attributes), source/prognostic.F90
(SALT in g/g) and source/constants.F90 (980.6 cm s-2); NCAR/DART, models/POP/model_mod.f90 (sea-surface height is PSURF
/ 980.6 cm). History files hold salinity in g/kg, on the practical scale all the same, and SSH in cm. Restarts have no
grid: give a history file (TLAT, TLONG, KMT, z_t, dz), or the ``pop_grid.nc`` of an export. Velocities are left out.
"""

from collections.abc import Sequence
from pathlib import Path

import cftime
import numpy as np
import xarray as xr

from halocline.bridge.pop.grid import PopGrid
from halocline.bridge.pop.restart import CM, DATE, GRAVITY, PSU
from halocline.bridge.pop.template import is_pop_grid, pop_grid_of
from halocline.bridge.sources._marine import apart
from halocline.bridge.sources.base import SOURCES, Part
from halocline.data.files.open import open_dataset
from halocline.data.grids.grid_io import sides
from halocline.data.reading.work import Group
from halocline.runtime.errors import InputError

_RESTART = {"TEMP_CUR": "thetao", "SALT_CUR": "so", "PSURF_CUR": "zos"}
_HISTORY = {"TEMP": "thetao", "SALT": "so", "SSH": "zos"}
_ATTRS = {
    "thetao": {"units": "degC", "standard_name": "sea_water_potential_temperature"},
    "so": {"units": "1e-3", "standard_name": "sea_water_salinity"},
    "zos": {"units": "m"},
}
_DIMS = {"i": "x", "nlon": "x", "j": "y", "nlat": "y", "k": "depth", "z_t": "depth"}
_FILL = 1e30


class Pop:
    """One file a part; the file of the grid goes with each."""

    summary = "POP 2 ocean: restarts (TEMP_CUR, SALT_CUR, PSURF_CUR) and history (TEMP, SALT, SSH), with a grid file"
    group: Group = "ocean"

    def parts(self, files: Sequence[Path]) -> list[Part]:
        """Return one part for each file of states, with the file of the grid."""
        expected = "restarts with TEMP_CUR and SALT_CUR, or history files with TEMP and SALT"
        states, grids = apart(files, lambda file: not _holds_states(file), expected)
        return [Part((file, *grids)) for file in states]

    def open(self, part: Part) -> xr.Dataset:
        """Return one file under our names and units, with the grid of the last file that has one."""
        dataset = open_dataset(part.files[0])
        grids = [file for file in reversed(part.files) if is_pop_grid(open_dataset(file, times="raw"))]
        if not grids:
            raise InputError(
                f"grid of {part.files[0].name}",
                found="no KMT and TLAT in any of the files",
                expected="a history file of POP, or pop_grid.nc, beside the restarts",
                remedy="Give one among the files.",
            )
        grid = pop_grid_of(open_dataset(grids[0], "grid", times="raw"), f"grid {grids[0].name}")
        restart = "TEMP_CUR" in dataset.variables
        names = {a: b for a, b in (_RESTART if restart else _HISTORY).items() if a in dataset.variables}
        dims = {d: _DIMS[str(d)] for d in dataset.dims if str(d) in _DIMS}
        held = {}
        for theirs, ours in names.items():
            values = dataset[theirs].rename({d: new for d, new in dims.items() if d in dataset[theirs].dims})
            values = values.where(np.abs(values) < _FILL)
            if ours == "so" and restart:
                values = PSU * values
            if ours == "zos":
                values = values / (GRAVITY * CM if restart else CM)
            wet = xr.DataArray(grid.cells.wet, dims=("depth", "y", "x"))
            held[ours] = values.where(wet if "depth" in values.dims else wet[0]).drop_vars(list(values.coords))
            held[ours].attrs = {**_ATTRS[ours], "halocline_name": theirs}
        out = _with_grid(xr.Dataset(held), grid)
        if "time" in dataset.coords and not restart:
            out = out.assign_coords(time=dataset["time"])
        return _dated(out, dataset) if restart else out

    def tidy(self, slab: xr.Dataset) -> xr.Dataset:
        """Return the slab as it is: the reader does the rest."""
        return slab


def _with_grid(states: xr.Dataset, grid: PopGrid) -> xr.Dataset:
    cells = grid.cells
    return (
        states.assign(
            level_mask=(("depth", "y", "x"), cells.wet.astype(np.int8), {"units": "1"}),
            e3t=(("depth",), grid.thickness, {"units": "m"}),
        )
        .assign_coords(
            depth=(("depth",), grid.mesh.nominal, {"units": "m", "positive": "down"}),
            lat=(("y", "x"), cells.lat, {"units": "degrees_north"}),
            lon=(("y", "x"), cells.lon, {"units": "degrees_east"}),
        )
        .assign_attrs(sides(cells.topology))
    )


def _dated(states: xr.Dataset, restart: xr.Dataset) -> xr.Dataset:
    """Return a restart with the time that stands in its global attributes."""
    if not set(DATE) <= set(restart.attrs):
        return states
    date = cftime.datetime(*(int(restart.attrs[name]) for name in DATE), calendar="standard")
    return states.expand_dims(time=np.array([date], dtype=object))


def _holds_states(file: Path) -> bool:
    with open_dataset(file, times="raw") as dataset:
        return any({"TEMP" + end, "SALT" + end} <= set(dataset.variables) for end in ("", "_CUR"))


SOURCES.register("pop")(Pop())
