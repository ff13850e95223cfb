"""Restarts of POP from ocean states: what DART's filter reads and changes, and the other fields that POP reads.

Sources: ESCOMP/POP2-CESM, source/restart.F90, read_restart (names, order of dimensions, units, what is read),
source/prognostic.F90 (TEMP in degC, SALT in g/g), source/step_mod.F90 (UVEL holds the barotropic velocity, too) and
source/constants.F90 (980.6 cm s-2, salt_to_ppt); NCAR/DART, models/POP/model_mod.f90: read_model_time (the date),
model_interpolate (sea-surface height is PSURF / 980.6 cm, salinity times 1000), use_default_state_variables. Checked
against the source code, not run.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import cftime
import netCDF4
import numpy as np

from halocline.bridge.pop.grid import PopGrid
from halocline.bridge.pop.velocities import column_of
from halocline.bridge.restarts.dates import Date
from halocline.bridge.restarts.members import Member, Members
from halocline.bridge.restarts.netcdf3 import LARGEST, netcdf3
from halocline.bridge.restarts.output import attributes_of
from halocline.physics.flow.corners import corner_thickness, depth_mean, gradient_at_corners

GRAVITY = 980.6
"""cm s-2: of POP alone and of DART's operator for the sea-surface height; CESM's POP has 980.616."""
CM, PSU = 100.0, 1000.0
"""cm in a metre, and psu in a mass fraction of 1 (msu, g/g)."""
DEEP, FLAT = ("k", "j", "i"), ("j", "i")
STATE = ("SALT_CUR", "TEMP_CUR", "UVEL_CUR", "VVEL_CUR", "PSURF_CUR")
DATE = ("iyear", "imonth", "iday", "ihour", "iminute", "isecond")
UNITS = {
    "SALT": "msu (g/g)",
    "TEMP": "degC",
    "UVEL": "cm/s",
    "VVEL": "cm/s",
    "PSURF": "dyne/cm2",
    "UBTROP": "cm/s",
    "VBTROP": "cm/s",
    "GRADPX": "dyne/cm3",
    "GRADPY": "dyne/cm3",
}
TIMES = ("CUR", "OLD")
_OF_LEVELS = ("SALT", "TEMP", "UVEL", "VVEL")
ZERO = ("FW_OLD", "FW_FREEZE", "QFLUX", "AQICE")
"""What POP remembers of the step before, begun anew; which of them it reads depends on its settings."""


def write_restart(
    path: Path,
    members: Members,
    member: Member,
    grid: PopGrid,
    velocities: tuple[np.ndarray, np.ndarray],
    date: Date,
) -> None:
    """Write one state.

    Args:
        path: The file to make.
        members: What it is one of.
        member: thetao (degC), so (psu), zos (m), 0 on land.
        grid: Cells and corners.
        velocities: (u, v) on the corners (level, y, x), m s-1.
        date: When it is valid.
    """
    sizes = dict(zip(DEEP, grid.cells.wet.shape, strict=True))
    attrs = attributes_of(members, member, "POP restart made by Halocline") | dates(date)
    attrs["LOG_lcoupled_ts"] = np.int32(0)
    with _file(path, attrs, sizes) as file:
        for name, values in _variables(member, grid, velocities):
            for when in TIMES:
                file[f"{name}_{when}"][:] = values
        file["PGUESS"][:] = pressure(member)
        for name in ZERO:
            file[name][:] = 0.0


@contextmanager
def _file(path: Path, attrs: dict[str, Any], sizes: dict[str, int]) -> Iterator[netCDF4.Dataset]:
    """Yield a new file with all variables: NetCDF 3, as POP writes it, or 4 where one is too large for it."""
    stems = {**UNITS, **dict.fromkeys(("PGUESS",), UNITS["PSURF"]), **dict.fromkeys(ZERO, "")}
    variables = {
        name: (DEEP if stem in _OF_LEVELS else FLAT, unit)
        for stem, unit in stems.items()
        for name in ([f"{stem}_{when}" for when in TIMES] if stem in UNITS else [stem])
    }
    if 8 * int(np.prod(list(sizes.values()))) <= LARGEST:
        with netcdf3(path, attrs, sizes, variables) as file:
            yield file
        return
    with netCDF4.Dataset(path, "w") as file:
        for name, size in sizes.items():
            file.createDimension(name, size)
        file.setncatts(attrs)
        for name, (dims, unit) in variables.items():
            file.createVariable(name, np.float64, dims).units = unit
        yield file


def _variables(
    member: Member, grid: PopGrid, velocities: tuple[np.ndarray, np.ndarray]
) -> Iterator[tuple[str, np.ndarray]]:
    """Yield names and values one after the other: a variable of the whole ocean is large."""
    yield "SALT", member.fields["so"] / PSU
    yield "TEMP", member.fields["thetao"]
    thick = corner_thickness(grid.cells.thickness, grid.corners)
    for letter, velocity in zip("UV", velocities, strict=True):
        yield f"{letter}VEL", CM * velocity
        yield f"{letter}BTROP", CM * depth_mean(velocity, thick)
    yield "PSURF", pressure(member)
    for letter, slope in zip(
        "XY", gradient_at_corners(pressure(member), column_of(grid), grid.corners[0]), strict=True
    ):
        yield f"GRADP{letter}", slope / CM


def pressure(member: Member) -> np.ndarray:
    """Return the surface pressure (y, x), dyne cm-2, over POP's reference density of 1 g cm-3."""
    return np.asarray(GRAVITY * CM * member.fields["zos"])


def dates(date: Date) -> dict[str, np.int32]:
    """Return the global attributes by which POP and DART date a restart."""
    numbers = (date.year, date.month, date.day, date.hour, date.minute, date.second)
    return {name: np.int32(value) for name, value in zip(DATE, numbers, strict=True)}


def date_of(file: netCDF4.Dataset) -> cftime.datetime | None:
    """Return the date of an open restart; None without one, or with one that no calendar has."""
    if not set(DATE) <= set(file.ncattrs()):
        return None
    try:
        return cftime.datetime(*(int(file.getncattr(name)) for name in DATE), calendar="standard")
    except ValueError:
        return None
