"""Restarts of CICE 6 from states of sea ice: categories, layers of enthalpy and salinity, B and C grid.

Sources: CICE, cicecore/cicedyn/infrastructure/ice_restart_driver.F90 (restartfile: names, and which must be there),
io/io_netcdf/ice_restart.F90 (dimensions, dates), cicecore/shared/ice_restart_column.F90 (tracers),
general/ice_init.F90 (namelists); Icepack, columnphysics/icepack_{itd,therm_vertical,mushy_physics,parameters}.F90.
Checked against the source code of CICE 6, before and after 6.4.1, not run.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import cftime
import netCDF4
import numpy as np

from halocline.bridge.exports.base import Request
from halocline.bridge.restarts.air import Air
from halocline.bridge.restarts.cice_grid import read_cice_grid
from halocline.bridge.restarts.cice_rules import POINTS, RULES, STRESSES
from halocline.bridge.restarts.columns import Columns, Layering, columns_of
from halocline.bridge.restarts.consistent import Limits, consistent
from halocline.bridge.restarts.dates import Date, date_of
from halocline.bridge.restarts.members import Member, Members
from halocline.bridge.restarts.netcdf3 import netcdf3
from halocline.bridge.restarts.output import attributes_of, each_file, first_path, put
from halocline.bridge.restarts.points import moving, to_points
from halocline.bridge.restarts.prepare import prepare
from halocline.bridge.restarts.rules import Held, check
from halocline.bridge.restarts.settings import Options
from halocline.physics.ice_enthalpy import (
    CESM,
    CICE,
    IceConstants,
    ice_enthalpy,
    liquidus,
    melting_temperature,
    mush_enthalpy,
    snow_enthalpy,
)
from halocline.physics.ice_profile import multi_year_salinity
from halocline.physics.thickness_categories import cice_bounds

if TYPE_CHECKING:
    from halocline.bridge.exports.cice import Cice

_CELL, _DEEP = ("nj", "ni"), ("ncat", "nj", "ni")
_AXES = ((0, 1), (1,), (0,))  # to the corners, the east and the north faces of POINTS
_CONSTANTS = {"icepack": CICE, "cesm": CESM}
_BELOW_MELTING = 0.05  # K, at least
_PONDS = ("apnd", "hpnd", "ipnd", "dhs", "ffrac")
_SHORT_WAVE = ("swvdr", "swvdf", "swidr", "swidf")
_OCEAN = ("scale_factor", "sst")
_ZERO = (*STRESSES, *_SHORT_WAVE, "coszen", "strocnxT", "strocnyT", "frz_onset", "fsnow", "frzmlt")
_FLOE, _FLOE_OF_ONE = 0.05, 0.1  # m, hfrazilmin: the thinnest ice that CICE freezes; hi_min of kitd = 0


class CiceRestarts:
    """Writes restarts of one setting.

    Args:
        kind: The options.
        request: States and output.

    Raises:
        InputError: It lists all that is wrong with options, grid and the first state.
    """

    def __init__(self, kind: "Cice", request: Request) -> None:
        options = Options(f"export cice of {request.out.name}")
        options.choice("thermodynamics", kind.thermodynamics, ("mushy", "bl99"))
        options.choice("constants", kind.constants, tuple(_CONSTANTS))
        floe = _FLOE_OF_ONE if kind.categories == 1 else _FLOE
        options.column(kind, floe)
        options.within("ridged", kind.ridged, 0.0, 1.0)
        bounds = options.bounds(kind.category_bounds, kind.categories, cice_bounds(max(1, kind.categories)))
        self.date = options.taken(lambda: date_of(kind.date), None)
        self.constants: IceConstants = _CONSTANTS.get(kind.constants, CICE)
        self.members: Members
        self.air: Air
        self.members, self.air = prepare(request, options, kind.air_temperature, lambda: read_cice_grid(kind.template))
        self.kind = kind
        self.limits = Limits(floe=floe, new_ice=kind.new_ice)
        freezing = float(self._melts(kind.water_salinity))
        self.how = Layering(bounds, (kind.ice_layers, kind.snow_layers), floe, freezing, self.constants)

    @property
    def mushy(self) -> bool:
        """Whether enthalpies are those of mushy ice."""
        return self.kind.thermodynamics == "mushy"

    def _melts(self, salinity: float) -> np.ndarray:
        return liquidus(salinity) if self.mushy else melting_temperature(salinity, self.constants)

    def write(self, k: int, member: Member, path: Path) -> None:
        """Write one restart, and hold it against the rules."""
        grid = self.members.grid
        state = consistent(member, grid.mask, self.limits, self.members.notes)
        columns = columns_of(state, self.air(k, member), self.how)
        attrs = attributes_of(self.members, member, "CICE restart made by Halocline") | dates(member, self.date)
        sizes = dict(zip(_DEEP, columns.area.shape, strict=True))
        with netcdf3(path, attrs, sizes, self._variables()) as file:
            self._columns(file, columns)
            self._dynamics(file, state)
        with netCDF4.Dataset(path) as file:
            file.set_auto_mask(False)
            made = held(file, path.name, grid.mask, self.how.bounds, self.kind.thermodynamics, self.constants)
            check(RULES, made)

    def _variables(self) -> dict[str, tuple[tuple[str, ...], str]]:
        """Return the dimensions of all variables, and that they have no unit."""
        layers = [f"{stem}{k + 1:03d}" for k in range(self.kind.ice_layers) for stem in ("sice", "qice")]
        snow = [f"qsno{k + 1:03d}" for k in range(self.kind.snow_layers)]
        deep = ["aicen", "vicen", "vsnon", "Tsfcn", *layers, *snow, "alvl", "vlvl", "iage", "FY", *_PONDS]
        flat = [*(name for point in POINTS for name in point), *_OCEAN, *_ZERO]
        return dict.fromkeys(deep, (_DEEP, "")) | dict.fromkeys(flat, (_CELL, ""))

    def _columns(self, file: netCDF4.Dataset, columns: Columns) -> None:
        ice, profile, freezing = columns.ice, columns.temperature, self.how.freezing
        put(file, "aicen", _DEEP, columns.area)
        put(file, "vicen", _DEEP, columns.volume)
        put(file, "vsnon", _DEEP, columns.snow)
        put(file, "Tsfcn", _DEEP, np.where(ice, profile.surface, np.where(self.members.grid.mask, freezing, 0.0)))
        for k, salinity in enumerate(multi_year_salinity(self.kind.ice_layers)):
            temperature = np.minimum(profile.ice[k], self._melts(salinity) - _BELOW_MELTING)
            enthalpy = (mush_enthalpy if self.mushy else ice_enthalpy)(temperature, float(salinity), self.constants)
            put(file, f"sice{k + 1:03d}", _DEEP, np.where(ice, salinity, 0.0))
            put(file, f"qice{k + 1:03d}", _DEEP, np.where(ice, enthalpy, 0.0))
        for k, temperature in enumerate(profile.snow):
            enthalpy = snow_enthalpy(temperature, self.constants)
            put(file, f"qsno{k + 1:03d}", _DEEP, np.where(columns.snow > 0, enthalpy, 0.0))
        for name in ("alvl", "vlvl"):
            put(file, name, _DEEP, np.where(ice, 1.0 - self.kind.ridged, 0.0))
        for name in ("iage", "FY", *_PONDS):
            put(file, name, _DEEP, np.zeros_like(columns.area))

    def _dynamics(self, file: netCDF4.Dataset, state: Member) -> None:
        grid = self.members.grid
        ice = state.fields["sic"] > 0
        for (u, v, mask), axes in zip(POINTS, _AXES, strict=True):
            for theirs, ours in ((u, "siu"), (v, "siv")):
                put(file, theirs, _CELL, to_points(state.fields[ours], ice, grid.mask, axes, grid.topology))
            put(file, mask, _CELL, moving(ice, grid.mask, axes, grid.topology))
        put(file, "scale_factor", _CELL, grid.mask)
        put(file, "sst", _CELL, np.where(grid.mask, self.how.freezing, 0.0))
        for name in _ZERO:
            put(file, name, _CELL, np.zeros(grid.shape))


def held(
    file: netCDF4.Dataset,
    name: str,
    mask: np.ndarray,
    bounds: np.ndarray,
    thermodynamics: str,
    constants: IceConstants = CICE,
) -> Held:
    """Return what the rules look at of an open restart."""
    return Held(file, file, name, mask, bounds, thermodynamics, constants)


def dates(member: Member, given: Date | None = None) -> dict[str, np.int32]:
    """Return the global attributes by which CICE 6 dates a restart, and CICE 5 and DART (nyr, month, mday, sec).

    Args:
        member: The state; year 1 where only the day of its year is known.
        given: A date that is taken in place of the state's.
    """
    date = given or member.date
    if date is None:
        date = cftime.num2date((member.share or 0.0) * 365.0, "days since 0001-01-01", calendar="noleap")
    seconds = 3600 * date.hour + 60 * date.minute + date.second
    theirs = {"myear": date.year, "mmonth": date.month, "mday": date.day, "msec": seconds}
    older = {"nyr": date.year, "month": date.month, "sec": seconds}
    return {name: np.int32(value) for name, value in ({"istep1": 0} | theirs | older).items()}


def settings(kind: "Cice", first: str) -> list[str]:
    """Return the namelist of ``ice_in`` that starts from a restart."""
    one = kind.categories == 1
    kcatbound = f"   kcatbound = {-1 if one else 0}"
    if kind.category_bounds is not None and not one:
        kcatbound = f"   ! kcatbound: that whose bounds are {kind.category_bounds}"
    return [
        "In CICE's ice_in:",
        "&setup_nml",
        "   runtype          = 'initial'   ! 'continue' would take the restart's date and pointer_file",
        f"   ice_ic           = './{first}'",
        "   restart          = .true.      ! older versions; later ones see it by ice_ic",
        "   use_restart_time = .false.     ! the date is year_init, month_init, day_init",
        "/",
        "&grid_nml",
        "   grid_ice  = 'B'   ! or 'C': velocities are in the file for both",
        kcatbound,
        f"   ncat = {kind.categories}, nilyr = {kind.ice_layers}, nslyr = {kind.snow_layers}",
        "/",
        "&thermo_nml",
        f"   kitd = {0 if one else 1}",
        f"   ktherm = {2 if kind.thermodynamics == 'mushy' else 1}",
        "/",
        "&tracer_nml   ! of those that the run has: else they begin anew",
        "   restart_age = .true., restart_FY = .true., restart_lvl = .true.",
        "   restart_pond_lvl = .true.   ! or restart_pond_topo",
        "/",
    ]


def write_restarts(kind: "Cice", request: Request) -> list[str]:
    """Write restarts of CICE; return notes and settings."""
    restarts = CiceRestarts(kind, request)
    names = each_file(request.out, restarts.members, "cice", restarts.write)
    told = f"{request.out}: {len(names)} restart(s) written, and every rule holds."
    return [*restarts.members.notes.told(), told, *settings(kind, first_path(request.out, names))]
