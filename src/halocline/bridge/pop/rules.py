"""What a restart of POP must fulfil for DART to read it and POP to continue from it, rule by rule, with sources."""

from dataclasses import dataclass

import netCDF4
import numpy as np

from halocline.bridge.pop.grid import PopGrid
from halocline.bridge.pop.restart import CM, DATE, DEEP, FLAT, GRAVITY, PSU, STATE, UNITS, date_of
from halocline.bridge.restarts.rules import Rule, first, outside
from halocline.data.fields.variables import variable
from halocline.physics.flow.corners import corner_thickness, depth_mean

_DART, _GRID = "NCAR/DART models/POP/model_mod.f90", "NCAR/DART models/POP/dart_pop_mod.f90"
_POP = "POP2-CESM source/restart.F90, read_restart"
_AGAIN = "Write it with halocline export dart."
_READ = tuple(f"{name}_{when}" for name in UNITS for when in ("CUR", "OLD"))
_FASTEST = 500.0  # cm s-1; what the strongest currents do not reach
FIRST_YEAR = 1601


@dataclass(frozen=True)
class PopRestart:
    """What the rules look at.

    Attributes:
        file: The restart, open, masks off.
        name: Its name, as it has or will have it.
        grid: The grid it shall fit.
    """

    file: netCDF4.Dataset
    name: str
    grid: PopGrid

    def get(self, name: str) -> np.ndarray | None:
        """Return a variable; None if it is absent or of another shape."""
        shape = self.grid.cells.wet.shape
        held = self.file.variables.get(name)
        return None if held is None or held.shape not in (shape, shape[1:]) else np.asarray(held[:])

    def wet(self, name: str) -> np.ndarray:
        """Return where a variable is wet, (level, y, x) or (y, x): in cells, or on corners."""
        stem = name.rsplit("_", 1)[0]
        there = self.grid.corners if stem in ("UVEL", "VVEL", "UBTROP", "VBTROP", "GRADPX", "GRADPY") else None
        there = self.grid.cells.wet if there is None else there
        return there if stem in ("SALT", "TEMP", "UVEL", "VVEL") else there[0]


def _dimensions(r: PopRestart) -> str | None:
    sizes = dict(zip(DEEP, r.grid.cells.wet.shape, strict=True))
    found = {d: len(r.file.dimensions[d]) if d in r.file.dimensions else 0 for d in DEEP}
    wrong = [f"{d} = {found[d]}" if found[d] else f"no {d}" for d in DEEP if found[d] != sizes[d]]
    return ", ".join(wrong) or None


def _state(r: PopRestart) -> str | None:
    gone = [n for n in STATE if n not in r.file.variables]
    return f"no {', '.join(gone)}" if gone else None


def _continues(r: PopRestart) -> str | None:
    gone = [n for n in (*_READ, "PGUESS") if n not in r.file.variables and n not in STATE]
    return f"no {', '.join(gone)}" if gone else None


def _order(r: PopRestart) -> str | None:
    deep = ("SALT", "TEMP", "UVEL", "VVEL")
    named = [(n, r.file[n].dimensions) for n in _READ if n in r.file.variables]
    wrong = [f"{n}{dims}" for n, dims in named if dims != (DEEP if n[:-4] in deep else FLAT)]
    return ", ".join(wrong) or None


def _double(r: PopRestart) -> str | None:
    other = [n for n in _READ if n in r.file.variables and r.file[n].dtype != np.float64]
    return f"{', '.join(other)} in another type" if other else None


def _finite(r: PopRestart) -> str | None:
    held = [(n, v) for n, v in r.file.variables.items() if np.issubdtype(v.dtype, np.floating)]
    counts = {n: int((~(np.abs(np.asarray(v[:])) < 1e19)).sum()) for n, v in held}
    bad = [f"{count} in {n}" for n, count in counts.items() if count]
    return f"NaN, infinite or fill values: {', '.join(bad)}" if bad else None


def _land(r: PopRestart) -> str | None:
    bad = []
    for name in _READ:
        values = r.get(name)
        if values is not None and values.shape == r.wet(name).shape:
            count = int((values[~r.wet(name)] != 0).sum())
            bad += [f"{count} in {name}"] if count else []
    return f"values other than 0: {', '.join(bad)}" if bad else None


def _date(r: PopRestart) -> str | None:
    if gone := [n for n in DATE if n not in r.file.ncattrs()]:
        return f"no attribute {', '.join(gone)}"
    date = date_of(r.file)
    numbers = "-".join(str(r.file.getncattr(n)) for n in DATE)
    return f"the date {numbers}" if date is None or date.year < FIRST_YEAR else None


