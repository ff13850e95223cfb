"""Years of a store: their numbers, where they begin, and which of them are whole."""

import numpy as np

from halocline.data.fields.calendar import hour_of_year, hours_in_year, year_of

_STEPS = 1.5
"""A year is whole if no more than so many usual steps are missing at its ends."""


def year_numbers(hours: np.ndarray, calendar: str, begin: int = 0) -> np.ndarray:
    """Return the number, from 0, of the year of each time (time,).

    Args:
        hours: Times in order, hours since 2000-01-01.
        calendar: Their calendar.
        begin: Hours after 1 January at which years begin.
    """
    years = year_of(hours - begin, calendar)
    return np.asarray(years - years[0])


def whole_years(hours: np.ndarray, calendar: str, begin: int = 0) -> list[int]:
    """Return the numbers of the whole years.

    The first and the last year may be parts of one. They count as whole if they reach as far as the other years do (a
    product may hold winters only); a year that is alone must reach from its first day to its last. A step and a half
    may be missing.

    Args:
        hours: Times in order, hours since 2000-01-01.
        calendar: Their calendar.
        begin: Hours after 1 January at which years begin.
    """
    numbers, place = year_numbers(hours, calendar, begin), hour_of_year(hours - begin, calendar)
    last = int(numbers[-1])
    slack = _STEPS * float(np.median(np.diff(hours))) if len(hours) > 1 else 0.0
    if last:
        earliest, latest = place[numbers > 0].min(), place[numbers < last].max()
    else:
        year = int(year_of(hours[:1] - begin, calendar)[0])
        earliest, latest = 0, hours_in_year(year, calendar)
    cut = {0} if place[numbers == 0].min() > earliest + slack else set()
    if place[numbers == last].max() < latest - slack:
        cut.add(last)
    return [year for year in range(last + 1) if year not in cut]


def begin_of_years(hours: np.ndarray, calendar: str) -> int:
    """Return the hours after 1 January at which years begin: with the first state if its calendar year is cut there."""
    if 0 in whole_years(hours, calendar) or (year_of(hours[[0, -1]], calendar) == year_of(hours[:1], calendar)).all():
        return 0
    return int(hour_of_year(hours[:1], calendar)[0])
