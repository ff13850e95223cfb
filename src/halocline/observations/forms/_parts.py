"""What forms share: times and units of files in ours, names of theirs and ours, rows ready for a form without NaN."""

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path

import cftime
import numpy as np
import xarray as xr

from halocline.data.fields.calendar import TIME_UNITS, calendar_named
from halocline.data.files.open import open_dataset
from halocline.data.reading.units import factor_and_offset
from halocline.observations.check import outside
from halocline.observations.quantities import quantity
from halocline.observations.table import Observations
from halocline.physics.potential_temperature import moved_to, pressure_at
from halocline.runtime.errors import InputError
from halocline.runtime.words import named_values


def opened(path: Path) -> xr.Dataset:
    """Open a file of observations with its times as numbers."""
    return open_dataset(path, "observations", times="raw")


def require(dataset: xr.Dataset, names: Sequence[str], form: str, source: str) -> None:
    """Raise InputError unless a file has variables by which its form is known."""
    if missing := [name for name in names if name not in dataset.variables]:
        raise InputError(
            f"{source} as {form}",
            found=f"no {', '.join(missing)} among {', '.join(map(str, dataset.variables)) or 'no variables'}",
            expected=", ".join(names),
            remedy="Give files of this form, or read them as another: halocline observe --list.",
        )


def hours(values: np.ndarray, units: str, calendar: str, source: str) -> tuple[np.ndarray, str]:
    """Return times in hours since 2000-01-01, and the calendar's first name.

    Args:
        values: Times in ``units``.
        units: ``days since 1990-01-01``, also as EnKF-C writes them: ``days from 6565.5 days since 1990-01-01``.
        calendar: CF calendar.
        source: For errors.

    Raises:
        InputError: If the units are none of time.
    """
    calendar, scale = calendar_named(calendar or "standard"), 1.0
    try:
        first, start = 0.0, units
        if " from " in units:
            scale_word, _, start = units.partition(" from ")
            number, _, rest = start.strip().partition(" ")
            first, start = float(number), rest
            scale = float(_hours_a(scale_word) / _hours_a(rest.split()[0]))
        at = cftime.num2date(np.array([0.0, 1.0]), start, calendar=calendar, only_use_cftime_datetimes=True)
        zero, one = (float(h) for h in cftime.date2num(at, TIME_UNITS, calendar=calendar))
    except (ValueError, IndexError, OverflowError) as error:
        raise InputError(
            f"times of {source}",
            found=f"the units '{units}'",
            expected="for example 'days since 1990-01-01'",
            remedy="Correct the attribute units of the times.",
        ) from error
    return zero + (one - zero) * (first + scale * np.asarray(values, np.float64)), calendar


def times_of(array: xr.DataArray, source: str) -> tuple[np.ndarray, str]:
    """Return the times of a variable in hours since 2000-01-01, and their calendar; see ``hours``."""
    units, calendar = str(array.attrs.get("units", "")), str(array.attrs.get("calendar", "standard"))
    return hours(np.asarray(array.values), units, calendar.lower(), source)


def converted(values: np.ndarray, said: str | None, variable: str, what: str, *, spread: bool = False) -> np.ndarray:
    """Return values in the unit of a quantity.

    Args:
        values: (n,).
        said: Their unit; None if the file does not say: it is taken for ours, and the table checks the range.
        variable: The quantity.
        what: For errors.
        spread: Whether they are standard deviations, which an offset does not change.

    Raises:
        InputError: If the unit is of another quantity.
    """
    values, unit = np.asarray(values, np.float64), quantity(variable).unit
    if said is None or not said.strip():
        return values
    scale = factor_and_offset(said, unit)
    if scale is None:
        raise InputError(
            f"unit of {what}",
            found=f"'{said}'",
            expected=f"'{unit}', or one that converts to it",
            remedy="Correct the attribute units.",
        )
    return values * scale[0] + (0.0 if spread else scale[1])


def names_with(own: Mapping[str, str], given: str) -> dict[str, str]:
    """Return their names to ours: those of the form, then ``THEIRS=OURS,…`` of the user."""
    words = [word for word in given.split(",") if word.strip()]
    more = named_values(words, "--set FORM.names=SIT=sit_ice,SIC=sic")
    for name in more.values():
        quantity(name)
    return {**own, **more}


def unknown_name(name: str, source: str, form: str, known: Mapping[str, str]) -> InputError:
    """Return the error for a variable that a form has no name for."""
    return InputError(
        f"variable '{name}' of {source}",
        found="a name that does not tell the quantity",
        expected=", ".join(known) or "a known one",
        remedy=f"Say what it is: --set '{form}.names={name}=sit_ice'; thickness of the ice is sit_ice, volume per area "
        "of the cell sit.",
    )


def flagged(table_flag: np.ndarray, value: np.ndarray, error: np.ndarray, variable: str) -> np.ndarray:
    """Return flags (n,): 1 where value or error is missing or the error not above 0, 3 out of the plausible range."""
    flag = np.where(np.isfinite(value) & np.isfinite(error) & (error > 0), table_flag, 1).astype(np.int8)
    wild = outside(np.nan_to_num(value), quantity(variable))
    return np.where(wild & (flag == 0), 3, flag).astype(np.int8)


_SALINITY = 35.0
"""Of the water whose temperature is converted; 5 more or less change that by 0.04 degC at 5000 m."""


def potential(temperature: np.ndarray, depth: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the potential temperature (n,) of in-situ temperatures at depths (n,), degC."""
    return moved_to(_SALINITY, temperature, pressure_at(np.nan_to_num(depth), lat))


def in_situ(theta: np.ndarray, depth: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the in-situ temperature (n,) of potential temperatures at depths (n,), degC."""
    return moved_to(_SALINITY, theta, np.zeros(np.shape(theta)), pressure_at(np.nan_to_num(depth), lat))


def for_writing(table: Observations) -> tuple[Observations, list[str]]:
    """Return the rows that a form without missing values takes, in the standard calendar, and what to tell."""
    told = []
    with warnings.catch_warnings():  # told below
        warnings.simplefilter("ignore")
        moved = table.in_calendar("standard")
    if lost := len(table) - len(moved):
        told.append(f"{lost} rows of days that the standard calendar does not have are left out.")
    whole = np.isfinite(moved.value) & np.isfinite(moved.sigma) & (moved.sigma > 0)
    if gone := int((~whole).sum()):
        told.append(f"{gone} rows without value or error are left out.")
    kept = moved.select(whole)
    if cut := int((kept.censored != 0).sum()):
        told.append(f"{cut} rows are cut off at a bound; the form cannot say so: they are written as values.")
    if (kept.representativeness > 0).any():
        told.append("The error written is that of measurement and representativeness together.")
    return kept, told


def _hours_a(word: str) -> float:
    lengths = {"second": 1 / 3600, "minute": 1 / 60, "hour": 1.0, "day": 24.0}
    found = [length for name, length in lengths.items() if word.strip().lower().rstrip("s") == name]
    if not found:
        raise ValueError(word)
    return found[0]
