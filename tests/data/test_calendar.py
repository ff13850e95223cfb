"""Every CF calendar: dates there and back, leap days, seasons, and noleap and 360_day as in the released stores."""

import math

import cftime
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halocline.data.fields import calendar as calendars
from halocline.data.fields.calendar import date_of, days_in_year, hour_of, hours_of_dates, season_angle, season_hour
from halocline.data.fields.degree_days import DegreeDays, lead_in
from halocline.runtime.errors import InputError

HOURS = st.integers(-400_000, 900_000)


@given(HOURS, st.sampled_from(calendars.CALENDARS))
def test_dates_are_those_of_cftime_and_come_back(hour, calendar):
    text = date_of(hour, calendar)
    assert hour_of(text, calendar) == hour
    expected = cftime.num2date(hour, calendars.TIME_UNITS, calendar=calendar)
    assert text == expected.strftime("%Y-%m-%d %H:%M")
    days = float(calendars.day_of_year(np.array(hour), calendar))
    assert int(days) == expected.dayofyr - 1
    assert int(calendars.year_of(np.array(hour), calendar)) == expected.year


@given(HOURS)
def test_years_that_are_all_alike_are_counted_as_ever(hour):
    """The formulas of the released Arctic (8760 h) and DINO stores (8640 h), to the bit."""
    for calendar, year in (("noleap", 8760), ("360_day", 8640)):
        at = np.array(hour)
        assert season_angle(hour, calendar) == 2 * math.pi * (hour % year) / year
        assert calendars.day_of_year(at, calendar) == (hour % year) / 24.0
        assert season_hour(at, calendar) == hour % year
        assert calendars.twelfth_of_year(at, calendar) == (hour % year) * 12 // year
        assert calendars.year_of(at, calendar) == 2000 + hour // year


@pytest.mark.parametrize(
    ("calendar", "year", "days"),
    [
        ("standard", 2004, 366),
        ("standard", 2100, 365),
        ("standard", 1900, 365),
        ("standard", 1582, 355),  # ten days left out in October
        ("julian", 2100, 366),
        ("proleptic_gregorian", 1582, 365),
        ("noleap", 2004, 365),
        ("all_leap", 2003, 366),
        ("360_day", 2004, 360),
    ],
)
def test_lengths_of_years(calendar, year, days):
    assert days_in_year(year, calendar) == days
    many = [days_in_year(y, calendar) for y in range(1700, 2100)]
    assert np.mean(many) == pytest.approx(calendars.mean_year_days(calendar), abs=1e-9)


def test_the_season_goes_once_round_in_a_leap_year_and_in_another():
    for year, noon in ((2003, 182), (2004, 183)):
        start = calendars.year_start(year, "standard")
        assert season_angle(start, "standard") == 0.0
        assert season_angle(start + 12 * days_in_year(year, "standard"), "standard") == pytest.approx(math.pi)
        assert date_of(start + 24 * noon, "standard")[:7] == f"{year}-07"
    hours = np.arange(0, 5 * 8766)
    assert 0 <= season_hour(hours, "standard").min() < season_hour(hours, "standard").max() < 8765.82
    assert np.bincount(calendars.twelfth_of_year(hours[:8784], "standard")).tolist() == [732] * 12


def test_another_name_of_a_calendar_and_none():
    assert calendars.calendar_named("365_day") == "noleap"
    assert calendars.calendar_named("gregorian") == "standard"
    with pytest.raises(InputError, match="Did you mean 'julian'"):
        calendars.calendar_named("julien")


@pytest.mark.parametrize(
    "text", ["2003-02-29", "2004-02-30", "2004-13-01", "2004-01-01 24:00", "2004-01-01 06:30", "x"]
)
def test_no_dates(text):
    with pytest.raises(InputError, match="no date of the calendar standard"):
        hour_of(text, "standard")
    assert hour_of("2004-02-29", "standard") - hour_of("2004-02-28", "standard") == 24
    with pytest.raises(InputError, match="29 February"):
        hour_of("2004-02-29")


def test_dates_are_carried_over_day_by_day():
    dates = [cftime.datetime(2004, 2, 28, calendar="standard"), cftime.datetime(2004, 2, 29, 6, calendar="standard")]
    dates.append(cftime.datetime(2004, 3, 1, 0, 30, calendar="standard"))
    kept, hours = hours_of_dates(dates, "noleap")
    assert kept.tolist() == [True, False, True]
    assert hours[1] - hours[0] == 24.5
    kept, hours = hours_of_dates(dates, "standard")
    assert kept.all()
    assert np.diff(hours).tolist() == [30.0, 18.5]
    assert hours_of_dates([cftime.datetime(2003, 2, 30, calendar="360_day")], "noleap")[0].tolist() == [False]


@pytest.mark.parametrize(("calendar", "days"), [("standard", 366), ("noleap", 365), ("360_day", 360)])
def test_the_first_year_repeated_before_the_record_is_a_whole_one(calendar, days):
    hours = np.arange(0, (days + 40) * 24, 24)
    lead, before = lead_in(hours, calendar)
    assert len(lead) == days
    assert before[0] == -24 * days
    assert before[-1] == -24
    t2m = np.full((len(hours), 1), 270.0) + (np.arange(len(hours)) % days == days - 1)[:, None] * 10.0
    pdd = DegreeDays((30,)).series(hours, t2m, calendar)[:, 0, 0]
    assert pdd[0] == pytest.approx((280.0 - 271.35) / 30)  # the last day of the year stands before the first
