"""Ice restarts of NEMO 4.2 and 5.0 from states of sea ice: categories, heat and salt content, velocities on the faces.

Sources: NEMO, src/ICE/icerst.F90 (ice_rst_read: names, which must be there), icevar.F90 (ice_var_glo2eqv,
ice_var_zapsmall), iceitd.F90 (ice_itd_init), icecor.F90, icestp.F90 and iceupdate.F90; phycst.F90 (constants);
SI3 manual (Vancoppenolle et al. 2023, doi:10.5281/zenodo.7534900). Checked against copies of the source code of NEMO
4.0, 4.2 and 5.0, not run.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import netCDF4
import numpy as np

from halocline.bridge.exports.base import Request
from halocline.bridge.nemo.template import read_template
from halocline.bridge.restarts.air import ZERO_CELSIUS
from halocline.bridge.restarts.columns import Columns, Layering, columns_of
from halocline.bridge.restarts.consistent import Limits, consistent
from halocline.bridge.restarts.members import Member
from halocline.bridge.restarts.output import each_file, first_path, netcdf, put
from halocline.bridge.restarts.points import to_points
from halocline.bridge.restarts.prepare import prepare
from halocline.bridge.restarts.rules import check
from halocline.bridge.restarts.settings import Options
from halocline.bridge.restarts.si3_rules import CONSTANTS, MOST_SALT, OF_WATER, RULES, THINNEST, held
from halocline.data.files.pieces import piece_number
from halocline.physics.ice_enthalpy import SI3, ice_enthalpy, melting_temperature, snow_enthalpy
from halocline.physics.ice_profile import first_year_salinity
from halocline.physics.thickness_categories import si3_bounds
from halocline.runtime.errors import OutputError

if TYPE_CHECKING:
    from halocline.bridge.exports.si3 import Si3

_DEEP, _CELL = ("time_counter", "numcat", "y", "x"), ("time_counter", "y", "x")
_BELOW_MELTING = 0.05  # K, at least
_FACES: Mapping[str, tuple[str, int]] = {"u_ice": ("siu", 1), "v_ice": ("siv", 0)}


class Si3Restarts:
    """Writes restarts of one setting.

    Args:
        kind: The options.
        request: States and output.

    Raises:
        InputError: It lists all that is wrong with options, mesh and the first state.
    """

    def __init__(self, kind: "Si3", request: Request) -> None:
        options = Options(f"export si3 of {request.out.name}")
        options.column(kind, THINNEST)
        for name, number, low, high, unit in (
            ("mean thickness", kind.mean_thickness, 0.1, 20.0, " m"),
            ("most", kind.most, 0.5, 1.0, ""),
            ("step", kind.step, 0, 2**31, ""),
            ("frequency", kind.frequency, 1, 1000, ""),
        ):
            options.within(name, number, low, high, unit)
        options.choice("nemo", kind.nemo, tuple(CONSTANTS))
        self.constants = CONSTANTS.get(kind.nemo, SI3)
        self.most_salt = min(MOST_SALT, OF_WATER * kind.water_salinity) if kind.nemo == "5.0" else MOST_SALT
        default = si3_bounds(max(1, kind.categories), max(0.1, kind.mean_thickness))
        bounds = options.bounds(kind.category_bounds, kind.categories, default)
        if len(bounds) > 2:
            options.within("first category bound", float(bounds[1]), THINNEST, np.inf, " m, rn_himin")
        if piece_number(request.out.name) is not None:
            options.keep(
                OutputError(
                    f"output {request.out}",
                    found=f"the name '{request.out.name}'",
                    expected="a name that does not end in _<digits>.nc, which NEMO takes for one process's piece",
                    remedy="Call it e.g. restart_ice_start.nc.",
                )
            )
        self.members, self.air = prepare(
            request, options, kind.air_temperature, lambda: read_template(kind.template).cells.grid
        )
        mesh = read_template(kind.template).mesh
        self.wet_faces = None if mesh is None else {"u_ice": mesh.wet_u[0], "v_ice": mesh.wet_v[0]}
        self.kind = kind
        self.limits = Limits(floe=THINNEST, new_ice=kind.new_ice, most=kind.most)
        freezing = float(melting_temperature(kind.water_salinity, self.constants))
        self.how = Layering(bounds, (kind.ice_layers, kind.snow_layers), THINNEST, freezing, self.constants)

    def write(self, k: int, member: Member, path: Path) -> None:
        """Write one restart, and hold it against the rules."""
        grid = self.members.grid
        state = consistent(member, grid.mask, self.limits, self.members.notes)
        columns = columns_of(state, self.air(k, member), self.how)
        with netcdf(path, self.members, member, "SI3 restart made by Halocline") as file:
            sizes = (None, *columns.area.shape)
            for name, size in zip(_DEEP, sizes, strict=True):
                file.createDimension(name, size)
            for name, place in (("nav_lon", grid.lon), ("nav_lat", grid.lat)):
                put(file, name, ("y", "x"), np.nan_to_num(place))
            put(file, "time_counter", ("time_counter",), np.zeros(1))
            put(file, "kt_ice", (), float(self.kind.step))
            put(file, "nn_fsbc", (), float(self.kind.frequency))
            self._columns(file, columns)
            ice = state.fields["sic"] > 0
            for theirs, (ours, axis) in _FACES.items():
                values = to_points(state.fields[ours], ice, grid.mask, (axis,), grid.topology)
                wet = None if self.wet_faces is None else self.wet_faces[theirs]
                put(file, theirs, _CELL, (values if wet is None else np.where(wet, values, 0.0))[None])
        with netCDF4.Dataset(path) as file:
            file.set_auto_mask(False)
            check(RULES, held(file, path.name.lstrip("."), grid.mask, self.how.bounds, self.constants))

    def _columns(self, file: netCDF4.Dataset, columns: Columns) -> None:
        ice, profile, volume = columns.ice, columns.temperature, columns.volume
        salinity = first_year_salinity(columns.thickness, self.most_salt)
        melts = melting_temperature(salinity, self.constants) - _BELOW_MELTING
        surface = np.where(ice, profile.surface + ZERO_CELSIUS, ZERO_CELSIUS * self.members.grid.mask)
        fields = {"a_i": columns.area, "v_i": volume, "v_s": columns.snow, "sv_i": salinity * volume, "t_su": surface}
        fields |= dict.fromkeys(("oa_i", "a_ip", "v_ip", "v_il"), np.zeros_like(volume))
        for k, temperature in enumerate(profile.ice, 1):
            heat = -ice_enthalpy(np.minimum(temperature, melts), salinity, self.constants)
            fields[f"e_i_l{k:02d}"] = np.where(ice, heat * volume / self.kind.ice_layers, 0.0)
        for k, temperature in enumerate(profile.snow, 1):
            heat = -snow_enthalpy(temperature, self.constants)
            fields[f"e_s_l{k:02d}"] = np.where(ice, heat * columns.snow / self.kind.snow_layers, 0.0)
        for name, values in fields.items():
            put(file, name, _DEEP, values[None])


def settings(kind: "Si3", first: str) -> list[str]:
    """Return the namelists that start from a restart."""
    bounds = (
        ["   ln_cat_hfn = .true., ln_cat_usr = .false.", f"   rn_himean  = {kind.mean_thickness:g}"]
        if kind.category_bounds is None
        else ["   ln_cat_hfn = .false., ln_cat_usr = .true.", f"   rn_catbnd  = 0,{kind.category_bounds},99"]
    )
    salinity = "4   ! or 2, with rn_sinew = 0.25" if kind.nemo == "5.0" else "2"
    folder, _, name = first.rpartition("/")
    return [
        "In NEMO's namelist_ice_cfg:",
        "&nampar",
        f"   jpl = {kind.categories}, nlay_i = {kind.ice_layers}, nlay_s = {kind.snow_layers}",
        f"   rn_amax_n = {kind.most:g}, rn_amax_s = {kind.most:g}",
        f"   cn_icerst_in = '{name.removesuffix('.nc')}'",
        *([f"   cn_icerst_indir = '{folder}'"] if folder else []),
        "/",
        "&namitd",
        *bounds,
        f"   rn_himin   = {THINNEST:g}",
        "/",
        "&namthd_sal",
        f"   nn_icesal = {salinity}",
        "/",
        "&namini   ! an ocean that does not restart; beside ln_rstart = .true. it is not needed",
        "   ln_iceini = .true.",
        "   nn_iceini_file = 2",
        "/",
        f"In NEMO's namelist_cfg: nn_fsbc = {kind.frequency} and nn_it000 = {kind.step + 1}, or nn_rstctl = 0.",
    ]


def write_restarts(kind: "Si3", request: Request) -> list[str]:
    """Write ice restarts of NEMO; return notes and settings."""
    restarts = Si3Restarts(kind, request)
    names = each_file(request.out, restarts.members, "si3", restarts.write)
    told = f"{request.out}: {len(names)} restart(s) written, and every rule holds."
    return [*restarts.members.notes.told(), told, *settings(kind, first_path(request.out, names))]
