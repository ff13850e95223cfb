"""How numbers look: display units, three digits."""

import math
from dataclasses import dataclass

from halocline.evaluate.engine.scorecard import Row
from halocline.evaluate.forecast.card import ForecastRow


@dataclass(frozen=True)
class Display:
    """A unit for people: multiply by ``factor`` and write ``unit``."""

    factor: float
    unit: str


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_WIDE = ("miz_width", "lead_", "crack_", "damage_line_")
_DISPLAY = {
    "m2": Display(1e-12, "10⁶ km²"),
    "m3": Display(1e-12, "10³ km³"),
    "s-1": Display(86_400.0, "day⁻¹"),
    "m s-1": Display(100.0, "cm s⁻¹"),
    "1": Display(1.0, ""),
    "degC": Display(1.0, "°C"),
    "1e-3": Display(1.0, "psu"),
}


def display(unit: str, id: str = "") -> Display:
    """Return how the unit of a score is shown; widths of the marginal ice zone and sizes of lines become kilometres."""
    if unit.endswith(" yr-1"):
        shown = display(unit.removesuffix(" yr-1"), id)
        return Display(shown.factor, f"{shown.unit} yr⁻¹")
    if unit == "m" and id.startswith(_WIDE):
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
        return f"{mantissa}·10{str(int(exponent)).translate(_RAISED)}"
    return f"{value:.{max(0, 2 - math.floor(math.log10(size)))}f}"


def with_interval(value: float, low: float, high: float, factor: float = 1.0, mark: str = "") -> str:
    """Return a number times ``factor``, a mark, and the interval where there is one."""
    text = number(value * factor) + mark
    return f"{text} ({number(low * factor)}–{number(high * factor)})" if math.isfinite(low) else text


def row_name(row: Row | ForecastRow) -> str:
    """Return score, variable and band of a row, those that say something."""
    return ", ".join(part for part in (row.score, row.variable.replace("all", ""), row.band) if part)
