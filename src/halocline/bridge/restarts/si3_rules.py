"""What an ice restart must fulfil for SI3 (NEMO 4.2 and 5.0) to start from it, rule by rule, each with its source.

Paths begin at NEMO's src/.
"""

import netCDF4
import numpy as np

from halocline.bridge.restarts.air import ZERO_CELSIUS
from halocline.bridge.restarts.category_rules import (
    beyond_a_cell,
    not_together,
    other_number,
    out_of_bounds,
    single_precision,
    thickness,
    thinner,
    too_fast,
)
from halocline.bridge.restarts.rules import Held, Rule, first, missing, not_finite, not_zero, outside
from halocline.data.files.pieces import piece_number
from halocline.physics.ice_enthalpy import (
    COLDEST,
    SI3,
    SI3_5,
    IceConstants,
    ice_temperature,
    melting_temperature,
    snow_temperature,
)

CATEGORY = ("a_i", "v_i", "v_s", "sv_i", "oa_i", "t_su", "a_ip", "v_ip", "v_il")
_ASKED_FOR = ("oa_i", "a_ip", "v_ip", "v_il")  # begin at 0 where a restart has none
SURFACE = ("u_ice", "v_ice")
CONSTANTS = {"4.2": SI3, "5.0": SI3_5}
"""Constants of the releases."""
OF_WATER = 0.25
"""rn_sinew of nn_icesal = 2: 5.0 lets ice hold no more than this share of the water's salinity (icecor.F90)."""
THINNEST, MOST_SALT, LEAST_SALT = 0.1, 20.0, 0.1  # rn_himin, m; rn_simax and rn_simin, psu
_FASTEST = 4.0  # m s-1
_DIMS = ("time_counter", "numcat", "y", "x")


def _piece(h: Held) -> str | None:
    digits = piece_number(h.name)
    return None if digits is None else f"'{h.name}', which NEMO takes for the piece of process {digits}"


def _time(h: Held) -> str | None:
    time = h.file.dimensions.get("time_counter")
    if time is None:
        return "no time_counter"
    if not time.isunlimited():
        return f"a fixed dimension of length {len(time)}"
    return None if len(time) == 1 else f"{len(time)} records"


def held(file: netCDF4.Dataset, name: str, mask: np.ndarray, bounds: np.ndarray, constants: IceConstants = SI3) -> Held:
    """Return what the rules look at of an open restart."""
    return Held(file, file, name, mask, bounds, constants=constants)


def _constants(h: Held) -> IceConstants:
    return h.constants or SI3


def _variables(h: Held) -> str | None:
    needed = [n for n in CATEGORY if n not in _ASKED_FOR]
    return missing(h, (*needed, *SURFACE, "kt_ice", "nn_fsbc", "e_i_l01", "e_s_l01"))


def _shapes(h: Held) -> str | None:
    deep = [n for n in h.file.variables if n in CATEGORY or n.startswith(("e_i_l", "e_s_l"))]
    wanted = {**dict.fromkeys(deep, _DIMS), **{n: (_DIMS[0], *_DIMS[2:]) for n in SURFACE if n in h.file.variables}}
    wrong = [f"{n}{h.file[n].dimensions}" for n, d in wanted.items() if h.file[n].dimensions != d]
    wrong += [f"{n} on a grid of {s}" for n in wanted if (s := h.file[n].shape[-2:]) != h.mask.shape]
    return ", ".join(wrong) or None


def _on_land(h: Held) -> str | None:
    layers = [n for n in h.file.variables if n.startswith(("e_i_l", "e_s_l"))]
    return not_zero(h, (*[n for n in CATEGORY if n != "t_su"], *SURFACE, *layers), ~h.mask)


def _ice(h: Held) -> tuple[np.ndarray, np.ndarray] | None:
    """Return where there is ice, and its salinity."""
    if not h.shaped("a_i", "v_i", "sv_i"):
        return None
    ice = (h.get("a_i") > 0) & (h.get("v_i") > 0)
    return ice, np.divide(h.get("sv_i"), h.get("v_i"), out=np.ones(ice.shape), where=ice)


def _salinity(h: Held) -> str | None:
    found = _ice(h)
    return None if found is None else outside("sv_i / v_i", found[1], found[0], LEAST_SALT, MOST_SALT * (1 + 1e-9))


def _heat(h: Held) -> str | None:
    found, layers = _ice(h), h.layers("e_i_l")
    if found is None or any(v.shape != found[0].shape for v in layers):
        return None
    ice, salinity = found[0], np.clip(found[1], 0.01, 100.0)
    per_volume = [np.divide(e * len(layers), h.get("v_i"), out=np.full(ice.shape, 3e8), where=ice) for e in layers]
    cold = [ice_temperature(-q, salinity, _constants(h)) for q in per_volume]
    melts = melting_temperature(salinity, _constants(h))
    return first(*(_between(f"e_i_l{k:02d}", t, ice, melts) for k, t in enumerate(cold, 1)))


def _between(name: str, temperature: np.ndarray, ice: np.ndarray, melts: np.ndarray) -> str | None:
    good = (temperature > COLDEST) & (temperature <= melts + 1e-6)
    bad = ice & ~good
    return f"{int(bad.sum())} values of {name} that no ice has" if bad.any() else None


def _snow(h: Held) -> str | None:
    layers = h.layers("e_s_l")
    if not h.shaped("v_s") or any(v.shape != h.get("v_s").shape for v in layers):
        return None
    snow = h.get("v_s") > 0
    per_volume = [np.divide(e * len(layers), h.get("v_s"), out=np.zeros(snow.shape), where=snow) for e in layers]
    cold = (snow_temperature(-q, _constants(h)) for q in per_volume)
    return first(*(outside("snow temperature", t, snow, COLDEST, 1e-6) for t in cold))


