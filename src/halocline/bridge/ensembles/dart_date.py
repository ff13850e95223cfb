"""The one date that DART asks of an ensemble: it tells by it which observations are near."""

from halocline.bridge.restarts.dates import Date
from halocline.bridge.restarts.members import Members
from halocline.runtime.errors import ConfigError

FIRST_YEAR = 1601
"""Of DART's Gregorian calendar (time_manager_mod.f90)."""


def require_date(members: Members, given: Date | None) -> Date:
    """Return the date of all members.

    Args:
        members: The states.
        given: A date that is taken in place of theirs.

    Raises:
        ConfigError: If they have none, several, or one that DART does not know.
    """
    dates = {given} if given else set(members.dates)
    one = next(iter(dates))
    if len(dates) == 1 and one is not None and one.year >= FIRST_YEAR:
        return one
    raise ConfigError(
        "date",
        found=f"{len(dates)} dates"
        if len(dates) > 1
        else "none of a calendar, only a day of the year"
        if one is None
        else f"the year {one.year}",
        expected=f"one date of all members, since {FIRST_YEAR}, by which DART tells what observations are near",
        remedy="Give --date 2020-03-01T00:00, or choose states of one date with --member.",
    )
