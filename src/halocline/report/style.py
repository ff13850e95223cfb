"""How pictures and numbers look: colour maps, colours, display units."""

import math
from dataclasses import dataclass

import cmocean
from matplotlib.axes import Axes
from matplotlib.colors import Colormap

from halocline.data.fields.variables import is_variable, variable

GENERATED = "#d1495b"
REAL = "#1b3a4b"
LAND = "#c9cdd2"
TEXT = "#22303a"
FAINT = "#d5dbe0"
DPI = 110


@dataclass(frozen=True)
class Display:
    """A unit for people: multiply by ``factor`` and write ``unit``."""

    factor: float
    unit: str


_DISPLAY = {
    "m2": Display(1e-12, "10⁶ km²"),
    "m3": Display(1e-12, "10³ km³"),
    "s-1": Display(86_400.0, "day⁻¹"),
    "m s-1": Display(100.0, "cm s⁻¹"),
    "1": Display(1.0, ""),
    "degC": Display(1.0, "°C"),
    "1e-3": Display(1.0, "psu"),
}


def display(unit: str, score: str = "") -> Display:
    """Return how a unit is shown; widths in metres become kilometres."""
    if unit == "m" and "width" in score:
        return Display(1e-3, "km")
    return _DISPLAY.get(unit, Display(1.0, unit))


def number(value: float) -> str:
    """Return a number with three digits, without needless zeros."""
    if not math.isfinite(value):
        return "–"
    if value == 0.0:
        return "0"
    size = abs(value)
    if size >= 1e5 or size < 1e-4:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa}·10{_raised(int(exponent))}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(size)))}f}"


def _raised(exponent: int) -> str:
    return str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))


def colours(name: str) -> Colormap:
    """Return the colour map of a variable, with land in grey."""
    chosen = {
        "sit": cmocean.cm.deep_r,
        "sic": cmocean.cm.ice,
        "sid": cmocean.cm.amp,
        "snt": cmocean.cm.tempo_r,
        "thetao": cmocean.cm.thermal,
        "so": cmocean.cm.haline,
        "zos": cmocean.cm.delta,
        "speed": cmocean.tools.crop_by_percent(cmocean.cm.speed, 45, which="max"),
        "std": cmocean.cm.matter,
        "difference": cmocean.cm.balance,
    }.get(name)
    if chosen is None:
        vector = is_variable(name) and variable(name).partner is not None
        chosen = cmocean.cm.balance if vector else cmocean.cm.haline
    with_land: Colormap = chosen.with_extremes(bad=LAND)
    return with_land


def plain_axes(axes: Axes) -> None:
    """Take ticks and frame away from a map."""
    axes.set_xticks([])
    axes.set_yticks([])
    for spine in axes.spines.values():
        spine.set_color(FAINT)


def curve_axes(axes: Axes) -> None:
    """Give a plot of curves light axes and a faint grid."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#8a97a1")
    axes.tick_params(labelsize=8, colors=TEXT, length=3)
    axes.grid(True, which="major", color=FAINT, linewidth=0.6)
    axes.set_axisbelow(True)
