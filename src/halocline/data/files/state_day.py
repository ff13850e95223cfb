"""On which day of the year a state of a file lies, as a generator that is told the season writes it beside them."""

import math

import xarray as xr

from halocline.data.fields.calendar import hours_in_year, year_start
from halocline.data.sampling.conditions import DAY, YEAR_LENGTH
from halocline.runtime.errors import InputError

_NOLEAP_DAYS = 365.0


def share_of_year(dataset: xr.Dataset, name: str, index: int, source: str) -> float | None:
    """Return which share of its year has passed at a state, from 0 to less than 1; None if the file does not tell.

    Args:
        dataset: States with a coordinate ``day_of_year``, days since 1 January 00:00, along dimensions of theirs; its
            attribute ``days_per_year`` is the length of the year, 365 without it.
        name: A variable of the states.
        index: Which state, counted over all dimensions of the variable but y and x.
        source: For errors.

    Raises:
        InputError: If there is no such state, or its day is none of the year.
    """
    if DAY not in dataset.variables:
        return None
    cells = {d: 0 for d in ("y", "x", "channel") if d in dataset[name].dims}
    states = dataset[name].isel(cells, drop=True)
    days = dataset[DAY].broadcast_like(states).transpose(*states.dims).values.ravel()
    if not 0 <= index < len(days):
        raise InputError(
            "start-index",
            found=index,
            expected=f"0 to {len(days) - 1}",
            remedy=f"The file holds {len(days)} states.",
        )
    day, length = float(days[index]), float(dataset[DAY].attrs.get(YEAR_LENGTH, _NOLEAP_DAYS))
    if not 0 <= day <= length:
        raise InputError(
            f"'{DAY}' of state {index} of {source}",
            found=f"{day:g}",
            expected=f"days since 1 January, 0 to {length:g}",
            remedy=f"Correct the coordinate, or the length of its year in its attribute {YEAR_LENGTH}.",
        )
    return day / length % 1.0


def hour_in_year(share: float, year: int, calendar: str, step: int) -> int:
    """Return the hour, since 2000-01-01, of a share of a year, rounded to a multiple of ``step`` hours."""
    begin = year_start(year, calendar)
    return begin + step * math.floor(share * hours_in_year(year, calendar) / step + 0.5)
