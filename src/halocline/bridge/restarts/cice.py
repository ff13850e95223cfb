"""Restarts of CICE 6 from states of sea ice: five or more categories, layers of enthalpy and salinity, B grid.

Sources: CICE documentation, "Restarts", "Initialization", "Thickness distribution", "Thermodynamics"; Icepack
documentation, tracers and constants. From the manuals, not tried in the model.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import cftime
import netCDF4
import numpy as np

from halocline.bridge.exports.base import Request
from halocline.bridge.restarts.air import Air
from halocline.bridge.restarts.cice_grid import read_cice_grid
from halocline.bridge.restarts.cice_rules import RULES, STRESSES
from halocline.bridge.restarts.columns import Columns, Layering, columns_of
from halocline.bridge.restarts.consistent import Limits, consistent
from halocline.bridge.restarts.members import Member, Members
from halocline.bridge.restarts.output import each_file, netcdf, put
from halocline.bridge.restarts.points import moving, to_points
from halocline.bridge.restarts.prepare import prepare
from halocline.bridge.restarts.rules import Held, check
from halocline.bridge.restarts.settings import Options
from halocline.physics.ice_enthalpy import (
    CICE,
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

_CORNER, _CELL, _DEEP = (0, 1), ("nj", "ni"), ("ncat", "nj", "ni")
_BELOW_MELTING = 0.05  # K, at least
_PONDS = ("apnd", "hpnd", "ipnd", "dhs", "ffrac")
_SHORT_WAVE = ("swvdr", "swvdf", "swidr", "swidf")
_FLOE = 0.05  # m, hfrazilmin: the thinnest ice that CICE freezes


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
        for name, number, low, high, unit in (
            ("categories", kind.categories, 1, 20, ""),
            ("ice layers", kind.ice_layers, 1, 99, ""),
            ("snow layers", kind.snow_layers, 1, 99, ""),
            ("water salinity", kind.water_salinity, 5.0, 45.0, " psu"),
            ("new ice", kind.new_ice, _FLOE, 1.0, " m"),
            ("ridged", kind.ridged, 0.0, 1.0, ""),
        ):
            options.within(name, number, low, high, unit)
        bounds = options.bounds(kind.category_bounds, kind.categories, cice_bounds(max(1, kind.categories)))
        self.members: Members
        self.air: Air
        self.members, self.air = prepare(request, options, kind.air_temperature, lambda: read_cice_grid(kind.template))
        self.kind = kind
        self.limits = Limits(floe=_FLOE, new_ice=kind.new_ice)
        freezing = float(
            liquidus(kind.water_salinity) if self.mushy else melting_temperature(kind.water_salinity, CICE)
        )
        self.how = Layering(bounds, (kind.ice_layers, kind.snow_layers), _FLOE, freezing, CICE)

    @property
    def mushy(self) -> bool:
        """Whether enthalpies are those of mushy ice."""
        return self.kind.thermodynamics == "mushy"

    def write(self, k: int, member: Member, path: Path) -> None:
        """Write one restart, and hold it against the rules."""
        grid = self.members.grid
        state = consistent(member, grid.mask, self.limits, self.members.notes)
        columns = columns_of(state, self.air(k, member), self.how)
        with netcdf(path, self.members, member, "CICE restart made by Halocline", "NETCDF3_64BIT_OFFSET") as file:
            for name, size in zip(_DEEP, columns.area.shape, strict=True):
                file.createDimension(name, size)
            file.setncatts(dates(member))
            self._columns(file, columns)
            self._dynamics(file, state)
        with netCDF4.Dataset(path) as file:
            file.set_auto_mask(False)
            check(RULES, held(file, path.name, grid.mask, self.how.bounds, self.kind.thermodynamics))

    def _columns(self, file: netCDF4.Dataset, columns: Columns) -> None:
        ice, profile, freezing = columns.ice, columns.temperature, self.how.freezing
        put(file, "aicen", _DEEP, columns.area)
        put(file, "vicen", _DEEP, columns.volume)
        put(file, "vsnon", _DEEP, columns.snow)
        put(file, "Tsfcn", _DEEP, np.where(ice, profile.surface, np.where(self.members.grid.mask, freezing, 0.0)))
        for k, salinity in enumerate(multi_year_salinity(self.kind.ice_layers)):
            melts = liquidus(salinity) if self.mushy else melting_temperature(salinity, CICE)
            temperature = np.minimum(profile.ice[k], melts - _BELOW_MELTING)
            enthalpy = (mush_enthalpy if self.mushy else ice_enthalpy)(temperature, float(salinity), CICE)
            put(file, f"sice{k + 1:03d}", _DEEP, np.where(ice, salinity, 0.0))
            put(file, f"qice{k + 1:03d}", _DEEP, np.where(ice, enthalpy, 0.0))
        for k, temperature in enumerate(profile.snow):
            put(file, f"qsno{k + 1:03d}", _DEEP, np.where(columns.snow > 0, snow_enthalpy(temperature, CICE), 0.0))
        for name in ("alvl", "vlvl"):
            put(file, name, _DEEP, np.where(ice, 1.0 - self.kind.ridged, 0.0))
        for name in ("iage", "FY", *_PONDS):
            put(file, name, _DEEP, np.zeros_like(columns.area))

    def _dynamics(self, file: netCDF4.Dataset, state: Member) -> None:
        grid = self.members.grid
        ice = state.fields["sic"] > 0
        for theirs, ours in (("uvel", "siu"), ("vvel", "siv")):
            put(file, theirs, _CELL, to_points(state.fields[ours], ice, grid.mask, _CORNER, grid.topology))
        put(file, "iceumask", _CELL, moving(ice, grid.mask, _CORNER, grid.topology))
        put(file, "scale_factor", _CELL, grid.mask)
        for name in (*STRESSES, *_SHORT_WAVE, "strocnxT", "strocnyT", "frz_onset", "fsnow"):
            put(file, name, _CELL, np.zeros(grid.shape))


def held(file: netCDF4.Dataset, name: str, mask: np.ndarray, bounds: np.ndarray, thermodynamics: str) -> Held:
    """Return what the rules look at of an open restart."""
    return Held(file, file, name, mask, bounds, thermodynamics)


def dates(member: Member) -> Mapping[str, np.int32]:
    """Return the global attributes by which CICE dates a restart; year 1 where only the day of the year is known."""
    date = member.date
    if date is None:
        date = cftime.num2date((member.share or 0.0) * 365.0, "days since 0001-01-01", calendar="noleap")
    seconds = 3600 * date.hour + 60 * date.minute + date.second
    names = ("istep1", "myear", "mmonth", "mday", "msec")
    return dict(zip(names, map(np.int32, (0, date.year, date.month, date.day, seconds)), strict=True))


def settings(kind: "Cice", first: str) -> list[str]:
    """Return the namelist of ``ice_in`` that starts from a restart."""
    own = kind.category_bounds is not None
    bounds = "of --category-bounds: those of the run's kcatbound" if own else "0"
    return [
        "In CICE's ice_in:",
        "&setup_nml",
        "   runtype          = 'continue'",
        f"   pointer_file     = './ice.restart_file'   ! a text file of one line: {first}",
        "   use_restart_time = .false.",
        "/",
        "&grid_nml",
        "   grid_ice  = 'B'",
        f"   kcatbound = {bounds}",
        f"   ncat = {kind.categories}, nilyr = {kind.ice_layers}, nslyr = {kind.snow_layers}",
        "/",
        "&thermo_nml",
        f"   ktherm = {2 if kind.thermodynamics == 'mushy' else 1}",
        "/",
        "&tracer_nml",
        "   tr_iage, tr_FY, tr_lvl, tr_pond_lvl: as the run has them; their fields are in the file",
        "/",
    ]


def write_restarts(kind: "Cice", request: Request) -> list[str]:
    """Write restarts of CICE; return notes and settings."""
    restarts = CiceRestarts(kind, request)
    names = each_file(request.out, restarts.members, "cice", restarts.write)
    told = f"{request.out}: {len(names)} restart(s) written, and every rule holds."
    return [*restarts.members.notes.told(), told, *settings(kind, names[0])]
