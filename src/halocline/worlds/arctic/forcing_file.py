"""A user's atmosphere instead of the synthetic one: t2m, q2m (or d2m), u10, v10 from NetCDF or Zarr.

Either on the model's own grid (dimensions y, x; winds along the grid's axes) or on a regular latitude-longitude grid
such as ERA5 (winds eastward and northward; rotated to the grid, then interpolated bilinearly). Records lie at most 24 h
apart and are interpolated in time; 29 February is left out; the first record begins 1 January of the first stored
year, and a spin-up repeats that year. Clouds, snowfall, sunshine and the sea-surface temperature stay climatological.
"""

from pathlib import Path

import numpy as np
import xarray as xr

from halocline.runtime.errors import InputError
from halocline.worlds.arctic.domain import Domain
from halocline.worlds.arctic.forcing import Atmosphere
from halocline.worlds.arctic.forcing_grid import FieldReader, field_reader
from halocline.worlds.arctic.open_file import open_dataset
from halocline.worlds.arctic.parameters import ZERO_CELSIUS
from halocline.worlds.arctic.weather.climatology import climatology, cloud_cover
from halocline.worlds.arctic.weather.radiation import shortwave_down

YEAR_HOURS = 8760
LONGEST_GAP_HOURS = 24.0
_RANGES = {"t2m": (190.0, 330.0), "d2m": (150.0, 330.0), "q2m": (0.0, 0.04), "u10": (-80.0, 80.0), "v10": (-80.0, 80.0)}
_UNITS = {"t2m": "K", "d2m": "K", "q2m": "kg kg-1", "u10": "m s-1", "v10": "m s-1"}
_CELSIUS = ("degc", "c", "celsius", "degree_celsius", "degrees_celsius", "°c")


class FileForcing:
    """A ``Forcing`` that reads a file.

    Args:
        path: NetCDF file or Zarr store.
        domain: The model's domain.
        years: Stored years the file must cover.

    Raises:
        InputError: If a variable, the grid, a unit, a time or a value does not fit.
    """

    def __init__(self, path: Path, domain: Domain, years: int) -> None:
        self._path = path
        self._data = open_dataset(path, "forcing")
        self._names = _variables(self._data, path)
        self._time, self._hours = _hours(self._data, years)
        self._reader: FieldReader = field_reader(self._data, self._names, domain)
        self._climate = climatology(domain.grid.x, domain.grid.y)
        self._records: dict[int, dict[str, np.ndarray]] = {}
        self._record(0)

    def at(self, step: int) -> Atmosphere:
        """Return the atmosphere of 6-h step ``step``; negative steps repeat the first year."""
        hour = step * 6.0
        if hour < 0.0:
            hour %= YEAR_HOURS
        right = int(np.searchsorted(self._hours, hour, side="right"))
        left = max(0, right - 1)
        right = min(right, self._hours.size - 1)
        span = self._hours[right] - self._hours[left]
        share = float(np.clip((hour - self._hours[left]) / span, 0.0, 1.0)) if span > 0 else 0.0
        a, b = self._record(left), self._record(right)
        self._records = {left: a, right: b}
        f = {name: a[name] + share * (b[name] - a[name]) for name in a}
        day = hour % YEAR_HOURS / 24.0
        t2m = f["t2m"]
        cloud = np.clip(cloud_cover(day) + 0.02 * (t2m - self._climate.air(day)), 0.1, 1.0)
        return Atmosphere(
            t2m=t2m,
            q2m=f["q2m"],
            u10=f["u10"],
            v10=f["v10"],
            u10_corner=f["u10_corner"],
            v10_corner=f["v10_corner"],
            cloud=cloud,
            snowfall=self._climate.snowfall(day),
            shortwave=shortwave_down(self._climate.lat, day, cloud),
            sst=self._climate.sst(day),
        )

    @property
    def first_year(self) -> int:
        """Year of the first record."""
        return int(self._data[self._time].values[0].year)

    @property
    def hours(self) -> np.ndarray:
        """Times of the records (time,), noleap hours since 1 January 00:00 of the first year."""
        return self._hours

    def memory(self) -> dict[str, np.ndarray]:
        """Return nothing: the file remembers."""
        return {}

    def recall(self, memory: dict[str, np.ndarray]) -> None:
        """Nothing to take up."""

    def _record(self, index: int) -> dict[str, np.ndarray]:
        if index in self._records:
            return self._records[index]
        moment = self._data.isel({self._time: int(np.flatnonzero(self._keep())[index])})
        raw = {}
        for name in self._names:
            values = np.asarray(moment[name].values, np.float64)
            raw[name] = self._in_unit(name, values, moment, index)
        fields = self._reader.read(raw, f"record {index} ({moment[self._time].values})")
        if "d2m" in fields:
            # Saturation over water at the dew point: ECMWF's convention for d2m.
            fields["q2m"] = specific_humidity_at_dew_point(fields.pop("d2m"))
        return fields

    def _keep(self) -> np.ndarray:
        return _not_leap_day(self._data[self._time].values)

    def _in_unit(self, name: str, values: np.ndarray, moment: xr.Dataset, index: int) -> np.ndarray:
        unit = str(moment[name].attrs.get("units", ""))
        if name in ("t2m", "d2m") and unit.lower() in _CELSIUS:
            values = values + ZERO_CELSIUS
        low, high = _RANGES[name]
        finite = values[np.isfinite(values)]
        if finite.size and (finite.min() < low or finite.max() > high):
            hint = "It looks like degrees Celsius: set units = 'degC', or convert to K. " if finite.max() < 100 else ""
            raise InputError(
                f"forcing variable '{name}', record {index}",
                found=f"values from {finite.min():.4g} to {finite.max():.4g}, unit '{unit}'",
                expected=f"{low:g} to {high:g} in '{_UNITS[name]}'",
                remedy=(hint if name in ("t2m", "d2m") else "") + "Convert the unit or correct the values.",
            )
        return values


