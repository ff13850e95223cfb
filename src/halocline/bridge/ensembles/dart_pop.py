"""An ensemble for DART's interface to POP: a restart for each member, the grid, and the lists that ``filter`` reads.

Sources: NCAR/DART, models/POP/{model_mod,dart_pop_mod}.f90, readme.rst and shell_scripts/cesm2_1/assimilate.csh (lists
of the restarts by their pointer files, ``pop.r.nc`` a link to the first; ``filter`` reads and changes the restarts
themselves, and no ``dart_to_pop`` follows). Checked against the source code, not run.
"""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import netCDF4

from halocline.bridge.ensembles.dart_date import require_date
from halocline.bridge.exports.base import Request
from halocline.bridge.nemo.velocities import Velocities
from halocline.bridge.pop.folder_rules import FOLDER_RULES, INPUT, OUTPUT, SIZES, PopFolder, pointer
from halocline.bridge.pop.grid import PopGrid, around_cells
from halocline.bridge.pop.grid_files import HORIZONTAL, TOPOGRAPHY, VERTICAL, write_grid
from halocline.bridge.pop.members import OceanMembers, open_ocean_members
from halocline.bridge.pop.restart import write_restart
from halocline.bridge.pop.rules import RULES, PopRestart
from halocline.bridge.pop.template import read_pop_grid
from halocline.bridge.pop.velocities import corner_velocities, require_kind
from halocline.bridge.restarts.dates import Date, date_of
from halocline.bridge.restarts.members import Member
from halocline.bridge.restarts.output import each_file, require_name
from halocline.bridge.restarts.rules import broken, check
from halocline.bridge.restarts.settings import Options
from halocline.data.reading.ocean.mesh import Mesh
from halocline.runtime.errors import HaloclineError

if TYPE_CHECKING:
    from halocline.bridge.exports.dart import Dart

_GRID_RULES = ("northern row", "sides", "positions")


class PopRestarts:
    """Writes restarts of one setting.

    Args:
        kind: The options.
        request: States and output.

    Raises:
        InputError: It lists all that is wrong with options, grid and the first state.
        ConfigError: If the states have no dates that DART knows, and none is given.
    """

    def __init__(self, kind: "Dart", request: Request) -> None:
        options = Options(f"export dart of {request.out.name}")
        for error in kind.foreign("pop"):
            options.keep(error)
        try:
            require_name(request.out, folder=True)
        except HaloclineError as error:
            options.keep(error)
        self.given = options.taken(lambda: date_of(kind.date), None)
        self.how = options.taken(lambda: _velocities(kind), Velocities())
        path = kind.template
        template = None if path is None else options.taken(lambda: read_pop_grid(path), None)
        self.members: OceanMembers
        self.grid: PopGrid
        try:
            mesh = None if template is None else template.mesh
            self.members = open_ocean_members(request.states, request.choices, request.members, mesh)
            cells = self.members.grid
            self.grid = template or around_cells(Mesh(cells, cells.columns.nominal_depth))
            folder = PopFolder(request.out, f"grid in {self.members.file.source}", self.grid)
            for problem in broken([rule for rule in FOLDER_RULES if rule.name in _GRID_RULES], folder):
                options.keep(problem)
            corner_velocities(self.how, self.members.first.fields, self.grid, None)
        except HaloclineError as error:
            options.keep(error)
        options.problems.raise_all()
        self.date: Date = require_date(self.members, self.given)

    def write(self, k: int, member: Member, path: Path) -> None:
        """Write one restart, and hold it against the rules."""
        at_45s = self.members.wind_at_45s(self.members.numbers[k])
        u, v, words = corner_velocities(self.how, member.fields, self.grid, at_45s)
        if self.how.kind != "rest":
            self.members.notes.add("filled", "velocities", words)
        write_restart(path, self.members, member, self.grid, (u, v), self.date)
        with netCDF4.Dataset(path) as file:
            file.set_auto_mask(False)
            check(RULES, PopRestart(file, path.name, self.grid))


def write_ensemble(kind: "Dart", request: Request) -> list[str]:
    """Write restarts of POP, DART's grid and lists; return notes and settings.

    Raises:
        InputError: It lists all that is wrong with options, grid and the first state.
        ConfigError: If the states have no dates that DART knows, and none is given.
    """
    restarts = PopRestarts(kind, request)

    def beside(folder: Path, names: list[str]) -> list[str]:
        made = write_grid(folder, restarts.grid)
        os.symlink(names[0], folder / SIZES)
        for name in (INPUT, OUTPUT):
            (folder / name).write_text("\n".join(names) + "\n", encoding="utf-8")
        for k, name in enumerate(names):
            (folder / pointer(k)).write_text(f"{name}\nRESTART_FMT=nc\n", encoding="utf-8")
        check(FOLDER_RULES, PopFolder(folder, request.out.name, restarts.grid))
        return [*made, SIZES, INPUT, OUTPUT, *(pointer(k) for k in range(len(names)))]

    names = each_file(request.out, restarts.members, "pop", restarts.write, beside, "dart")
    told = f"{request.out}: {len(names)} restart(s) of POP, its grid and filter's lists written, and every rule holds."
    return [*restarts.members.notes.told(), told, *settings(len(names))]


def _velocities(kind: "Dart") -> Velocities:
    how = Velocities(
        kind.velocities,
        no_motion=kind.no_motion,
        stream_function=kind.stream_function,
        equator=kind.equator,
        equation=kind.equation,
        rule=kind.equator_rule,
        wind=kind.wind,
        ekman_depth=kind.ekman_depth,
    )
    require_kind(how)
    return how


def settings(count: int) -> list[str]:
    """Return what DART and CESM's POP need to be told of an ensemble.

    Args:
        count: Number of members.
    """
    return [
        "In DART's input.nml, run in the folder of the restarts; filter changes them in place, so keep a copy:",
        "&filter_nml",
        f"   input_state_file_list  = '{INPUT}'",
        f"   output_state_file_list = '{OUTPUT}'",
        f"   ens_size = {count}, num_output_state_members = {count}",
        "   perturb_from_single_instance = .false.",
        "/",
        "&model_nml   ! of models/POP",
        "   assimilation_period_days = 1, assimilation_period_seconds = 0",
        "   binary_grid_file_format = 'big_endian'",
        "   model_state_variables = 'SALT_CUR ', 'QTY_SALINITY             ', 'UPDATE',",
        "                           'TEMP_CUR ', 'QTY_POTENTIAL_TEMPERATURE', 'UPDATE',",
        "                           'UVEL_CUR ', 'QTY_U_CURRENT_COMPONENT  ', 'UPDATE',",
        "                           'VVEL_CUR ', 'QTY_V_CURRENT_COMPONENT  ', 'UPDATE',",
        "                           'PSURF_CUR', 'QTY_SEA_SURFACE_PRESSURE ', 'UPDATE'",
        "/",
        f"pop_in names {HORIZONTAL}, {TOPOGRAPHY} and {VERTICAL}; with the run's own pop_in DART reads the run's.",
        "In the pop_in of each instance of CESM's POP that continues from a restart (hybrid: dates are the run's):",
        "&init_ts_nml",
        "   init_ts_option = 'ccsm_hybrid', init_ts_file_fmt = 'nc'   ! init_ts_file, or the pointer file, names it",
        "/",
        "&restart_nml",
        "   pressure_correction = .true.   ! old and current time are equal",
        "/",
    ]