def _within(r: PopRestart, name: str, low: float, high: float) -> str | None:
    values = r.get(name)
    return (
        None if values is None or values.shape != r.wet(name).shape else outside(name, values, r.wet(name), low, high)
    )


def _salinity(r: PopRestart) -> str | None:
    low, high = (limit / PSU for limit in variable("so").plausible)
    found = _within(r, "SALT_CUR", low, high)
    largest = r.get("SALT_CUR")
    reaches = (variable("so").reaches or 0.0) / PSU
    if found is None and largest is not None and largest.max() < reaches:
        return f"at most {largest.max():.3g}"
    return found


def _temperature(r: PopRestart) -> str | None:
    return _within(r, "TEMP_CUR", *variable("thetao").plausible)


def _velocity(r: PopRestart) -> str | None:
    return first(*(_within(r, n, -_FASTEST, _FASTEST) for n in ("UVEL_CUR", "VVEL_CUR")))


def _pressure(r: PopRestart) -> str | None:
    low, high = (GRAVITY * CM * limit for limit in variable("zos").plausible)
    return _within(r, "PSURF_CUR", low, high)


def _means(r: PopRestart) -> str | None:
    thick = corner_thickness(r.grid.cells.thickness, r.grid.corners)
    found = []
    for letter in "UV":
        deep, mean = r.get(f"{letter}VEL_CUR"), r.get(f"{letter}BTROP_CUR")
        if deep is None or mean is None or deep.ndim != 3:
            continue
        off = float(np.abs(np.where(r.grid.corners[0], mean - depth_mean(deep, thick), 0.0)).max())
        found.append(f"{letter}BTROP_CUR off by {off:.3g} cm/s" if not off <= 1e-6 else None)
    return first(*found)


def _old(r: PopRestart) -> str | None:
    wrong = []
    for name in UNITS:
        now, before = r.get(f"{name}_CUR"), r.get(f"{name}_OLD")
        if now is not None and before is not None and (now.shape != before.shape or not np.array_equal(now, before)):
            wrong.append(name)
    return f"different {', '.join(wrong)}" if 0 < len(wrong) < len(UNITS) else None


RULES: tuple[Rule, ...] = (
    Rule("dimensions", f"{_GRID}, get_horiz_grid_dims", "k, j, i of the grid's size", _AGAIN, _dimensions),
    Rule("state", f"{_DART}, use_default_state_variables", ", ".join(STATE), _AGAIN, _state),
    Rule("other fields", _POP, "old time, barotropic velocities, gradients, PGUESS", _AGAIN, _continues),
    Rule("order of dimensions", f"{_POP}: dim1 = i_dim", "(k, j, i); (j, i) of the surface", "Transpose.", _order),
    Rule("double precision", f"{_POP}: rec_type_dbl", "float64", "Convert to double.", _double),
    Rule(
        "finite values",
        f"{_DART}, get_state_meta_data: land stays in the state",
        "numbers everywhere, 0 on land",
        "Set land to 0.",
        _finite,
    ),
    Rule(
        "land",
        f"{_POP}: k > KMT, k > KMU; {_GRID}, read_topography",
        "0 below the bottom, and on corners beside it",
        "Multiply by the mask.",
        _land,
    ),
    Rule("date", f"{_DART}, read_model_time", f"iyear to isecond, since {FIRST_YEAR}", "Give --date.", _date),
    Rule(
        "salinity",
        f"{_DART}, compute_temperature: times 1000; POP2-CESM source/prognostic.F90",
        "g/g: 0.006 or more somewhere, at most 0.05",
        "Convert: psu divided by 1000.",
        _salinity,
    ),
    Rule(
        "temperature",
        "POP2-CESM source/prognostic.F90",
        "potential temperature, degC, -15 to 50",
        "Convert from Kelvin.",
        _temperature,
    ),
    Rule("velocities", f"{_POP}: units cm/s", "at most 500 cm/s", "Convert to cm/s.", _velocity),
    Rule(
        "surface pressure",
        f"{_DART}, model_interpolate: PSURF / 980.6 is a height in cm",
        "980.6 times the height in cm: at most 10 m",
        "Multiply the height in m by 98060.",
        _pressure,
    ),
    Rule(
        "barotropic velocities",
        "POP2-CESM source/step_mod.F90: UVEL = baroclinic + UBTROP",
        "UBTROP, VBTROP the depth means of UVEL, VVEL",
        _AGAIN,
        _means,
    ),
    Rule(
        "old time",
        f"{_POP}; two time levels of one leap-frog",
        "all fields equal to the current time, or all of another step",
        "Copy _CUR to _OLD.",
        _old,
    ),
)