def _surface(h: Held) -> str | None:
    found = thickness(h, "a_i", "v_i")
    if found is None or not h.shaped("t_su"):
        return None
    return outside("t_su", h.get("t_su"), found[1], ZERO_CELSIUS + COLDEST, ZERO_CELSIUS)


def _ponds(h: Held) -> str | None:
    if not h.shaped("a_i", "a_ip", "v_ip", "v_il"):
        return None
    more = int((h.get("a_ip") > h.get("a_i")).sum())
    below = [n for n in ("a_ip", "v_ip", "v_il") if (h.get(n) < 0).any()]
    return first(f"{more} ponds larger than their ice" if more else None, f"{', '.join(below)} < 0" if below else None)


def _faces(h: Held) -> str | None:
    if not h.shaped("a_i", *SURFACE):
        return None
    ice = (h.get("a_i") > 0).any(axis=0)
    loose = [not_zero(h, (n,), ~(ice | np.roll(ice, -1, axis))) for n, axis in (("u_ice", 1), ("v_ice", 0))]
    return first(*loose)


def _step(h: Held) -> str | None:
    found = {n: float(np.ravel(h.get(n))[0]) for n in ("kt_ice", "nn_fsbc")}
    wrong = [f"{n} = {v:g}" for n, v in found.items() if not (v >= (n == "nn_fsbc") and v == np.floor(v))]
    return ", ".join(wrong) or None


_AGAIN = "Write it with halocline export si3."
_READ = "ICE/icerst.F90, ice_rst_read"
_VAR = "ICE/icevar.F90"
_COR = "ICE/icecor.F90, ice_cor"
RULES: tuple[Rule, ...] = (
    Rule("file name", "OCE/IOM/iom.F90, iom_open", "a last '_' part that is not a number", "Rename it.", _piece),
    Rule("time dimension", "OCE/IOM/iom.F90, iom_get", "time_counter unlimited, one record", _AGAIN, _time),
    Rule("variables", f"{_READ}: what it reads unasked", "what every restart holds", _AGAIN, _variables),
    Rule("dimensions", _READ, "(time_counter, numcat, y, x) of the mesh", _AGAIN, _shapes),
    Rule(
        "number of categories",
        f"{_READ}: jpl",
        "those of the run",
        "Give --categories.",
        lambda h: other_number(h, "numcat"),
    ),
    Rule("double precision", "NEMO restarts: wp", "float64", "Convert to double.", single_precision),
    Rule(
        "finite values", "NEMO's masks do not stop NaN", "numbers everywhere, 0 on land", "Set land to 0.", not_finite
    ),
    Rule("land", f"{_READ}: masks nothing", "0 on land", "Multiply by the mask.", _on_land),
    Rule(
        "concentration",
        f"{_COR}: rn_amax_n and rn_amax_s",
        "a_i in 0..1, their sum at most 1",
        "Clip concentration.",
        lambda h: beyond_a_cell(h, "a_i"),
    ),
    Rule(
        "one ice mask",
        f"{_VAR}, ice_var_zapsmall",
        "area and volume together; snow, heat and salt only on ice",
        "Empty the category, or give it both.",
        lambda h: not_together(h, "a_i", "v_i", "v_s", ("sv_i", "oa_i", "e_i_l", "e_s_l")),
    ),
    Rule(
        "category bounds",
        "ICE/iceitd.F90, ice_itd_init and ice_itd_reb: hi_max(jl-1) < h_i < hi_max(jl)",
        "each category's thickness between its bounds",
        "Share the ice out again, with the bounds of the run.",
        lambda h: out_of_bounds(h, "a_i", "v_i"),
    ),
    Rule(
        "thinnest ice",
        f"{_COR}: rn_himin",
        "at least 0.1 m",
        "Pile it up: less area.",
        lambda h: thinner(h, "a_i", "v_i", THINNEST),
    ),
    Rule(
        "salinity",
        f"{_COR}: rn_simin and rn_simax",
        "sv_i / v_i in 0.1..20 psu",
        "sv_i is salinity times v_i.",
        _salinity,
    ),
    Rule(
        "heat content of ice",
        f"{_VAR}, ice_var_glo2eqv: t_i between -100 degC and the melting temperature",
        "J m-2 of ice between -100 degC and its melting temperature",
        "Compute it from temperature, salinity and v_i / nlay_i, with the constants of the release.",
        _heat,
    ),
    Rule(
        "heat content of snow",
        f"{_VAR}, ice_var_glo2eqv: t_s between -100 and 0 degC",
        "J m-2 of snow between -100 and 0 degC",
        "Compute it from temperature and v_s / nlay_s.",
        _snow,
    ),
    Rule("surface temperature", f"{_READ}: t_su", "K, 173.15 to 273.15 on ice", "Convert to Kelvin; clip.", _surface),
    Rule("ponds", f"{_READ}: a_ip, v_ip, v_il", "at least 0, a_ip no more than a_i", "Set them to 0.", _ponds),
    Rule(
        "velocity beside ice",
        "SI3 manual, u_ice is 0 without ice",
        "0 on faces between cells without ice",
        _AGAIN,
        _faces,
    ),
    Rule(
        "velocity",
        "SI3 manual, advection: Courant number",
        "up to 4 m/s",
        "Convert to m/s.",
        lambda h: too_fast(h, SURFACE, _FASTEST),
    ),
    Rule(
        "step",
        f"{_READ}: nit000 - kt_ice = 1, and nn_fsbc of the run, unless nn_rstctl = 0",
        "kt_ice and nn_fsbc, whole numbers of steps",
        "Give --step and --frequency.",
        _step,
    ),
)
