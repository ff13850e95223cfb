"""Dates of states as models count them, in seconds of the standard calendar."""

import calendar
import datetime

import cftime


def seconds_since_1970(date: cftime.datetime) -> int:
    """Return the seconds from 1970-01-01 to the day of the same name; 30 February is the last of its month."""
    last = calendar.monthrange(date.year, date.month)[1]
    same = datetime.datetime(date.year, date.month, min(date.day, last), date.hour, date.minute, date.second)
    return round(same.replace(tzinfo=datetime.UTC).timestamp())
