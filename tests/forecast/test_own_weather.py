"""Forecasts under a user's weather: what was converted is told and kept; strong wind is asked about or warned of."""

import warnings

import numpy as np
import pytest
import xarray as xr

from halocline.chain.forecast.baselines import FreeDrift
from halocline.chain.forecast.weather import open_weather
from halocline.chain.forecast.weather_check import StrongWind, check_weather
from halocline.data.reading.choices import Choices
from halocline.runtime.errors import InputError
from tests.toy import toy_grid, toy_sample

WIND = ("u10", "v10")


def weather(factor=1.0, units="m s-1", count=9):
    """A wind of 5 m/s a component times ``factor``, every 6 h of 2001."""
    lat, lon = np.arange(90.0, -90.1, -10.0), np.arange(0.0, 360.0, 10.0)
    shape, dims = (count, lat.size, lon.size), ("valid_time", "latitude", "longitude")
    attrs = {} if units is None else {"units": units}
    data = {name: (dims, np.full(shape, factor * 5.0), dict(attrs)) for name in WIND}
    time = ("valid_time", np.arange(count) * 6, {"units": "hours since 2001-01-01", "calendar": "standard"})
    return xr.Dataset(data, {"valid_time": time, "latitude": lat, "longitude": lon})


def checked(dataset, path, trained, choices=None):
    dataset.to_netcdf(path)
    grid, choices = toy_grid(), choices or Choices()
    source = open_weather(path, 0, WIND, grid, choices=choices)
    first, last = (int(hour) for hour in source.hours[[0, -1]])
    check_weather(source, lambda name: trained, WIND, grid.mask, first, last, 6, accept=choices.accept)
    return source


def test_a_unit_that_the_file_declares_is_warned_of_only(tmp_path):
    with pytest.warns(StrongWind, match=r"mean wind of 14\.1 m s-1, in the unit that the file says"):
        checked(weather(2.0), tmp_path / "a.nc", 4.6)


def test_without_a_unit_it_is_asked_about_and_there_is_a_way_round(tmp_path):
    with pytest.raises(InputError, match=r"looks like knots.*--accept u10 --accept v10"):
        checked(weather(2.0, None), tmp_path / "a.nc", 4.6)
    with warnings.catch_warnings():
        warnings.simplefilter("error", StrongWind)
        checked(weather(2.0, None), tmp_path / "b.nc", 4.6, Choices(accept=frozenset(WIND)))
        checked(weather(1.0, None), tmp_path / "c.nc", 4.6)
        told = checked(weather(2.0, None), tmp_path / "d.nc", 4.6, Choices(units=dict.fromkeys(WIND, "knot")))
    assert abs(told.read(int(told.hours[0]), WIND)).max() < 8


def test_a_model_that_nothing_trained_warns_too(tmp_path):
    with pytest.warns(StrongWind, match="Knots or km/h would look so"):
        checked(weather(2.5, None), tmp_path / "a.nc", None)


def test_values_out_of_range_are_taken_if_they_are_accepted(tmp_path):
    data = weather(1.0)
    data["u10"][4, 9] = 95.0
    with pytest.raises(InputError, match="--accept u10"):
        checked(data, tmp_path / "a.nc", 9.0)
    source = checked(data, tmp_path / "b.nc", 9.0, Choices(accept=frozenset({"u10"})))
    assert "warning u10: 5 to 95, outside the plausible range: accepted as asked" in source.notes.lines()


def test_notes_are_printed_and_kept_and_the_same_command_continues(tmp_path, capsys):
    grid = toy_grid()
    states = grid.to_dataset()
    for k, name in enumerate(("sit", "sic", "siu", "siv")):
        values = np.where(grid.mask, toy_sample(grid, 10)[min(k, 1)] * (k < 2), np.nan)
        states[name] = (("y", "x"), values, {"units": {"sit": "m", "sic": "1"}.get(name, "m s-1")})
    weather(2.0, "knots").to_netcdf(tmp_path / "air.nc")
    about = {"start": "2001-01-01", "days": 1.0, "members": 1, "out": tmp_path / "f.zarr"}
    forecast = FreeDrift().fitting(("sit", "sic", "siu", "siv")).forecast(states, forcing=tmp_path / "air.nc", **about)
    assert "forcing air.nc: converted u10: 'knots' to 'm s-1'" in capsys.readouterr().out
    told = forecast.attrs["provenance"]["forcing_notes"]
    assert {"kind": "converted", "field": "v10", "text": "'knots' to 'm s-1'"} in told
    speed = np.hypot(forecast["siu"], forecast["siv"]).isel(lead=-1).max().item()
    assert speed == pytest.approx(0.0174 * 10 * np.sqrt(2) * 1852 / 3600, rel=0.01)
    FreeDrift().fitting(("sit", "sic", "siu", "siv")).forecast(states, forcing=tmp_path / "air.nc", **about)


def test_a_start_without_weather_says_which_option_gives_it(tmp_path):
    grid = toy_grid()
    states = grid.to_dataset()
    for name, unit in (("sic", "1"), ("siu", "m s-1"), ("siv", "m s-1")):
        states[name] = (("y", "x"), np.where(grid.mask, 0.5, np.nan), {"units": unit})
    with pytest.raises(InputError, match=r"no weather in the start.*--forcing"):
        FreeDrift().fitting(("sic", "siu", "siv")).forecast(states, start="2001-01-01", days=1.0)
