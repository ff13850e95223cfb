"""Forcing from a file such as ERA5's: any forcing variables, on the grid wanted or on a latitude-longitude grid.

Dimensions are (time, y, x) on the grid itself with vectors along its axes, or (time, latitude, longitude) with vectors
eastward and northward; these are turned to the grid's axes, then interpolated bilinearly. Records lie at most 24 h
apart and are interpolated in time. Dates are carried over to the calendar wanted day by day: into noleap 29 February is
left out, into standard it stays. ``d2m`` stands in for ``q2m``.
"""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from halocline.data.fields.calendar import NOLEAP, TIME_UNITS, hours_of_dates, year_of, year_start
from halocline.data.fields.variables import variable
from halocline.data.files.open import Source, open_dataset, source_text
from halocline.data.files.problems import Problems
from halocline.data.files.regrid import Points, field_reader
from halocline.data.files.validate import check_values, same_unit
from halocline.data.grids.grid import Grid
from halocline.runtime.errors import InputError

LONGEST_GAP_HOURS = 24.0
ZERO_CELSIUS = 273.15  # K
_CELSIUS = ("degc", "c", "celsius", "degree_celsius", "degrees_celsius", "°c")
_MADE_OF = {"q2m": "d2m"}


class ForcingFile:
    """Forcing variables of a NetCDF file or Zarr folder on a grid, at any time between its records.

    Args:
        path: The file.
        names: Variables wanted, e.g. t2m, q2m, u10, v10.
        grid: The grid wanted.
        calendar: The calendar wanted.
        corners: Where the cells' corners lie (y + 1, x + 1), if vectors are wanted there too.

    Attributes:
        first_year: Year of the first record.
        begin: Hour of 1 January 00:00 of that year, hours since 2000-01-01.
        hours: Times of the records (time,), increasing, hours since ``begin``.

    Raises:
        InputError: It lists all that is wrong with variables, grid, units, times and the first record.
    """

    def __init__(
        self, path: Source, names: Sequence[str], grid: Grid, *, calendar: str = NOLEAP, corners: Points | None = None
    ) -> None:
        self._data = open_dataset(path, "forcing", "cftime")
        self._names = _variables(self._data, names, source_text(path))
        problems = Problems(f"forcing {source_text(path)}")
        with problems.collect():
            self._time, dates = _dates(self._data)
            exists, since_2000 = hours_of_dates(dates, calendar)
            self._kept = np.flatnonzero(exists)
            self.hours, self.first_year = _checked(dates[self._kept], since_2000, calendar)
            self.begin = year_start(self.first_year, calendar)
        with problems.collect():
            self._reader = field_reader(self._data, self._names, grid, corners)
        problems.raise_all()
        self._records: dict[int, dict[str, np.ndarray]] = {}
        self._record(0)

    def at(self, hour: float) -> dict[str, np.ndarray]:
        """Return the variables, float64 (y, x), at an hour since ``begin``, linear in time between records.

        Raises:
            InputError: If a value of a record is not finite or not plausible; all of them are listed.
        """
        right = int(np.searchsorted(self.hours, hour, side="right"))
        left = max(0, right - 1)
        right = min(right, self.hours.size - 1)
        span = self.hours[right] - self.hours[left]
        share = float(np.clip((hour - self.hours[left]) / span, 0.0, 1.0)) if span > 0 else 0.0
        a, b = self._record(left), self._record(right)
        self._records = {left: a, right: b}
        return {name: a[name] + share * (b[name] - a[name]) for name in a}

    def require_years(self, years: int, hours: int) -> None:
        """Raise InputError unless the records begin on 1 January and cover a number of years, ``hours`` in all."""
        if self.hours[0] > LONGEST_GAP_HOURS:
            raise _time_error(f"a first record at {self._date(0)}", "a record on 1 January of the first year")
        step = np.diff(self.hours)
        if self.hours[-1] + (step[-1] if step.size else 0.0) < hours:
            found = f"records until {self._date(-1)}, {self.hours[-1] / 24:.1f} days"
            raise _time_error(found, f"{years} year(s), {hours // 24} days")

    def _date(self, index: int) -> object:
        return self._data[self._time].values[self._kept[index]]

    def _record(self, index: int) -> dict[str, np.ndarray]:
        if index in self._records:
            return self._records[index]
        moment = self._data.isel({self._time: int(self._kept[index])})
        what = f"record {index} ({moment[self._time].values})"
        raw, problems = {}, Problems(f"forcing, {what}")
        for name in self._names:
            with problems.collect():
                raw[name] = _in_unit(moment[name], name, f"{what}")
        problems.raise_all()
        fields = self._reader.read(raw, what)
        for name, source in _MADE_OF.items():
            if source in fields and name not in self._names:
                fields[name] = specific_humidity_at_dew_point(fields.pop(source))
        return fields


