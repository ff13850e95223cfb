"""A store with leap days keeps them: through training, forecast and scores."""

import numpy as np
import pytest
import xarray as xr

from halocline.chain.forecast.weather import FileWeather, open_weather
from halocline.data.fields.calendar import date_of, hour_of
from halocline.data.store.store import open_store
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import forecast_of, open_forecast
from halocline.evaluate.forecast.pairs import pair
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import InputError
from halocline.systems.forecasting import Request, run_forecast
from tests.surrogate_toy import FORCING, surrogate_store, toy_surrogate

CPU = choose_compute("cpu", "fp32")
pytestmark = pytest.mark.filterwarnings("ignore::halocline.chain.forecast.air_history.ShortHistory")


@pytest.fixture(scope="module")
def standard(tmp_path_factory):
    """Twelve days from 26 February on of 2002, 2003 and 2004: the test year has a 29 February."""
    begins = [hour_of(f"{year}-02-26", "standard") for year in (2002, 2003, 2004)]
    hours = np.concatenate([begin + np.arange(24) * 12 for begin in begins])
    path = tmp_path_factory.mktemp("standard") / "store.zarr"
    return surrogate_store(path, members=2, hours=hours, calendar="standard")


def test_a_leap_day_goes_through_training_forecast_and_scores(standard, tmp_path):
    store = open_store(standard)
    assert store.calendar == "standard"
    assert store.years().tolist() == [0] * 24 + [1] * 24 + [2] * 24
    assert store.day_of_year(24 * 2 + 6) == 59.0  # 29 February
    model = toy_surrogate(standard, tmp_path / "model", ["training.samples=24"])
    out = tmp_path / "fc.zarr"
    run_forecast(
        Request(model=str(model), start=standard, out=out, days=3.0, members=2, at=("2004-02-28",), quiet=True), CPU
    )
    forecast = open_forecast(out)
    assert forecast.calendar == "standard"
    assert date_of(int(forecast.start_hours[0] + forecast.lead_hours[2]), "standard") == "2004-02-29 00:00"
    pairs = pair(forecast, store)
    np.testing.assert_array_equal(pairs.truth(0, 2), store.read(0, 24 * 2 + 6)[:6])
    card = evaluate_forecast(forecast, store)
    assert {row.lead_hours for row in card.rows} >= {24.0, 48.0}
    decoded = xr.open_zarr(out, consolidated=False)
    assert str(decoded["start"].values[0])[:10] == "2004-02-28"
    assert forecast_of(decoded, "decoded").start_hours.tolist() == forecast.start_hours.tolist()
    onward = tmp_path / "on.zarr"
    run_forecast(
        Request(model=str(model), start=out, out=onward, forcing=standard, days=1.0, members=2, quiet=True), CPU
    )
    assert date_of(int(open_forecast(onward).start_hours[0]), "standard") == "2004-03-02 00:00"


def test_a_store_of_another_calendar_is_no_truth_and_no_weather(standard, tmp_path):
    noleap = surrogate_store(tmp_path / "noleap.zarr", members=2, days=4)
    out = tmp_path / "p.zarr"
    run_forecast(
        Request(model="persistence", start=noleap, out=out, days=1.0, members=1, at=("2000-01-02",), quiet=True), CPU
    )
    with pytest.raises(InputError, match="found noleap; expected standard"):
        pair(open_forecast(out), open_store(standard))
    with pytest.raises(InputError, match="found standard; expected noleap"):
        open_weather(standard, 0, FORCING, open_store(noleap).grid)


def era5_like(path, days=12):
    lat, lon = np.arange(90, 29.9, -5.0), np.arange(0, 360, 10.0)
    dims, shape = ("time", "latitude", "longitude"), (days, len(lat), len(lon))
    day = np.arange(days, dtype=float)[:, None, None] + np.zeros(shape)
    units = {"t2m": "K", "q2m": "kg kg-1", "u10": "m s-1", "v10": "m s-1"}
    values = {"t2m": 250 + day, "q2m": 0.001 + 0 * day, "u10": 0 * day, "v10": 0 * day}
    time = ("time", np.arange(days) * 24, {"units": "hours since 2004-02-26", "calendar": "standard"})
    data = {name: (dims, values[name], {"units": unit}) for name, unit in units.items()}
    xr.Dataset(data, {"latitude": lat, "longitude": lon, "time": time}).to_netcdf(path)
    return path


def test_a_file_with_a_leap_day_gives_it_to_those_who_know_it(standard, tmp_path):
    """One file drives a standard forecast with 29 February and a noleap one without; it need not begin in January."""
    path, grid = era5_like(tmp_path / "era5.nc"), open_store(standard).grid
    leap = FileWeather(path, FORCING, grid, "standard").read(hour_of("2004-02-29", "standard"), ("t2m",))
    np.testing.assert_allclose(leap, 253.0)
    march = FileWeather(path, FORCING, grid, "standard").read(hour_of("2004-03-01", "standard"), ("t2m",))
    np.testing.assert_allclose(march, 254.0)
    without = FileWeather(path, FORCING, grid, "noleap")
    np.testing.assert_allclose(without.read(hour_of("2004-03-01"), ("t2m",)), 254.0)
    np.testing.assert_allclose(without.read(hour_of("2004-02-28 12:00"), ("t2m",)), 253.0)
