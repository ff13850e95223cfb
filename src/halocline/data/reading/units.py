"""Units: what a file says, converted to the registry's unit.

Spellings of models and weather services are in ``units.toml``; the rest is UDUNITS syntax, read by pint with the
registry of cf-xarray. Absolute salinity (g kg-1) is another quantity than practical salinity and is told by name.
"""

import tomllib
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

import xarray as xr

from halocline.data.fields.variables import Variable
from halocline.data.reading.work import Work

if TYPE_CHECKING:
    import pint

_OTHER_UNITS = {"1": ("%",), "m": ("cm",), "m s-1": ("km/day", "cm/s"), "K": ("degC",), "degC": ("K",)}


def convert_units(array: xr.DataArray, var: Variable, work: Work) -> xr.DataArray:
    """Return values in the registry's unit; a unit of another quantity, or none where one is needed, is a problem.

    Args:
        array: Values with their attribute ``units``, any shape.
        var: What they are.
        work: Its choice ``units`` says what the file does not.
    """
    said = work.choices.units.get(var.name, array.attrs.get("units"))
    if said is None and (known := _table()["unit_of_name"].get(str(array.attrs.get("halocline_name", "")).lower())):
        work.notes.add("assumed", var.name, f"no unit: '{known}', as '{array.attrs['halocline_name']}' is defined")
        said = known
    if said is None:
        if var.unit == "1" and not _outside(array, var):
            work.notes.add("assumed", var.name, "no unit: a fraction by its values")
            return array.assign_attrs(units=var.unit)
        if work.group == "forcing":  # values in another unit are found by their range and by the wind's mean strength
            work.notes.add("assumed", var.name, f"no unit: taken for {var.unit}")
            return array.assign_attrs(units=var.unit)
        units = (var.unit, *_OTHER_UNITS.get(var.unit, ()))
        work.ask(
            f"unit of '{var.name}'",
            found="no units attribute",
            options={f"--unit {var.name}={unit}": f"it is {unit}" for unit in units},
            why=f"'{var.unit}', or one that converts to it",
        )
        return array
    scale = factor_and_offset(str(said), var.unit)
    if scale is None:
        _other_quantity(work, var.name, str(said), var.unit)
        return array
    factor, offset = scale
    if (factor, offset) != (1.0, 0.0):
        work.notes.add("converted", var.name, f"'{said}' to '{var.unit}'")
        number = array.dtype.type if array.dtype.kind == "f" else float
        encoding = dict(array.encoding)
        array = array.copy(data=array.values * number(factor) + number(offset))
        if "scale_factor" in encoding:
            array.encoding["scale_factor"] = abs(float(encoding["scale_factor"]) * factor)
    work.units[var.name] = str(said)
    return array.assign_attrs(units=var.unit)


def is_absolute_salinity(unit: str) -> bool:
    """Tell whether a unit is that of the absolute salinity of TEOS-10, 0.5 % larger than the practical one."""
    return unit.strip().lower() in _table()["absolute_salinity"]


def coordinate_in(array: xr.DataArray, unit: str, name: str, work: Work) -> xr.DataArray:
    """Return a coordinate (x, y, depth in m; area in m2) in ``unit``; one without a unit stays as it is."""
    said = work.choices.units.get(name, array.attrs.get("units"))
    if said is None or str(said).strip().lower().startswith("degree"):
        return array
    scale = factor_and_offset(str(said), unit)
    if scale is None:
        _other_quantity(work, name, str(said), unit)
        return array
    if scale[0] != 1.0:
        work.notes.add("converted", name, f"'{said}' to '{unit}'")
        array = array.copy(data=array.values * scale[0])
    return array.assign_attrs(units=unit)


def same_spelling(said: str, unit: str) -> bool:
    """Tell whether two texts are spellings of one unit; nothing is converted."""
    return _spelt(said) == _spelt(unit)


@cache
def factor_and_offset(said: str, unit: str) -> tuple[float, float] | None:
    """Return (factor, offset) with ours = factor * theirs + offset; None if the two are different quantities."""
    first, second = _spelt(said), _spelt(unit)
    if first == second:
        return 1.0, 0.0
    a, b = _parsed(first), _parsed(second)
    if a is None or b is None or a.dimensionality != b.dimensionality:
        return None
    at_0, at_1 = (
        float(_registry().Quantity(value * a.magnitude, a.units).to(b.units).magnitude / b.magnitude)
        for value in (0.0, 1.0)
    )
    return round(at_1 - at_0, 15), round(at_0, 9)


def _other_quantity(work: Work, name: str, said: str, unit: str) -> None:
    work.wrong(
        f"unit of '{name}'",
        found=f"'{said}'",
        expected=f"'{unit}', or one that converts to it",
        remedy=f"Correct the attribute units, or say --unit {name}=UNIT.",
    )


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("units.toml").read_text(encoding="utf-8"))


def _spelt(unit: str) -> str:
    text = unit.strip()
    return next((ours for ours, words in _table()["spellings"].items() if text.lower() in words), text)


@cache
def _registry() -> "pint.UnitRegistry":
    from cf_xarray.units import units

    return units


@cache
def _parsed(unit: str) -> "pint.Quantity | None":
    try:
        return _registry().Quantity(1.0, "") if unit == "1" else _registry().Quantity(unit)
    except Exception:  # pint raises errors of many kinds for text that is no unit
        return None


def _outside(array: xr.DataArray, var: Variable) -> bool:
    return not var.is_plausible(float(array.min()), float(array.max()))
