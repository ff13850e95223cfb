"""Times: the file's calendar, means by their bounds, order, repeats and gaps."""

import cftime
import numpy as np
import pytest
import xarray as xr

from halocline.data.reading.choices import AS_THE_FILE_SAYS
from halocline.data.reading.times import time_axis
from halocline.data.reading.work import Work

UNITS = "hours since 2000-01-01"


def axis_of(hours, calendar="standard", bounds=None):
    dataset = xr.Dataset({"sic": ("time", np.zeros(len(hours)))})
    dataset["time"] = ("time", cftime.num2date(np.asarray(hours), UNITS, calendar=calendar))
    if bounds is not None:
        dataset["time_bnds"] = (("time", "nv"), cftime.num2date(np.asarray(bounds), UNITS, calendar=calendar))
        dataset["time"].attrs["bounds"] = "time_bnds"
    work = Work("file", "seaice", AS_THE_FILE_SAYS, None)
    return time_axis(dataset, work), work


@pytest.mark.parametrize("calendar", ["standard", "noleap", "360_day", "julian"])
def test_the_calendar_stays_and_so_do_leap_days(calendar):
    hours = 24 * np.arange(57, 63)  # across 29 February 2000, where there is one
    axis, work = axis_of(hours, calendar)
    assert axis.calendar == calendar
    np.testing.assert_array_equal(axis.hours, hours)
    assert not work.problems.found


@pytest.mark.parametrize("stamp", [0.0, 12.0, 24.0])
def test_means_are_dated_by_the_middle_of_their_bounds(stamp):
    start = 24.0 * np.arange(4)
    axis, work = axis_of(start + stamp, bounds=np.stack([start, start + 24], axis=1))
    np.testing.assert_allclose(axis.hours, start + 12)
    assert axis.mean
    assert bool(work.notes.about("converted", "time")) == (stamp != 12.0)


@pytest.mark.parametrize(
    ("hours", "words"),
    [
        ([0, 24, 24, 48], "2000-01-02 00:00:00 2 times"),
        ([0, 24, 48, 24], "2000-01-02 00:00:00 2 times"),
        ([0, 48, 24, 72], "2000-01-02 00:00:00 after 2000-01-03 00:00:00"),
    ],
)
def test_repeats_and_disorder_are_refused(hours, words):
    _, work = axis_of(hours)
    assert words in str(work.problems.found[0])


def test_gaps_are_listed_and_months_are_none():
    _, work = axis_of([0, 24, 48, 120, 144])
    (note,) = work.notes.about("warning", "time")
    assert "2000-01-03 00:00:00 to 2000-01-06 00:00:00" in note
    months = cftime.date2num([cftime.datetime(2001, m, 1) for m in range(1, 13)], UNITS)
    _, work = axis_of(months)
    assert not work.notes.about("warning")
