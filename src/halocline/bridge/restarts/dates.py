"""Dates of states as models count them, in seconds of the standard calendar."""

import calendar
import datetime
from typing import TypeAlias

import cftime

from halocline.runtime.errors import ConfigError

Date: TypeAlias = cftime.datetime | datetime.datetime


def seconds_since_1970(date: Date) -> int:
    """Return the seconds from 1970-01-01 to the day of the same name; 30 February is the last of its month."""
    last = calendar.monthrange(date.year, date.month)[1]
    same = datetime.datetime(date.year, date.month, min(date.day, last), date.hour, date.minute, date.second)
    return round(same.replace(tzinfo=datetime.UTC).timestamp())


def date_of(word: str | None) -> datetime.datetime | None:
    """Return the date that an option ``--date`` says, UTC unless it names a zone; None without one.

    Raises:
        ConfigError: If it is no date.
    """
    if word is None:
        return None
    try:
        date = datetime.datetime.fromisoformat(word)
    except ValueError:
        remedy = "Write for example --date 2020-03-01T12:00."
        raise ConfigError("date", found=word, expected="a date, UTC", remedy=remedy) from None
    return date.replace(tzinfo=datetime.UTC) if date.tzinfo is None else date.astimezone(datetime.UTC)
