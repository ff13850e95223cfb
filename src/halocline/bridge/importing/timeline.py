"""When the records of all files are: one axis of time, in order, each time once, gaps told."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cftime
import numpy as np

from halocline.data.fields.calendar import TIME_UNITS, calendar_named, date_of, hours_of_dates
from halocline.runtime.errors import InputError

Gaps = Literal["refuse", "list"]
_LISTED = 5
_GAP = 1.5  # times the usual step; months are 28 to 31 days long
_ALIKE = {"proleptic_gregorian": "standard"}


@dataclass(frozen=True, eq=False)
class Records:
    """When the records of a part are.

    Attributes:
        hours: (time,), float64, hours since 2000-01-01 of the calendar.
        calendar: First CF name of the calendar.
        packed: How many follow one another in one chunk of the file.
    """

    hours: np.ndarray
    calendar: str
    packed: int = 1


@dataclass(frozen=True, eq=False)
class Timeline:
    """The records in order of time.

    Attributes:
        hours: Valid times (time,), whole hours since 2000-01-01 of the calendar; of means the middle of their interval.
        calendar: Of the store.
        part: Which part each lies in (time,).
        index: Its place there (time,).
        notes: What was done or left as it is, in words.
    """

    hours: np.ndarray
    calendar: str
    part: np.ndarray
    index: np.ndarray
    notes: tuple[str, ...] = ()


def timeline(records: Sequence[Records], names: Sequence[str], calendar: str | None, gaps: Gaps) -> Timeline:
    """Put the records of all parts in order.

    Args:
        records: When those of each part are.
        names: Files of each part, for errors.
        calendar: Calendar of the store; the files' if None. Days that it does not have are left out.
        gaps: ``refuse``: a step longer than usual, or a time that comes twice, is an error. ``list``: both are noted,
            and of records of one time the first file's is taken.

    Raises:
        InputError: If calendars differ, a time comes twice or is missing.
    """
    own = sorted({_ALIKE.get(each.calendar, each.calendar) for each in records})
    if len(own) > 1:
        raise InputError(
            "calendar of the files",
            found=" and ".join(own),
            expected="one calendar",
            remedy="Import the files of each calendar to a store of its own.",
        )
    part = np.concatenate([np.full(len(each.hours), k) for k, each in enumerate(records)])
    index = np.concatenate([np.arange(len(each.hours)) for each in records])
    exact = np.concatenate([each.hours for each in records])
    name = own[0] if calendar is None else calendar_named(calendar)
    notes: list[str] = []
    if name != own[0]:
        dates = cftime.num2date(exact, TIME_UNITS, own[0], only_use_cftime_datetimes=True)
        kept, exact = hours_of_dates(dates, name)
        part, index = part[kept], index[kept]
        if not kept.all():
            notes.append(f"{int((~kept).sum())} records on days that the calendar {name} does not have: left out")
    hours = np.round(exact).astype(np.int64)
    if np.abs(exact - hours).max(initial=0.0) > 1e-6:
        notes.append("times rounded to whole hours")
    order = np.lexsort((index, part, hours))
    hours, part, index = hours[order], part[order], index[order]
    again = np.concatenate([[False], np.diff(hours) == 0])
    if again.any():
        words = _twice(hours, part, again, names, name)
        _refused_or_noted("times", words, "each time once", "Leave one of the files out", gaps, notes)
        hours, part, index = hours[~again], part[~again], index[~again]
    step = np.diff(hours)
    usual = float(np.median(step)) if len(step) else 0.0
    wide = np.flatnonzero(step > _GAP * usual)
    if wide.size:
        some = [f"{date_of(int(hours[k]), name)} to {date_of(int(hours[k + 1]), name)}" for k in wide[:_LISTED]]
        words = f"{_counted(wide.size, 'gap')} in steps of {usual:g} hours: {', '.join(some)}{_more(wide.size)}"
        _refused_or_noted("times", words, "no step longer than usual", "Add the missing files", gaps, notes)
    return Timeline(hours, name, part, index, tuple(notes))


def _refused_or_noted(field: str, found: str, expected: str, remedy: str, gaps: Gaps, notes: list[str]) -> None:
    if gaps == "refuse":
        raise InputError(
            field,
            found=found,
            expected=expected,
            remedy=f"{remedy}; or go on all the same, and have them listed in "
            "the store, with --gaps list (gaps='list').",
        )
    notes.append(found)


def _twice(hours: np.ndarray, part: np.ndarray, again: np.ndarray, names: Sequence[str], calendar: str) -> str:
    places = np.flatnonzero(again)
    some = [
        f"{date_of(int(hours[k]), calendar)} ({', '.join(dict.fromkeys((names[part[k - 1]], names[part[k]])))})"
        for k in places[:_LISTED]
    ]
    return f"{_counted(places.size, 'time')} that comes twice: {', '.join(some)}{_more(places.size)}"


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _more(number: int) -> str:
    return f", and {number - _LISTED} more" if number > _LISTED else ""
