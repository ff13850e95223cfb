"""States as observations in IODA's form: one location for each ocean cell, values with an error.

Sources: JCSDA/ioda, Layout_ObsGroup.cpp (layout); JCSDA-internal/ioda-converters, src/marine (groups, types, units);
JCSDA/ufo, src/ufo/operators/marine (names and quantities: ufo_seaicethickness_mod.F90 sums area times thickness of the
categories, which is volume per area of the cell, and takes ``iceThickness`` alone); JCSDA/oops, missingValues.cc;
JCSDA-internal/soca, test/testinput (YAML). Checked against the source code, not run. No operator for snow was found.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import netCDF4
import numpy as np

from halocline.bridge.exports.base import Request
from halocline.bridge.restarts.dates import date_of, seconds_since_1970
from halocline.bridge.restarts.members import Member, Members, open_members
from halocline.bridge.restarts.output import each_file, first_path, netcdf
from halocline.bridge.restarts.settings import Options
from halocline.data.fields.variables import variable
from halocline.runtime.errors import ConfigError, HaloclineError, InputError
from halocline.runtime.words import named_numbers, named_values

if TYPE_CHECKING:
    from halocline.bridge.exports.ioda import Ioda

NAMES = {"sic": "seaIceFraction", "sit": "iceThickness", "snt": "snowDepth"}
MISSING = np.float32(float(np.finfo(np.float32).min) * 0.99)
"""What oops takes for missing, ``util::missingValue<float>``."""
OPERATORS = {"seaIceFraction": "SeaIceFraction", "iceThickness": "SeaIceThickness"}
"""Of UFO, by the name that each takes; others go by Identity and an alias."""
_EPOCH = "seconds since 1970-01-01T00:00:00Z"
_LEAST = 0.01  # concentration, below which no thickness of the ice is told
_LOCATION = ("Location",)


class IodaFiles:
    """Writes observations of one setting.

    Args:
        kind: The options.
        request: States and output.

    Raises:
        InputError: It lists all that is wrong with options and the first state.
    """

    def __init__(self, kind: "Ioda", request: Request) -> None:
        options = Options(f"export ioda of {request.out.name}")
        options.choice("thickness-of", kind.thickness_of, ("ice", "cell"))
        options.within("every", kind.every, 1, 1000)
        self.kind = kind
        none: dict[str, float] = {}
        self.errors = options.taken(lambda: named_numbers(kind.error, "--error sic=0.1"), none)
        self.names = options.taken(lambda: NAMES | named_values(kind.name or [], "--name sit=iceThickness"), NAMES)
        for name, error in self.errors.items():
            options.choice("variable with an error", name, tuple(NAMES))
            if not 0 < error < np.inf:
                options.keep(ConfigError(f"error of {name}", found=error, expected="> 0", remedy="Pass another."))
        self.date = options.taken(lambda: date_of(kind.date), None)
        try:
            self.members: Members = open_members(request.states, request.choices, request.members, with_sit=False)
            self._check_states(options, self.members.first)
        except HaloclineError as error:
            options.keep(error)
        options.problems.raise_all()

    def _check_states(self, options: Options, first: Member) -> None:
        if gone := [n for n in self.errors if n in NAMES and n not in self.members.present]:
            words = f"only {', '.join(self.members.present)}"
            options.keep(InputError(f"variable {', '.join(gone)}", found=words, expected="it", remedy="Leave it out."))
        if self.kind.date is None and first.date is None:
            options.keep(
                ConfigError(
                    "date",
                    found="none, and states without dates",
                    expected="when the observations are valid",
                    remedy="Give --date 2020-03-01T12:00.",
                )
            )

    def write(self, k: int, member: Member, path: Path) -> None:
        """Write the observations of one state."""
        grid, step = self.members.grid, self.kind.every
        taken = np.zeros(grid.shape, bool)
        taken[::step, ::step] = True
        taken &= grid.mask
        with netcdf(path, self.members, member, "sea-ice state as observations") as file:
            file.setncatts({"_ioda_layout": "ObsGroup", "_ioda_layout_version": np.int32(0)})
            count = int(taken.sum())
            file.createDimension("Location", count)
            file.createVariable("Location", np.int32, _LOCATION)[:] = np.arange(count)
            meta = file.createGroup("MetaData")
            for name, values, unit in (
                ("latitude", grid.lat[taken], "degrees_north"),
                ("longitude", grid.lon[taken], "degrees_east"),
            ):
                meta.createVariable(name, np.float32, _LOCATION)[:] = values
                meta[name].units = unit
            meta.createVariable("dateTime", np.int64, _LOCATION)[:] = self._seconds(member)
            meta["dateTime"].units = _EPOCH
            for name, error in self.errors.items():
                self._variable(file, name, self._values(member, name)[taken], error)

    def _variable(self, file: netCDF4.Dataset, name: str, values: np.ndarray, error: float) -> None:
        there = np.isfinite(values)
        unit = {"ObsValue": variable(name).unit, "ObsError": variable(name).unit}
        for group, numbers in (("ObsValue", values), ("ObsError", np.full(values.shape, error))):
            held = file.createGroup(group).createVariable(self.names[name], np.float32, _LOCATION, fill_value=MISSING)
            held.units = unit[group]
            held[:] = np.where(there, numbers, MISSING)
        file.createGroup("PreQC").createVariable(self.names[name], np.int32, _LOCATION)[:] = 0

    def _values(self, member: Member, name: str) -> np.ndarray:
        values, area = member.fields[name], member.fields["sic"]
        if name == "sic" or self.kind.thickness_of == "cell":
            return values
        return np.divide(values, area, out=np.full(values.shape, np.nan), where=area >= _LEAST)

    def _seconds(self, member: Member) -> int:
        date = self.date or member.date
        assert date is not None
        return seconds_since_1970(date)


def settings(files: IodaFiles, first: str) -> list[str]:
    """Return what a JEDI application says of the observations: an observer for each variable."""
    lines = ["In JEDI's YAML, for each file:", "observers:"]
    for name in (files.names[n] for n in files.errors):
        operator = OPERATORS.get(name)
        lines += [
            "- obs space:",
            f"    name: {name}",
            f"    obsdatain: {{engine: {{type: H5File, obsfile: {first}}}}}",
            f"    simulated variables: [{name}]",
            f"  obs operator: {{name: {operator}}}"
            if operator
            else "  obs operator: {name: Identity, observation alias file: FILE}",
        ]
    return lines


def write_observations(kind: "Ioda", request: Request) -> list[str]:
    """Write states as observations; return notes and settings."""
    observations = IodaFiles(kind, request)
    names = each_file(request.out, observations.members, "ioda", observations.write)
    told = f"{request.out}: {len(names)} file(s) of observations written."
    return [*observations.members.notes.told(), told, *settings(observations, first_path(request.out, names))]
