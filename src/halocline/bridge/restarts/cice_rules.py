"""What a restart must fulfil for CICE 6 to start from it, rule by rule, each with where CICE or Icepack says so.

Paths begin at cicecore/ of CICE and at columnphysics/ of Icepack.
"""

import numpy as np

from halocline.bridge.restarts.category_rules import (
    beyond_a_cell,
    not_together,
    other_number,
    out_of_bounds,
    single_precision,
    thinner,
    too_fast,
)
from halocline.bridge.restarts.rules import Held, Rule, first, missing, not_finite, not_zero, outside
from halocline.physics.ice_enthalpy import (
    CICE,
    COLDEST,
    IceConstants,
    ice_temperature,
    liquidus,
    melting_temperature,
    mush_enthalpy,
    snow_temperature,
)
from halocline.physics.ice_profile import FRESHEST

_SIDES = (1, 2, 3, 4)
STRESSES = tuple(f"{name}_{k}" for name in ("stressp", "stressm", "stress12") for k in _SIDES)
CATEGORY = ("aicen", "vicen", "vsnon", "Tsfcn")
SURFACE = ("uvel", "vvel", "scale_factor", "swvdr", "swvdf", "swidr", "swidf", "strocnxT", "strocnyT", "sst", "frzmlt")
POINTS = (("uvel", "vvel", "iceumask"), ("uvelE", "vvelE", "iceemask"), ("uvelN", "vvelN", "icenmask"))
"""Velocities and masks at the corners, which every run reads, and at the east and north faces, for the C grid."""
_AT_POINTS = tuple(name for names in POINTS for name in names)
_LAND = ("aicen", "vicen", "vsnon", *_AT_POINTS)
_TRACERS = ("alvl", "vlvl", "apnd")
_THINNEST, _THINNEST_OF_ONE = 0.01, 0.1  # m, hi_min with kitd = 1 and, for one category, 0
_FASTEST = 4.0  # m s-1


def _variables(h: Held) -> str | None:
    return missing(h, (*CATEGORY, *SURFACE, *STRESSES, "qice001", "sice001", "qsno001"))


def _shapes(h: Held) -> str | None:
    deep = [n for n in h.file.variables if n in CATEGORY or n[:4] in ("qice", "sice", "qsno")]
    flat = (*SURFACE, *STRESSES, *_AT_POINTS)
    wanted = {**dict.fromkeys(deep, ("ncat", "nj", "ni")), **dict.fromkeys(flat, ("nj", "ni"))}
    held = {n: d for n, d in wanted.items() if n in h.file.variables}
    wrong = [f"{n}{h.file[n].dimensions}" for n, d in held.items() if h.file[n].dimensions != d]
    sizes = {n: h.file[n].shape[-2:] for n in held}
    wrong += [f"{n} of {s} on a grid of {h.mask.shape}" for n, s in sizes.items() if s != h.mask.shape]
    return ", ".join(wrong) or None


def _on_land(h: Held) -> str | None:
    return not_zero(h, _LAND, ~h.mask)


def _thin(h: Held) -> str | None:
    one = h.bounds is not None and len(h.bounds) == 2
    return thinner(h, "aicen", "vicen", _THINNEST_OF_ONE if one else _THINNEST)


def _constants(h: Held) -> IceConstants:
    return h.constants or CICE


def _layers(h: Held) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]] | None:
    enthalpy, salinity = h.layers("qice"), h.layers("sice")
    if not h.shaped("aicen") or len(enthalpy) != len(salinity):
        return None
    ice = h.get("aicen") > 0
    return (ice, enthalpy, salinity) if all(v.shape == ice.shape for v in (*enthalpy, *salinity)) else None


def _same_layers(h: Held) -> str | None:
    counts = {stem: len(h.layers(stem)) for stem in ("qice", "sice")}
    return None if len(set(counts.values())) == 1 else f"{counts['qice']} layers of qice, {counts['sice']} of sice"


def _salinity(h: Held) -> str | None:
    found = _layers(h)
    least = FRESHEST if h.brine == "bl99" else 0.0
    return None if found is None else first(*(outside("sice", s, found[0], least, 40.0) for s in found[2]))


def _enthalpy(h: Held) -> str | None:
    found = _layers(h)
    if found is None:
        return None
    ice, wrong, c = found[0], [], _constants(h)
    for k, (q, s) in enumerate(zip(*found[1:], strict=True), 1):
        salinity = np.clip(np.where(ice, s, 1.0), 0.01, 100.0)
        if h.brine == "bl99":
            cold = ice_temperature(np.where(ice, q, -3e8), salinity, c)
            bad = ice & ~((cold > COLDEST) & (cold <= melting_temperature(salinity, c) + 1e-6))
        else:
            low, high = (mush_enthalpy(t, salinity, c) for t in (COLDEST, liquidus(salinity)))
            bad = ice & ~((q > low) & (q <= high))
        wrong += [f"{int(bad.sum())} of qice{k:03d}"] if bad.any() else []
    return f"enthalpies of no ice: {', '.join(wrong)}" if wrong else None


def _snow(h: Held) -> str | None:
    if not h.shaped("vsnon"):
        return None
    snow = h.get("vsnon") > 0
    cold = [snow_temperature(q, _constants(h)) for q in h.layers("qsno") if q.shape == snow.shape]
    return first(*(outside("snow temperature", t, snow, COLDEST, 1e-6) for t in cold))


def _surface(h: Held) -> str | None:
    if not h.shaped("Tsfcn"):
        return None
    values = h.get("Tsfcn")
    return outside("Tsfcn", values, np.ones(values.shape, bool), COLDEST, 0.0)


def _ice_masks(h: Held) -> str | None:
    return first(*(_ice_mask(h, *names) for names in POINTS if h.shaped(*names)))


