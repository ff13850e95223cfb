"""The time axis of files: dates of the file's own calendar, instants or means, in order, once each, without gaps."""

from dataclasses import dataclass

import cftime
import numpy as np
import xarray as xr

from halocline.data.fields.calendar import TIME_UNITS, calendar_named
from halocline.data.reading.work import Work

_GAP = 1.6  # of the usual step; months differ by 31 / 28


@dataclass(frozen=True, eq=False)
class TimeAxis:
    """When the records of a file are valid.

    Attributes:
        hours: (time,), float64, hours since 2000-01-01 of the calendar; of means the middle of their interval.
        calendar: First CF name of the calendar.
        mean: Whether they are means over an interval.
    """

    hours: np.ndarray
    calendar: str
    mean: bool = False

    @property
    def dates(self) -> np.ndarray:
        """The times as dates of cftime (time,)."""
        return np.asarray(cftime.num2date(self.hours, TIME_UNITS, calendar=self.calendar))


def time_axis(dataset: xr.Dataset, work: Work) -> TimeAxis | None:
    """Return the times of a dataset whose axes have our names; None without a time axis.

    Bounds decide: a mean is dated by the middle of its bounds wherever the stamp lies. Without bounds the stamp counts.

    Args:
        dataset: ``time`` as cftime's dates, or decoded by xarray; bounds beside it under their own name.
        work: Notes and problems: times that are no dates, that do not increase, or that come twice.
    """
    if "time" not in dataset.dims or "time" not in dataset.variables:
        return None
    dates = dataset["time"].values
    if dates.dtype.kind == "M":
        dates = _cftimes(dataset["time"])
    if not dates.size or not hasattr(dates[0], "calendar"):
        work.wrong(
            "time",
            found=f"values such as {dates[0]!r}" if dates.size else "no record",
            expected=f"a CF time axis, e.g. units '{TIME_UNITS}' and a calendar",
            remedy="Correct the attributes units and calendar of the time coordinate.",
        )
        return None
    calendar = calendar_named(dates[0].calendar or "standard")
    hours = np.asarray(cftime.date2num(dates, TIME_UNITS, calendar=calendar), np.float64)
    bounds = _bounds(dataset)
    mean = bounds is not None
    if bounds is not None:
        edges = np.asarray(cftime.date2num(bounds, TIME_UNITS, calendar=calendar), np.float64)
        middle = edges.mean(axis=1)
        if not np.allclose(middle, hours, atol=0.02):
            work.notes.add("converted", "time", "means dated by the middle of their bounds, not by their stamp")
        hours = middle
    check_order(hours, calendar, work)
    return TimeAxis(hours, calendar, mean)


def with_dates(dataset: xr.Dataset, work: Work) -> xr.Dataset:
    """Return the dataset with the dates beside a time coordinate without units, such as NEMO's time_centered."""
    if "time" not in dataset.dims or "time" not in dataset.variables or _are_dates(dataset["time"]):
        return dataset
    beside = [str(n) for n, v in dataset.variables.items() if v.dims == ("time",) and n != "time" and _are_dates(v)]
    if len(beside) != 1:
        return dataset
    dates = dataset[beside[0]]
    work.notes.add("found", "time", f"the dates of '{beside[0]}'")
    return dataset.assign_coords(time=("time", dates.values, {**dates.attrs, **_bounds_of(dates)}))


def _are_dates(array: xr.DataArray | xr.Variable) -> bool:
    return array.dtype.kind == "M" or (array.size > 0 and hasattr(array.values.ravel()[0], "calendar"))


def _bounds_of(array: xr.DataArray) -> dict[str, str]:
    said = array.attrs.get("bounds", array.encoding.get("bounds"))
    return {} if said is None else {"bounds": str(said)}


def check_order(hours: np.ndarray, calendar: str, work: Work) -> None:
    """Keep the problem of times that come twice or not in order, and list the gaps; of one file, or of all of them.

    Args:
        hours: (time,), hours since 2000-01-01 of the calendar.
        calendar: Its CF name.
        work: Notes and problems.
    """
    values, counts = np.unique(hours, return_counts=True)
    if (counts > 1).any():
        work.wrong(
            "time",
            found=f"{_words(values[counts > 1][0], calendar)} {counts.max()} times",
            expected="each time once",
            remedy="Drop the repeated records, e.g. dataset.drop_duplicates('time').",
        )
        return
    steps = np.diff(hours)
    if (steps < 0).any():
        k = int(np.argmax(steps < 0))
        work.wrong(
            "time",
            found=f"{_words(hours[k + 1], calendar)} after {_words(hours[k], calendar)}",
            expected="times in order",
            remedy="Sort the records, e.g. dataset.sortby('time').",
        )
        return
    usual = float(np.median(steps)) if steps.size else 0.0
    for before, after in zip(hours[:-1], hours[1:], strict=True):
        if after - before <= _GAP * usual:
            continue
        words = f"{_words(before, calendar)} to {_words(after, calendar)}"
        work.notes.add("warning", "time", f"a gap from {words}; the usual step is {usual:g} h")


def _words(hours: float, calendar: str) -> str:
    return str(cftime.num2date(hours, TIME_UNITS, calendar=calendar))


def _cftimes(time: xr.DataArray) -> np.ndarray:
    """Return numpy's dates as cftime's of the standard calendar."""
    seconds = time.values.astype("datetime64[s]").astype(np.int64)
    return np.asarray(cftime.num2date(seconds, "seconds since 1970-01-01", calendar="standard"))


def _bounds(dataset: xr.Dataset) -> np.ndarray | None:
    said = str(dataset["time"].attrs.get("bounds", dataset["time"].encoding.get("bounds", "")))
    for name in (said, "time_bnds", "time_bounds", "time_counter_bounds", "time_centered_bounds"):
        if name in dataset.variables and dataset[name].ndim == 2 and dataset[name].shape == (dataset.sizes["time"], 2):
            values = dataset[name].values
            if values.dtype == object:
                return np.asarray(values)
            if values.dtype.kind == "M":
                flat = xr.DataArray(values.ravel(), dims="t")
                return _cftimes(flat).reshape(values.shape)
    return None