def specific_humidity_at_dew_point(d2m: np.ndarray) -> np.ndarray:
    """Return the specific humidity (kg/kg at 1013 hPa) of a dew point in K, over water as ECMWF's d2m (Buck 1981)."""
    celsius = d2m - ZERO_CELSIUS
    vapour = 611.2 * np.exp(17.502 * celsius / (240.97 + celsius))
    return 0.622 * vapour / (101300.0 - 0.378 * vapour)


def _variables(data: xr.Dataset, names: Sequence[str], path: str) -> tuple[str, ...]:
    chosen = [name if name in data.variables else _MADE_OF.get(name, name) for name in names]
    missing = [name for name in chosen if name not in data.variables]
    if missing:
        wanted = [f"{name} (or {_MADE_OF[name]})" if name in _MADE_OF else name for name in names]
        raise InputError(
            f"forcing {path}",
            found=f"no variable {', '.join(missing)}; it holds {', '.join(map(str, data.data_vars))}",
            expected=", ".join(wanted),
            remedy="Add or rename the variables.",
        )
    return tuple(chosen)


def _in_unit(array: xr.DataArray, name: str, what: str) -> np.ndarray:
    """Return the values of one record in the registry's unit; NaN is left to the grid, which knows the land."""
    values, var = np.asarray(array.values, np.float64), variable(name)
    unit = str(array.attrs.get("units", ""))
    if var.unit == "K" and unit.lower() in _CELSIUS:
        values, unit = values + ZERO_CELSIUS, var.unit
    source = f"forcing, {what}"
    if unit and not same_unit(unit, var):
        raise InputError(
            f"unit of forcing variable '{name}', {what}",
            found=f"'{unit}', values from {np.nanmin(values):.4g} to {np.nanmax(values):.4g}",
            expected=f"'{var.unit}'",
            remedy=f"Convert the values to {var.unit} and set the attribute units = '{var.unit}'.",
        )
    check_values(values[np.isfinite(values)], var, None, source)
    return values


def _dates(data: xr.Dataset) -> tuple[str, np.ndarray]:
    name = next((n for n in ("time", "valid_time") if n in data.dims and n in data.variables), None)
    if name is None:
        raise _time_error("no dimension 'time' with a coordinate", "times of the records")
    dates = data[name].values
    if dates.size == 0 or not hasattr(dates[0], "year"):
        raise _time_error("times that are no dates", f"a CF time axis, e.g. units '{TIME_UNITS}'")
    return name, dates


def _checked(dates: np.ndarray, hours: np.ndarray, calendar: str) -> tuple[np.ndarray, int]:
    """Return times in hours since 1 January of the first year, and that year."""
    if not len(hours):
        raise _time_error("no record", f"dates of the calendar {calendar}")
    step = np.diff(hours)
    if (step <= 0).any():
        raise _time_error(f"times that do not increase after {dates[int(np.argmax(step <= 0))]}", "increasing times")
    if (step > min(LONGEST_GAP_HOURS, 1.5 * np.median(step))).any() or (step.size and np.median(step) > 24):
        k = int(np.argmax(step))
        raise _time_error(f"a gap of {step[k]:g} h after {dates[k]}", "records at equal steps of at most 24 h")
    year = int(year_of(hours[0], calendar))
    return hours - year_start(year, calendar), year


def _time_error(found: str, expected: str) -> InputError:
    return InputError(
        "forcing time", found=found, expected=expected, remedy="Complete the file, or simulate fewer --years."
    )