def specific_humidity_at_dew_point(d2m: np.ndarray) -> np.ndarray:
    """Return the specific humidity (kg/kg at 1013 hPa) of a dew point in K, over water (Buck 1981)."""
    celsius = d2m - ZERO_CELSIUS
    vapour = 611.2 * np.exp(17.502 * celsius / (240.97 + celsius))
    return 0.622 * vapour / (101300.0 - 0.378 * vapour)


def _variables(data: xr.Dataset, path: Path) -> tuple[str, ...]:
    humidity = "q2m" if "q2m" in data.variables else "d2m"
    names = ("t2m", humidity, "u10", "v10")
    missing = [name for name in names if name not in data.variables]
    if missing:
        raise InputError(
            f"forcing {path}",
            found=f"no variable {', '.join(missing)}; it holds {', '.join(map(str, data.data_vars))}",
            expected="t2m, q2m (or d2m), u10 and v10",
            remedy="Add or rename the variables.",
        )
    return names


def _not_leap_day(times: np.ndarray) -> np.ndarray:
    return np.array([not (t.month == 2 and t.day == 29) for t in times])


def _hours(data: xr.Dataset, years: int) -> tuple[str, np.ndarray]:
    """Return (name of the time dimension, noleap hours since 1 January 00:00 of the first year), checked."""
    name = next((n for n in ("time", "valid_time") if n in data.dims and n in data.variables), None)
    if name is None:
        raise _time_error("no dimension 'time' with a coordinate", "times of the records")
    times = data[name].values
    if times.size == 0 or not hasattr(times[0], "year"):
        raise _time_error("times that are no dates", "a CF time axis, e.g. units 'hours since 2000-01-01'")
    times = times[_not_leap_day(times)]
    first = times[0].year
    hours = np.array([_noleap_hour(t, first) for t in times])
    step = np.diff(hours)
    if hours[0] > LONGEST_GAP_HOURS:
        raise _time_error(f"a first record at {times[0]}", "a record on 1 January of the first year")
    if (step <= 0).any():
        raise _time_error(f"times that do not increase after {times[int(np.argmax(step <= 0))]}", "increasing times")
    if (step > min(LONGEST_GAP_HOURS, 1.5 * np.median(step))).any() or (step.size and np.median(step) > 24):
        k = int(np.argmax(step))
        raise _time_error(f"a gap of {step[k]:g} h after {times[k]}", "records at equal steps of at most 24 h")
    needed = years * YEAR_HOURS
    if hours[-1] + (step[-1] if step.size else 0.0) < needed:
        raise _time_error(
            f"records until {times[-1]}, {hours[-1] / 24:.1f} days", f"{years} year(s), {needed // 24} days"
        )
    return name, hours


_DAYS_BEFORE = np.concatenate([[0], np.cumsum([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30])])


def _noleap_hour(time: "object", first_year: int) -> float:
    day = 365 * (time.year - first_year) + int(_DAYS_BEFORE[time.month - 1]) + time.day - 1  # type: ignore[attr-defined]
    return day * 24.0 + time.hour + time.minute / 60.0  # type: ignore[attr-defined]


def _time_error(found: str, expected: str) -> InputError:
    return InputError(
        "forcing time", found=found, expected=expected, remedy="Complete the file, or simulate fewer --years."
    )
