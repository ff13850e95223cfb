"""On which day of the year a state of a file lies, as a generator that is told the season writes it beside them."""

import math
from collections.abc import Sequence

import cftime
import numpy as np
import xarray as xr

from halocline.data.fields.calendar import TIME_UNITS, calendar_named, hours_in_year, year_start
from halocline.data.fields.season import season_share
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


def shares_of_year(dataset: xr.Dataset, dims: Sequence[str]) -> np.ndarray | None:
    """Return which share of its year has passed at each state, 0 to less than 1; None if the dataset does not tell.

    Args:
        dataset: States with ``day_of_year`` (see ``share_of_year``), or else with dates as ``time``.
        dims: Dimensions of the states, over which they are counted.
    """
    if DAY in dataset.variables:
        found = dataset[DAY].astype(float) / float(dataset[DAY].attrs.get(YEAR_LENGTH, _NOLEAP_DAYS))
    elif "time" in dataset.variables and (share := _shares_of_dates(dataset["time"])) is not None:
        found = share
    else:
        return None
    if not set(found.dims) <= set(dims):
        return None
    like = xr.DataArray(np.zeros([dataset.sizes[dim] for dim in dims]), dims=list(dims))
    shares = np.asarray(found.drop_vars(list(found.coords)).broadcast_like(like).transpose(*dims).values).ravel() % 1.0
    return shares if np.isfinite(shares).all() else None


def _shares_of_dates(time: xr.DataArray) -> xr.DataArray | None:
    values = np.asarray(time.values)
    if values.dtype.kind == "M":
        hours, calendar = (values - np.datetime64("2000-01-01")) / np.timedelta64(1, "h"), "standard"
    elif values.dtype.kind == "O" and values.size and hasattr(values.flat[0], "calendar"):
        calendar = calendar_named(str(values.flat[0].calendar))
        hours = np.asarray(cftime.date2num(values, TIME_UNITS, calendar), np.float64)
    else:
        return None
    if not np.isfinite(hours).all():
        return None
    return xr.DataArray(season_share(hours, calendar), dims=time.dims)