def _ice_mask(h: Held, u: str, v: str, name: str) -> str | None:
    mask = h.get(name)
    other = int((~np.isin(mask, (0.0, 1.0))).sum())
    return f"{other} values of {name} that are not 0 or 1" if other else not_zero(h, (u, v), mask == 0)


def _speed(h: Held) -> str | None:
    return first(*(too_fast(h, (u, v), _FASTEST) for u, v, _ in POINTS))


def _tracers(h: Held) -> str | None:
    names = [n for n in _TRACERS if h.shaped(n)]
    return first(*(outside(n, h.get(n), np.ones(h.get(n).shape, bool), 0.0, 1.0) for n in names))


def _date(h: Held) -> str | None:
    numbers = {n: getattr(h.file, n, None) for n in ("istep1", "myear", "mmonth", "mday", "msec")}
    gone = [n for n, v in numbers.items() if v is None]
    if gone:
        return f"no attribute {', '.join(gone)}"
    ranges = {"istep1": (0, 2**31), "myear": (0, 9999), "mmonth": (1, 12), "mday": (1, 31), "msec": (0, 86399)}
    wrong = [f"{n} = {numbers[n]}" for n, (low, high) in ranges.items() if not low <= int(numbers[n]) <= high]  # type: ignore[arg-type]
    return ", ".join(wrong) or None


_AGAIN = "Write it with halocline export cice."
_DRIVER = "CICE, cicedyn/infrastructure/ice_restart_driver.F90, restartfile"
_NETCDF = "CICE, cicedyn/infrastructure/io/io_netcdf/ice_restart.F90"
_ITD = "Icepack, icepack_itd.F90"
_VERTICAL = "Icepack, icepack_therm_vertical.F90, init_vertical_profile"
RULES: tuple[Rule, ...] = (
    Rule("variables", f"{_DRIVER}: what it reads unasked", "what every restart holds", _AGAIN, _variables),
    Rule(
        "dimensions",
        f"{_NETCDF}, init_restart_write and read_restart_field",
        "(ncat, nj, ni) and (nj, ni) of the grid",
        _AGAIN,
        _shapes,
    ),
    Rule(
        "number of categories",
        f"{_NETCDF}, read_restart_field",
        "those of the run",
        "Give --categories.",
        lambda h: other_number(h, "ncat"),
    ),
    Rule("double precision", f"{_NETCDF}, define_rest_field", "float64", "Convert to double.", single_precision),
    Rule("finite values", f"{_DRIVER}: no fill value", "numbers everywhere, 0 on land", "Set land to 0.", not_finite),
    Rule("land", "CICE documentation, masks", "0 on land", "Multiply by the mask.", _on_land),
    Rule(
        "concentration",
        f"{_ITD}, zap_small_areas: stops for aicen < 0 and aice > 1",
        "aicen in 0..1, their sum at most 1",
        "Clip concentration.",
        lambda h: beyond_a_cell(h, "aicen"),
    ),
    Rule(
        "one ice mask",
        f"{_ITD}, zap_small_areas",
        "area and volume together, snow, enthalpy and salinity only on ice",
        "Empty the category, or give it both.",
        lambda h: not_together(h, "aicen", "vicen", "vsnon", ("qice", "sice", "qsno")),
    ),
    Rule(
        "category bounds",
        f"{_ITD}, icepack_init_itd (kcatbound = 0, kitd = 1) and rebin",
        "each category's thickness between its bounds",
        "Share the ice out again, with the bounds of the run.",
        lambda h: out_of_bounds(h, "aicen", "vicen"),
    ),
    Rule(
        "thinnest ice",
        f"{_ITD}, icepack_init_itd: hi_min",
        "at least 0.01 m, 0.1 m of one category",
        "Pile it up: less area.",
        _thin,
    ),
    Rule("ice layers", f"{_DRIVER}: nilyr of each", "as many qice as sice", _AGAIN, _same_layers),
    Rule(
        "salinity",
        f"{_VERTICAL}: with ktherm = 1 stops for zSin < min_salin",
        "0.1 (bl99) or 0 (mushy) to 40 psu",
        "Give practical salinity, at least 0.1.",
        _salinity,
    ),
    Rule(
        "ice enthalpy",
        f"{_VERTICAL}: stops for zTin < -100, with ktherm = 1 for zTin > Tmax",
        "that of ice between -100 degC and its melting temperature",
        "Compute it from temperature and salinity by the run's ktherm and constants.",
        _enthalpy,
    ),
    Rule(
        "snow enthalpy",
        f"{_VERTICAL}: stops for zTsn < -100",
        "that of snow between -100 and 0 degC",
        "Compute it from the snow's temperature.",
        _snow,
    ),
    Rule("surface temperature", f"{_VERTICAL}: Tsf", "degC, -100 to 0", "Convert from Kelvin; clip at 0.", _surface),
    Rule(
        "ice masks of corners and faces",
        f"{_DRIVER}: iceumask, iceemask, icenmask",
        "0 or 1, and no velocity where it is 0",
        _AGAIN,
        _ice_masks,
    ),
    Rule(
        "velocity",
        "CICE, cicedyn/dynamics/ice_transport_remap.F90, departure_points: stops beyond a cell",
        "up to 4 m/s",
        "Convert to m/s.",
        _speed,
    ),
    Rule("tracers", "CICE, shared/ice_restart_column.F90", "alvl, vlvl, apnd in 0..1", "Clip them.", _tracers),
    Rule(
        "date",
        f"{_NETCDF}, init_restart_read, with use_restart_time",
        "istep1, myear, mmonth, mday, msec of a date",
        _AGAIN,
        _date,
    ),
)
