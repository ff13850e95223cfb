"""Dates: hours since 2000-01-01 00:00 in a CF calendar, years of its own lengths, leap days included.

Source: CF conventions 1.11, section 4.4.1; dates are those of the package cftime.
"""

import math
import re
from collections.abc import Iterable
from functools import lru_cache

import cftime
import numpy as np

from halocline.runtime.errors import InputError, require_choice

TIME_UNITS = "hours since 2000-01-01 00:00:00"
NOLEAP = "noleap"
_DATE = re.compile(r"(\d{1,6})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2})(?::(?:00?)?)?)?", re.ASCII)
"""A date, perhaps with a whole hour."""

_YEAR_DAYS: dict[str, float] = {
    "standard": 365.2425,
    "proleptic_gregorian": 365.2425,
    "julian": 365.25,
    "noleap": 365,
    "all_leap": 366,
    "360_day": 360,
}
_SAME = {"gregorian": "standard", "365_day": "noleap", "366_day": "all_leap"}
CALENDARS = (*_YEAR_DAYS, *_SAME)


def calendar_named(name: str) -> str:
    """Return a calendar's first CF name, e.g. ``noleap`` for ``365_day``.

    Raises:
        InputError: If there is no such calendar.
    """
    first = _SAME.get(name.lower(), name.lower())
    if first not in _YEAR_DAYS:
        require_choice("calendar", name, CALENDARS, InputError)
    return first


def mean_year_days(calendar: str) -> float:
    """Return the mean length of a year in days; a whole number where all years are alike."""
    return _YEAR_DAYS[calendar_named(calendar)]


def mean_year_hours(calendar: str) -> float:
    """Return the mean length of a year in hours; a whole number where all years are alike."""
    return 24 * mean_year_days(calendar)


@lru_cache(maxsize=4096)
def year_start(year: int, calendar: str) -> int:
    """Return the hour of 1 January 00:00 of a year, hours since 2000-01-01."""
    return int(cftime.date2num(cftime.datetime(year, 1, 1, calendar=calendar_named(calendar)), TIME_UNITS))


def hours_in_year(year: int, calendar: str) -> int:
    """Return the length of a year in hours."""
    return year_start(year + 1, calendar) - year_start(year, calendar)


def days_in_year(year: int, calendar: str) -> int:
    """Return the length of a year in days."""
    return hours_in_year(year, calendar) // 24


def year_of(hours: np.ndarray, calendar: str) -> np.ndarray:
    """Return the calendar year of each time.

    Args:
        hours: Times in hours since 2000-01-01, any shape.
        calendar: The calendar.

    Returns:
        Years, int64, e.g. 2003, of the shape of ``hours``.
    """
    hours = np.asarray(hours)
    if not hours.size:
        return np.zeros(hours.shape, np.int64)
    first, last = (date(math.floor(edge), calendar).year for edge in (hours.min(), hours.max()))
    starts = [year_start(year, calendar) for year in range(first, last + 1)]
    return first + np.searchsorted(starts, hours, side="right") - 1


def hour_of_year(hours: np.ndarray, calendar: str) -> np.ndarray:
    """Return the hours since 1 January 00:00 of each time's own year; the type of ``hours`` is kept."""
    return _within_year(hours, calendar)[0]


def day_of_year(hours: np.ndarray, calendar: str) -> np.ndarray:
    """Return the days since 1 January 00:00 of each time's own year, 0 on 1 January at midnight."""
    return hour_of_year(hours, calendar) / 24.0


def season_hour(hours: np.ndarray, calendar: str) -> np.ndarray:
    """Return the place in the season: the hour of the year, stretched to a year of mean length.

    In a calendar whose years are all alike it is the hour of the year.
    """
    hour, length = _within_year(hours, calendar)
    return np.asarray(hour * mean_year_hours(calendar) / length)


def season_angle(hour: float, calendar: str) -> float:
    """Return the angle of the season, 2 pi (hour of the year) / (length of that year)."""
    year = date(math.floor(hour), calendar).year
    return 2 * math.pi * (hour - year_start(year, calendar)) / hours_in_year(year, calendar)


def twelfth_of_year(hours: np.ndarray, calendar: str) -> np.ndarray:
    """Return in which of twelve equal parts of its year each time lies, 0..11: months of equal length."""
    hour, length = _within_year(hours, calendar)
    return np.asarray(hour * 12 // length).astype(np.int64)


def date(hour: float, calendar: str) -> cftime.datetime:
    """Return hours since 2000-01-01 as a date of a calendar."""
    return cftime.num2date(hour, TIME_UNITS, calendar=calendar_named(calendar), only_use_cftime_datetimes=True)


def date_of(hour: float, calendar: str = NOLEAP) -> str:
    """Return hours since 2000-01-01 as text, e.g. ``2007-01-01 12:00``."""
    return date(hour, calendar).strftime("%Y-%m-%d %H:%M")


def hour_of(text: str, calendar: str = NOLEAP) -> int:
    """Return a date such as ``2007-01-01`` or ``2007-01-01 12:00`` in hours since 2000-01-01.

    Raises:
        InputError: If it is no date of the calendar.
    """
    parts = _DATE.fullmatch(text.strip())
    try:
        if parts is None:
            raise ValueError  # states and records lie at whole hours, and have no zone
        year, month, number, hour = (int(part or 0) for part in parts.groups())
        found = cftime.datetime(year, month, number, hour, calendar=calendar_named(calendar))
    except ValueError:
        raise InputError(
            f"date '{text}'",
            found=f"no date of the calendar {calendar}",
            expected="YYYY-MM-DD or 'YYYY-MM-DD HH:00': a whole hour, without a zone",
            remedy="Some days exist in other calendars only: 29 February is none of noleap, the 31st none of 360_day.",
        ) from None
    return int(cftime.date2num(found, TIME_UNITS))


def hours_of_dates(dates: Iterable[cftime.datetime], calendar: str) -> tuple[np.ndarray, np.ndarray]:
    """Carry dates over to a calendar, day by day; days that it does not have are left out.

    Args:
        dates: Dates (time,) of any calendar.
        calendar: The calendar wanted.

    Returns:
        Which dates exist there (time,), and their hours since 2000-01-01, float64, one for each of these.
    """
    name, kept, hours = calendar_named(calendar), [], []
    for found in dates:
        try:
            midnight = cftime.datetime(found.year, found.month, found.day, calendar=name)
        except ValueError:
            kept.append(False)
            continue
        kept.append(True)
        start = year_start(found.year, name) + 24 * (midnight.dayofyr - 1)
        hours.append(start + found.hour + found.minute / 60.0)
    return np.array(kept, bool), np.array(hours, np.float64)


def _within_year(hours: np.ndarray, calendar: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the hours since 1 January 00:00 of each time's own year, and the hours of that year."""
    years = year_of(hours, calendar)
    found, inverse = np.unique(years, return_inverse=True)
    starts = np.array([year_start(int(year), calendar) for year in found])
    lengths = np.array([hours_in_year(int(year), calendar) for year in found])
    place = inverse.reshape(np.shape(years))
    return np.asarray(hours - starts[place]), lengths[place]
