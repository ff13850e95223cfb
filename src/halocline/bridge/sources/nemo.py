"""The ocean of NEMO 3.6 to 5.0: output of XIOS or IOIPSL and restarts, whole or in pieces, mesh_mask or domain_cfg.

Sources: NEMO ocean engine reference manual (Madec et al. 2024, doi:10.5281/zenodo.1464816), chapters on output and on
the configuration; ``restart.F90``, ``daymod.F90`` and ``diawri.F90``. Restarts have neither units nor dates as others
understand them: potential temperature in degC, practical salinity, m; the state is that of the end of step kt, on the
day ndastp (yyyymmdd). Without XIOS temperature and salinity are written times the thickness of the cells. Velocities
lie on the faces of cells.
"""

import re
from collections.abc import Sequence
from pathlib import Path

import cftime
import numpy as np
import xarray as xr

from halocline.bridge.sources._marine import apart
from halocline.bridge.sources.base import SOURCES, Part
from halocline.data.fields.variables import is_variable
from halocline.data.files.pieces import join, siblings
from halocline.data.reading.names import ours_of
from halocline.data.reading.ocean.inner import join_inner
from halocline.data.reading.ocean.mesh_files import beside
from halocline.data.reading.work import Group
from halocline.runtime.errors import InputError

_GRID = re.compile(r"_(?:surface_)?grid_?([TUVW])(?:_2D|_3D)?$")
_VELOCITIES = ("uoce", "voce", "uo", "vo", "vozocrtx", "vomecrty", "un", "vn")
_OTHER_DIMS = {"y_grid_T": "y", "x_grid_T": "x"}


class Nemo:
    """Output files of one run and time are a part, and so is a restart; the files of the grid go with each."""

    summary = "NEMO 3.6 to 5.0 ocean: grid_T output and restarts, whole or in pieces, with mesh_mask or domain_cfg"
    group: Group = "ocean"

    def parts(self, files: Sequence[Path]) -> list[Part]:
        """Return one part for each restart, and for the files ``…_grid_T`` and ``…_surface_grid_T`` of one time."""
        states, grids = apart(files)
        first = dict.fromkeys(siblings(file)[0] for file in states)  # of pieces the others follow from their names
        runs: dict[str, list[Path]] = {}
        for file in first:
            found = _GRID.search(_stem(file))
            if found is None or found[1] == "T":
                runs.setdefault(_GRID.sub("", _stem(file)), []).append(file)
        if not runs:
            raise InputError(
                "files of states",
                found=f"only {', '.join(f.name for f in first)}: velocities on the faces of cells",
                expected="files of the T grid, with temperature and salinity",
                remedy="Give the files …_grid_T.nc.",
            )
        return [Part((*run, *grids)) for run in runs.values()]

    def open(self, part: Part) -> xr.Dataset:
        """Return the files of a part as one lazy dataset that names the files of its mesh."""
        states, grids = apart(part.files)
        opened = [_one(file) for file in states]
        opened = [file for file in opened if ours_of(file, "ocean")] or opened
        dataset = opened[0]
        for more in opened[1:]:
            new = [n for n in more.data_vars if n not in dataset.variables]
            dataset = dataset.assign({n: more[n].variable for n in new})
        left_out = [n for n in _VELOCITIES if n in dataset.variables and not is_variable(n)]
        dataset = dataset.drop_vars(left_out)
        about = "\n".join(f"{n}: a velocity, which no registered variable takes" for n in left_out)
        if not ours_of(dataset, "ocean"):
            raise InputError(
                f"files {', '.join(file.name for file in states)}",
                found=f"variables {', '.join(map(str, list(dataset.data_vars)[:12]))}",
                expected="temperature (votemper, toce, thetao, tn), salinity (vosaline, soce, so, sn) or ssh",
                remedy="Give grid_T output or a restart of NEMO's ocean.",
            )
        return beside(dataset, grids).assign_attrs(halocline_left_out=about)

    def tidy(self, slab: xr.Dataset) -> xr.Dataset:
        """Return the slab as it is: the reader does the rest."""
        return slab


def _one(file: Path) -> xr.Dataset:
    dataset = join(siblings(file))
    dataset = join_inner(dataset)
    dataset = dataset.rename({a: b for a, b in _OTHER_DIMS.items() if a in dataset.dims and b not in dataset.dims})
    return _dated(dataset) if {"kt", "ndastp"} <= set(dataset.variables) else dataset


def _dated(restart: xr.Dataset) -> xr.Dataset:
    """Return a restart with the date of its state: the end of step kt, on the day ndastp."""
    number = {n: float(np.ravel(restart[n].values)[0]) for n in ("ndastp", "adatrj", "ntime") if n in restart.variables}
    date, clock = int(number["ndastp"]), int(number.get("ntime", 0))
    calendar = _calendar(date, number.get("adatrj"))
    day = cftime.datetime(date // 10000, date // 100 % 100, date % 100, calendar=calendar)
    hours = 24.0 if clock == 0 else clock // 100 + clock % 100 / 60  # 0: the day has ended
    time = cftime.num2date(hours, f"hours since {day.strftime('%Y-%m-%d').strip().rjust(10, '0')}", calendar=calendar)
    restart = restart.drop_vars("time_counter", errors="ignore")
    return restart.assign_coords(
        time_counter=("time_counter", np.array([time], dtype=object), {"standard_name": "time"})
    )


def _calendar(date: int, days: float | None) -> str:
    """Return the calendar under which ``days`` have passed since year 1 at the end of a date; else one that has it."""
    year, month, day = date // 10000, date // 100 % 100, date % 100
    for calendar in ("360_day", "noleap", "standard"):
        try:
            end = cftime.datetime(year, month, day, calendar=calendar)
        except ValueError:
            continue
        passed = cftime.date2num(end, "days since 0001-01-01", calendar=calendar) + 1
        if days is not None and abs(passed - days) < 1e-6:
            return calendar
    return "standard" if day <= (28 if month == 2 else 30 if month in (4, 6, 9, 11) else 31) else "360_day"


def _stem(file: Path) -> str:
    return re.sub(r"_\d{4,}$", "", file.stem) if _GRID.search(re.sub(r"_\d{4,}$", "", file.stem)) else file.stem


SOURCES.register("nemo")(Nemo())
