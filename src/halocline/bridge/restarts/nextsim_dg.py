"""Start files of neXtSIM-DG from states of sea ice: the mesh, and means of its cells.

Sources: nextsimhub/nextsimdg, core/src/{ParaGridIO,StructureFactory,CommonRestartMetadata,ModelMetadata}.cpp,
physics/src/modules/IceThermodynamicsModule, dynamics/src; its run/make_init_base.py (dimensions). Checked against
the source code of before and after its pull request 897 (July 2025), not run. Until then files held groups
``structure``, ``metadata`` and ``data``; since then all stands in the root, and a file with any group counts as old.
Temperatures were layers of ``tice``, and are fields of their own now; both are written, as each version passes over the
other's. Positions of a Cartesian file have names that neXtSIM-DG passes over (in a group ``halocline`` of files with
groups): ``latitude`` and ``longitude`` would make it spherical. Winton 2000, J. Atmos. Oceanic Technol. 17.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import cftime
import netCDF4
import numpy as np

from halocline.bridge.exports.base import Request
from halocline.bridge.restarts.consistent import Limits, consistent
from halocline.bridge.restarts.dates import seconds_since_1970
from halocline.bridge.restarts.members import Member
from halocline.bridge.restarts.nextsim_dg_rules import CONSTANTS, INSIDE, LAYERS, MELTS, RULES, THINNEST, held
from halocline.bridge.restarts.output import each_file, first_path, netcdf, put
from halocline.bridge.restarts.prepare import prepare
from halocline.bridge.restarts.rules import check
from halocline.bridge.restarts.settings import Options
from halocline.data.grids.grid import Grid
from halocline.data.grids.projection import projection_of
from halocline.data.grids.remap.corners import cell_nodes
from halocline.physics.ice_enthalpy import melting_temperature
from halocline.physics.ice_profile import steady_profile
from halocline.runtime.errors import InputError

if TYPE_CHECKING:
    from halocline.bridge.exports.nextsim_dg import NextSimDg

_CELL = ("ydim", "xdim")
_THERMODYNAMICS = {1: "ThermoIce0", 3: "ThermoWinton"}
_EPOCH = "seconds since 1970-01-01T00:00:00Z"
_STAMP = "%Y-%m-%dT%H:%M:%SZ"
_KIND = "parametric_rectangular"


class NextSimDgStarts:
    """Writes start files of one setting.

    Args:
        kind: The options.
        request: States and output.

    Raises:
        InputError: It lists all that is wrong with options and the first state.
    """

    def __init__(self, kind: "NextSimDg", request: Request) -> None:
        options = Options(f"export nextsim-dg of {request.out.name}")
        options.choice("coordinates", kind.coordinates or "cartesian", ("cartesian", "spherical"))
        options.choice("layout", kind.layout, ("flat", "groups"))
        options.choice("ice layers", str(kind.ice_layers), tuple(map(str, _THERMODYNAMICS)))
        options.within("water salinity", kind.water_salinity, 5.0, 45.0, " psu")
        options.within("new ice", kind.new_ice, THINNEST, 1.0, " m")
        self.members, self.air = prepare(request, options, kind.air_temperature)
        grid = self.members.grid
        on_plane = bool(grid.projection) and projection_of(grid.projection) is not None
        if kind.coordinates == "cartesian" and not on_plane:
            raise InputError(
                "coordinates of the states",
                found="latitudes and longitudes, no plane with x and y",
                expected="a grid mapping and x, y, for a Cartesian mesh",
                remedy="Give --coordinates spherical, or states on a projected grid.",
            )
        self.kind, self.cartesian = kind, on_plane and kind.coordinates != "spherical"
        self.limits = Limits(floe=THINNEST, new_ice=kind.new_ice)
        if not self.cartesian and {"siu", "siv"} & set(self.members.present):
            self.members.notes.add("dropped", "siu", "at rest: on a sphere the model takes drift along a turned pole's")
        self.freezing = float(melting_temperature(kind.water_salinity, CONSTANTS))

    def write(self, k: int, member: Member, path: Path) -> None:
        """Write one start file, and hold it against the rules."""
        grid = self.members.grid
        state = consistent(member, grid.mask, self.limits, self.members.notes)
        with netcdf(path, self.members, member, "neXtSIM-DG start made by Halocline") as root:
            data = root
            if self.kind.layout == "groups":
                root.createGroup("structure").setncattr("type", _KIND)
                data = root.createGroup("data")
                _times(root.createGroup("metadata"), member)
            else:
                root.structure_name = _KIND
                _time(root, member)
            self._mesh(root, data, grid)
            self._fields(data, state, self.air(k, member))
        with netCDF4.Dataset(path) as root:
            root.set_auto_mask(False)
            check(RULES, held(root, path.name, grid.mask))

    def _mesh(self, root: netCDF4.Dataset, data: netCDF4.Dataset, grid: Grid) -> None:
        ny, nx = grid.shape
        sizes = {"ydim": ny, "xdim": nx, "yvertex": ny + 1, "xvertex": nx + 1, "y_cg": ny + 1, "x_cg": nx + 1}
        sizes |= {"zdim": self.kind.ice_layers, "ncoords": 2, "dg_comp": 1, "dgstress_comp": 3}
        for name, size in sizes.items():
            data.createDimension(name, size)
        lat, lon = np.nan_to_num(grid.lat), np.nan_to_num(grid.lon)
        if self.cartesian:
            x, y = np.meshgrid(grid.x, grid.y)
            corners = np.stack(np.meshgrid(_edges(grid.x), _edges(grid.y)), axis=-1)
            names = (("x", x, "m"), ("y", y, "m"))
            group, begin = root, "halocline_"
            if self.kind.layout == "groups":
                group, begin = root.createGroup("halocline"), ""
                for name in _CELL:
                    group.createDimension(name, sizes[name])
            put(group, f"{begin}latitude", _CELL, lat, "degrees_north")
            put(group, f"{begin}longitude", _CELL, lon, "degrees_east")
        else:
            nodes = cell_nodes(grid)
            east = np.rad2deg(np.arctan2(nodes[..., 1], nodes[..., 0]))
            corners = np.stack([east, np.rad2deg(np.arcsin(np.clip(nodes[..., 2], -1, 1)))], axis=-1)
            names = (("longitude", lon, "degrees_east"), ("latitude", lat, "degrees_north"))
        for name, values, unit in names:
            put(data, name, _CELL, values, unit)
        put(data, "coords", ("yvertex", "xvertex", "ncoords"), corners)
        put(data, "grid_azimuth", _CELL, 0.0 if self.cartesian else _azimuth(grid))
        put(data, "mask", _CELL, grid.mask.astype(float), words="ocean mask, 1 = ocean")

    def _fields(self, data: netCDF4.Dataset, state: Member, air: np.ndarray) -> None:
        f, mask = state.fields, self.members.grid.mask
        ice = f["sic"] > 0
        put(data, "hice", _CELL, f["sit"], "m")
        put(data, "cice", _CELL, f["sic"], "1")
        put(data, "hsnow", _CELL, f["snt"], "m")
        put(data, "damage", _CELL, np.where(mask, 1.0 - f["sid"], 0.0), "1")
        for theirs, ours in (("u", "siu"), ("v", "siv")):
            put(data, theirs, _CELL, f[ours] if self.cartesian else 0.0, "m s-1")
        put(data, "sst", _CELL, np.where(mask, self.freezing, 0.0), "degC")
        put(data, "sss", _CELL, np.where(mask, self.kind.water_salinity, 0.0), "psu")
        temperatures = np.where(mask, self._temperatures(state, ice, air), 0.0)
        put(data, "tice", ("zdim", *_CELL), temperatures[: self.kind.ice_layers], "degC")
        for name, values in zip(LAYERS, temperatures, strict=True):
            put(data, name, _CELL, values, "degC")

    def _temperatures(self, state: Member, ice: np.ndarray, air: np.ndarray) -> np.ndarray:
        """Return those of the surface, the upper and the lower half of the ice (layer, y, x), degC."""
        area = np.where(ice, state.fields["sic"], 1.0)
        thickness, depth = (np.where(ice, state.fields[n] / area, v) for n, v in (("sit", 1.0), ("snt", 0.0)))
        profile = steady_profile(thickness[None], depth[None], air, self.freezing, (2, 1), CONSTANTS)
        inner = np.minimum(profile.ice[:, 0], INSIDE)
        without = np.full((3, 1, 1), min(self.freezing, MELTS))
        return np.where(ice, np.concatenate([profile.surface, inner]), without)


def _seconds(member: Member) -> int:
    """Return when the state is valid, s since 1970; in 2000 where only the day of the year is known."""
    if member.date is not None:
        return seconds_since_1970(member.date)
    return round((member.share or 0.0) * 365.0 * 86400.0) + 946684800


def _stamp(seconds: int) -> str:
    return str(cftime.num2date(seconds, "seconds since 1970-01-01", calendar="standard").strftime(_STAMP))


def _time(group: netCDF4.Dataset, member: Member) -> None:
    variable = group.createVariable("time", "i8")
    variable.units = _EPOCH
    variable[...] = seconds = _seconds(member)
    variable.format, variable.formatted = _STAMP, _stamp(seconds)


def _times(group: netCDF4.Dataset, member: Member) -> None:
    """Write the group of the time; ``formatted`` as a variable too, as the first of these versions have it."""
    group.setncattr("type", _KIND)
    group.createGroup("configuration")
    times = group.createGroup("time")
    _time(times, member)
    words = times.createVariable("formatted", str)
    words.format = _STAMP
    words[...] = _stamp(_seconds(member))


def _edges(centres: np.ndarray) -> np.ndarray:
    half = 0.5 * np.diff(centres)
    return np.concatenate([[centres[0] - half[0]], centres[:-1] + half, [centres[-1] + half[-1]]])


def _azimuth(grid: Grid) -> np.ndarray:
    """Return by how much the y axis is turned clockwise from north (y, x), degrees."""
    from halocline.data.grids.orientation import turn_of

    return np.rad2deg(turn_of(grid))


def settings(kind: "NextSimDg", first: str, member: Member) -> list[str]:
    """Return the configuration of neXtSIM-DG that starts from a file.

    Args:
        kind: The options.
        first: The file.
        member: The state that it holds; neXtSIM-DG reads no date from a file.
    """
    return [
        "In neXtSIM-DG's configuration:",
        "[model]",
        f"init_file = {first}",
        f"start = {_stamp(_seconds(member))}",
        "[Modules]",
        "DynamicsModule = Nextsim::BBMDynamics",
        f"IceThermodynamicsModule = Nextsim::{_THERMODYNAMICS[kind.ice_layers]}",
        "Forcing files must be on the same mesh.",
    ]


def write_starts(kind: "NextSimDg", request: Request) -> list[str]:
    """Write start files of neXtSIM-DG; return notes and settings."""
    starts = NextSimDgStarts(kind, request)
    names = each_file(request.out, starts.members, "nextsim-dg", starts.write)
    told = f"{request.out}: {len(names)} start file(s) written, and every rule holds."
    return [*starts.members.notes.told(), told, *settings(kind, first_path(request.out, names), starts.members.first)]
