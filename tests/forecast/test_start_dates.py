"""A state that knows its day of the year starts a forecast where the forcing first covers it."""

import numpy as np
import pytest
import xarray as xr

from halocline.chain.dataset import to_dataset
from halocline.chain.forecast.start_dates import hour_of_state
from halocline.chain.forecast.starts import start_of_file
from halocline.data.fields.calendar import date_of, hour_of
from halocline.data.files.state_day import hour_in_year
from halocline.data.store.store import open_store
from halocline.evaluate.forecast.file import open_forecast
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import InputError
from halocline.systems.forecasting import Request, run_forecast
from tests.forecast.test_calendars import era5_like
from tests.surrogate_toy import STATE, surrogate_store

CPU = choose_compute("cpu", "fp32")
pytestmark = [
    pytest.mark.filterwarnings("ignore::halocline.chain.forecast.air_history.ShortHistory"),
    pytest.mark.filterwarnings("ignore::halocline.systems.forecasting.OutsideTraining"),
]


@pytest.fixture(scope="module")
def march(tmp_path_factory):
    """Twelve days of March in 2005 with gaps before, and the same days of 2006 and 2007 without."""
    path = tmp_path_factory.mktemp("march") / "store.zarr"
    return _march(path, (2005, 2006, 2007), "noleap")


def _march(path, years, calendar):
    days = [hour_of(f"{year}-03-10", calendar) + np.arange(24) * 12 for year in years]
    days[0] = days[0][::3]
    return surrogate_store(path, members=1, hours=np.concatenate(days), calendar=calendar)


def states_of(store_path, path, *days, **about):
    """A file of states of the store, with a day of the year each."""
    store = open_store(store_path)
    states = np.stack([store.read(0, k) for k in range(len(days))])[:, : len(STATE)]
    dataset = to_dataset(states, STATE, store.grid, range(len(days)), {})
    told = ("member", np.array(days, float), {"units": "days"} | about)
    dataset.assign_coords(day_of_year=told).to_netcdf(path)
    return path


@pytest.fixture
def ask(surrogate_folder, tmp_path):
    def asked(start, forcing, model=None, **more):
        options = {"days": 2.0, "members": 1} | more
        request = Request(
            model=model or str(surrogate_folder), start=start, out=tmp_path / "fc.zarr", forcing=forcing, **options
        )
        run_forecast(request, CPU)
        return open_forecast(request.out)

    return asked


def first(forecast):
    return date_of(int(forecast.start_hours[0]), forecast.calendar)


@pytest.mark.parametrize(
    ("day", "date"),
    [(72.0, "03-14 00:00"), (72.2, "03-14 00:00"), (72.3, "03-14 12:00"), (72.8, "03-15 00:00")],
)
def test_it_starts_on_the_first_such_day_that_the_forcing_covers_rounded_to_the_step(
    march, ask, tmp_path, capsys, day, date
):
    forecast = ask(states_of(march, tmp_path / "s.nc", day), march)
    assert first(forecast) == f"2006-{date}"
    assert f"starts on 2006-{date}, the date of the state" in capsys.readouterr().out


def test_each_state_has_its_own_day_and_a_date_that_is_given_wins(march, ask, tmp_path, capsys):
    file = states_of(march, tmp_path / "s.nc", 70.0, 75.0)
    forecast = ask(file, march, start_index=1, quiet=True)
    assert first(forecast) == "2006-03-17 00:00"
    held = np.nan_to_num(xr.open_dataset(file)["sit"].values[1])
    written = xr.open_zarr(tmp_path / "fc.zarr", consolidated=False)["sit"].values[0, 0, 0]
    np.testing.assert_array_equal(np.nan_to_num(written), held)
    assert "day of the year" not in capsys.readouterr().out
    (tmp_path / "fc.zarr").rename(tmp_path / "old.zarr")
    assert first(ask(file, march, at=("2007-03-12",), quiet=True)) == "2007-03-12 00:00"


def test_what_cannot_start_is_explained(march, ask, tmp_path):
    file = states_of(march, tmp_path / "s.nc", 70.0, 200.0, 400.0)
    with pytest.raises(InputError, match=r"records from 2005-03-10 00:00 to 2007-03-21 12:00.*--at 2007-01-01"):
        ask(file, march, start_index=1)
    with pytest.raises(InputError, match="found 400; expected days since 1 January, 0 to 365"):
        ask(file, march, start_index=2)
    with pytest.raises(InputError, match=r"start-index.*0 to 2"):
        ask(file, march, start_index=3)
    with pytest.raises(InputError, match="a record every 12 h over 30 days"):
        ask(file, march, days=30.0)
    assert not (tmp_path / "fc.zarr").exists()


def test_the_day_lies_in_the_year_of_the_forcings_calendar(ask, tmp_path):
    """Day 74 of 360 is day 75.23 of 366; in a year without leap day, that day would be 17 March."""
    store = _march(tmp_path / "standard.zarr", (2007, 2008), "standard")
    forecast = ask(states_of(store, tmp_path / "s.nc", 74.0, days_per_year=360.0), store)
    assert forecast.calendar == "standard"
    assert first(forecast) == "2008-03-16 00:00"
    assert date_of(hour_in_year(74 / 360, 2008, "standard", 6), "standard") == "2008-03-16 06:00"


def test_a_forcing_file_and_a_model_without_forcing(march, ask, tmp_path):
    weather = era5_like(tmp_path / "era5.nc")  # from 26 February 2004 on
    file = states_of(march, tmp_path / "s.nc", 59.0, 365.0)
    assert first(ask(file, weather, quiet=True)) == "2004-03-01 00:00"
    (tmp_path / "fc.zarr").rename(tmp_path / "old.zarr")
    assert first(ask(file, None, model="persistence", quiet=True)) == "2000-03-01 00:00"
    assert hour_of_state(file, 1, None, "noleap", 24, 12) == 0


def test_stores_and_forecasts_keep_their_own_dates(march):
    assert hour_of_state(march, 0, None, "noleap", 24, 12) is None


@pytest.mark.parametrize("decoded", [True, False])
def test_a_date_picks_the_state_of_that_date_from_a_file_of_many(march, tmp_path, decoded):
    store = open_store(march)
    states = np.stack([store.read(0, k) for k in range(8)])[:, : len(STATE)]
    dataset = to_dataset(states, STATE, store.grid, range(8), {}).rename(member="time").drop_vars("time")
    dates = xr.date_range("2005-03-10", periods=8, freq="36h", calendar="noleap", use_cftime=True)
    dataset = dataset.assign_coords(time=dates)
    dataset.to_netcdf(tmp_path / "s.nc")
    source = dataset if decoded else tmp_path / "s.nc"
    fifth = hour_of("2005-03-16", "noleap")
    starts, *_ = start_of_file(source, STATE, [fifth], 0, "noleap")
    np.testing.assert_array_equal(starts[0].states[0], states[4])
    assert starts[0].hour == fifth
    starts, *_ = start_of_file(source, STATE, [fifth], 4, "noleap")
    np.testing.assert_array_equal(starts[0].states[0], states[4])
    with pytest.raises(InputError, match=r"state 2, of 2005-03-13 00:00.*2005-03-10 00:00 to 2005-03-20 12:00"):
        start_of_file(source, STATE, [fifth], 2, "noleap")
    with pytest.raises(InputError, match="8 states from 2005-03-10 00:00 to 2005-03-20 12:00, none of this time"):
        start_of_file(source, STATE, [fifth + 12], 0, "noleap")
