"""A simulation under a user's weather is dated by it: the first year that its records cover from its first day on."""

import numpy as np
import pytest
import xarray as xr

from halocline.data.fields.calendar import year_start
from halocline.data.reading.choices import Choices
from halocline.data.store.store import open_store
from halocline.runtime.errors import InputError
from halocline.worlds.arctic import run
from halocline.worlds.arctic.domain import arctic_domain
from halocline.worlds.arctic.forcing_file import FileForcing
from halocline.worlds.arctic.run import simulate

DOMAIN = arctic_domain(100)


def weather(path, first, days, unit="K", shift=0.0):
    """A day's weather each day, t2m rising by 0.1 K a day from 240 K."""
    lat, lon = np.arange(90.0, 29.0, -15.0), np.arange(0.0, 360.0, 30.0)
    shape, dims = (days, lat.size, lon.size), ("time", "latitude", "longitude")
    t2m = 240.0 + 0.1 * np.arange(days)[:, None, None] + np.zeros(shape) + shift
    data = {"t2m": (dims, t2m, {"units": unit}), "q2m": (dims, np.full(shape, 5e-4), {"units": "kg kg-1"})}
    data |= {name: (dims, np.full(shape, 2.0), {"units": "knots"}) for name in ("u10", "v10")}
    time = ("time", np.arange(days), {"units": f"days since {first}", "calendar": "noleap"})
    xr.Dataset(data, {"time": time, "latitude": lat, "longitude": lon}).to_netcdf(path)
    return path


@pytest.mark.parametrize(
    ("first", "days", "begin", "year"),
    [
        ("2018-01-01", 365, 0, 2018),
        ("2017-10-01", 92 + 365, 0, 2018),  # a run from January cannot begin in October
        ("2017-10-01", 400, 273, 2017),  # one from October can
        ("2017-10-01", 92 + 75 + 365, 75, 2018),
    ],
)
def test_the_first_year_that_is_covered(first, days, begin, year, tmp_path):
    forcing = FileForcing(weather(tmp_path / "a.nc", first, days), DOMAIN, 1, 24 * begin)
    assert forcing.origin == year_start(year, "noleap")
    since = begin - (273 if first.endswith("10-01") and year == 2017 else 0)
    since += 92 if first == "2017-10-01" and year == 2018 else 0
    np.testing.assert_allclose(forcing.at(4 * begin).t2m, 240.0 + 0.1 * since, atol=1e-9)


def test_what_is_missing_is_told_with_the_dates_and_the_remedy_of_the_command(tmp_path):
    path = weather(tmp_path / "a.nc", "2017-10-01", 120)
    with pytest.raises(InputError, match=r"records from 2017-10-01 00:00 to 2018-01-28.*Complete the file\.$"):
        FileForcing(path, DOMAIN, 1)
    with pytest.raises(InputError, match=r"or simulate fewer --years"):
        FileForcing(path, DOMAIN, 2)


def test_the_store_has_the_dates_and_tells_what_was_converted(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(run, "YEAR_HOURS", 24 * 4)
    path = weather(tmp_path / "a.nc", "2018-01-01", 365)
    out = simulate(tmp_path / "s.zarr", years=1, spinup_years=0, forcing=path, interval_hours=24)
    store = open_store(out)
    assert store.hours.tolist() == [year_start(2018, "noleap") + 24 * day for day in range(4)]
    assert store.day_of_year(2) == 2.0
    told = store.attributes["provenance"]["forcing_notes"]
    assert {"kind": "converted", "field": "u10", "text": "'knots' to 'm s-1'"} in told
    printed = capsys.readouterr().out
    assert "converted u10: 'knots' to 'm s-1'" in printed
    simulate(out, years=1, spinup_years=0, forcing=path, interval_hours=24)
    assert "complete already" in capsys.readouterr().out


def test_the_users_word_for_a_unit(tmp_path):
    path = weather(tmp_path / "a.nc", "2018-01-01", 365, unit="", shift=-273.15)
    with pytest.raises(InputError, match="t2m"):
        FileForcing(path, DOMAIN, 1)
    forcing = FileForcing(path, DOMAIN, 1, choices=Choices(units={"t2m": "degC"}))
    np.testing.assert_allclose(forcing.at(0).t2m, 240.0)
