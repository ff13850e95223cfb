"""When the records of a forcing file are valid: without gaps, carried over to the calendar wanted."""

import cftime
import numpy as np

from halocline.data.fields.calendar import date_of, hour_of_year, hours_in_year, hours_of_dates, year_of, year_start
from halocline.data.reading.times import TimeAxis
from halocline.data.reading.work import Work

LONGEST_GAP_HOURS = 24.0
_TOLD = 3  # gaps named in an error


def records_in(axis: TimeAxis, calendar: str, work: Work) -> tuple[np.ndarray, np.ndarray]:
    """Return which records exist in a calendar (record,), and their hours since 2000-01-01 there (record,).

    Dates are carried over day by day: into noleap 29 February is left out, into standard it stays. Years of 360 days
    are stretched to the length of the others, so that no day is missing; so are others into them.

    Args:
        axis: The file's times.
        calendar: The calendar wanted.
        work: Notes; problems: records out of order or more than 24 h apart, which are found in the file's own calendar.
    """
    _require_steps(axis, work)
    if axis.calendar != calendar and "360_day" in (axis.calendar, calendar):
        work.notes.add("converted", "time", f"years of the calendar {axis.calendar} stretched to those of {calendar}")
        return np.arange(axis.hours.size), _stretched(axis, calendar)
    # cftime counts whole minutes exactly; hours would be rounded to microseconds.
    minutes = np.round(60.0 * axis.hours).astype(np.int64)
    dates = cftime.num2date(minutes, "minutes since 2000-01-01 00:00", calendar=axis.calendar)
    exists, hours = hours_of_dates(np.atleast_1d(dates), calendar)
    if not exists.all():
        work.notes.add("dropped", "time", f"days that the calendar {calendar} has not", int((~exists).sum()))
    return np.flatnonzero(exists), hours


def _stretched(axis: TimeAxis, calendar: str) -> np.ndarray:
    years = year_of(axis.hours, axis.calendar)
    within = hour_of_year(axis.hours, axis.calendar)
    length = {int(y): (hours_in_year(int(y), axis.calendar), hours_in_year(int(y), calendar)) for y in np.unique(years)}
    theirs, ours = np.array([length[int(y)] for y in years], np.float64).T
    return np.array([year_start(int(y), calendar) for y in years]) + within * ours / theirs


def _require_steps(axis: TimeAxis, work: Work) -> None:
    step = np.diff(axis.hours)
    if (step < 0).any():
        after = date_of(axis.hours[int(np.argmax(step < 0))], axis.calendar)
        work.wrong(
            "time",
            found=f"times that do not increase after {after}",
            expected="increasing times",
            remedy="Sort the records: dataset.sortby('time').",
        )
        return
    gaps = np.flatnonzero(step > min(LONGEST_GAP_HOURS, 1.5 * np.median(step))) if step.size else step
    if step.size and np.median(step) > LONGEST_GAP_HOURS:
        gaps = np.array([int(np.argmax(step))])
    if len(gaps):
        words = [f"a gap of {step[k]:g} h after {date_of(axis.hours[k], axis.calendar)}" for k in gaps[:_TOLD]]
        more = f" and {len(gaps) - _TOLD} more" if len(gaps) > _TOLD else ""
        work.wrong(
            "time",
            found=f"{', '.join(words)}{more}",
            expected=f"records at equal steps of at most {LONGEST_GAP_HOURS:g} h",
            remedy="Add the missing records, or fill the gaps by interpolation in time.",
        )
