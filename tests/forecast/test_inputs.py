"""Input that cannot be used: one clear error each, nothing written."""

import numpy as np
import pytest
import xarray as xr

from halocline.chain.dataset import to_dataset
from halocline.chain.forecast.starts import Start, check_bounds
from halocline.data.fields.calendar import hour_of
from halocline.data.store.statistics import finish_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError, InputError, ModelError, OutputError
from halocline.systems.forecasting import OutsideTraining, Request, run_forecast
from halocline.systems.loading import load_model
from halocline.worlds.arctic.domain import arctic_grid
from tests.surrogate_toy import FORCING, STATE, surrogate_store, weather
from tests.toy import toy_grid

pytestmark = [
    pytest.mark.filterwarnings("ignore::halocline.chain.forecast.air_history.ShortHistory"),
    pytest.mark.filterwarnings("ignore::halocline.systems.forecasting.OutsideTraining"),
]
CPU = choose_compute("cpu", "fp32")


@pytest.fixture
def ask(surrogate_folder, weather_store, tmp_path):
    def asked(ok=False, **more):
        options = {
            "model": str(surrogate_folder),
            "start": weather_store,
            "out": tmp_path / "fc.zarr",
            "days": 1.0,
            "members": 1,
            "at": ("2000-01-05",),
            "quiet": True,
        } | more
        try:
            run_forecast(Request(**options), CPU)
            return options["out"]
        finally:
            if not ok:
                left = [p.name for p in tmp_path.iterdir() if p.name.startswith(("fc", ".fc"))]
                assert not left or (tmp_path / "fc.zarr" / "leads_written").exists(), left

    return asked


def test_it_runs(ask):
    out = ask()
    assert xr.open_zarr(out, consolidated=False).attrs["complete"]


@pytest.mark.parametrize(
    ("more", "error", "message"),
    [
        ({"days": 30.0}, InputError, "none at 2000-01-09 00:00"),
        ({"at": ("2000-02-29",)}, InputError, "29 February"),
        ({"at": ("2000-01-05 07:00",)}, InputError, "no such time"),
        ({"at": (), "split": "test", "days": 5.0}, InputError, "split"),
        ({"at": (), "split": "tests"}, InputError, "no such split"),
        ({"memory": "10KB"}, ConfigError, "at least"),
        ({"memory": "plenty"}, ConfigError, "--memory 2GB"),
        ({"years": 1.0}, ConfigError, "one of them"),
        ({"days": 0.1}, ConfigError, "at least one step"),
        ({"output_hours": 18}, ConfigError, "multiple of 12"),
        ({"model": "no-such-model"}, ModelError, "no-such-model"),
    ],
)
def test_requests_that_do_not_fit(ask, more, error, message):
    with pytest.raises(error, match=message):
        ask(**more)


def changed_store(path, change):
    """A store of four days whose weather is changed by ``change(air, index)``."""
    grid = toy_grid(16, 4e5)
    source = open_store(surrogate_store(path.with_name("source.zarr"), members=1, days=4))
    hours = source.hours
    create_store(path, grid, (*STATE, *FORCING), 1, hours, {"world": "toy"})
    writer = StoreWriter(path)
    for index, hour in enumerate(hours):
        state = source.read(0, index)[:6]
        writer.write(0, index, np.concatenate([state, change(weather(grid, int(hour), 0), index)]))
    finish_store(path)
    return path


def celsius(air, index):
    return np.concatenate([air[:1] - 273.15, air[1:]])


def knots(air, index):
    return np.concatenate([air[:2], 2.5 * air[2:]])


@pytest.mark.parametrize(("change", "message"), [(celsius, "add 273.15"), (knots, "looks like knots")])
def test_weather_in_another_unit(ask, tmp_path, change, message):
    store = changed_store(tmp_path / "w.zarr", change)
    with pytest.raises(InputError, match=message):
        ask(forcing=store, at=("2000-01-02",), days=2.0)


def test_a_gap_and_another_coast(ask, tmp_path):
    gap = surrogate_store(tmp_path / "gap.zarr", members=2, steps=6)
    with pytest.raises(InputError, match="a record every 12 h"):
        ask(forcing=gap, days=2.0)
    other = surrogate_store(tmp_path / "other.zarr", members=2, days=8, n=20)
    with pytest.raises(InputError, match="20 x 20"):
        ask(forcing=other)


def test_another_grid_than_trained_is_allowed_with_a_warning(ask, tmp_path):
    store = surrogate_store(tmp_path / "fine.zarr", members=1, days=8, n=20, spacing=2e5)
    with pytest.warns(OutsideTraining, match="200 km instead of 400 km"):
        ask(start=store, ok=True)


def test_states_out_of_bounds_without_date_or_of_another_kind(ask, weather_store, tmp_path, surrogate_folder):
    grid = toy_grid(16, 4e5)
    states = open_store(weather_store).read(0, 8)[None, :6]
    states[0, 1, 10, 10] = 1.0004
    with pytest.raises(InputError, match="halocline constrain"):
        check_bounds(Start(0, states), STATE, grid, "start")
    file = tmp_path / "states.nc"
    to_dataset(open_store(weather_store).read(0, 8)[None, :6], STATE, grid, [0], {}).to_netcdf(file)
    with pytest.raises(InputError, match="--at 2007-01-01"):
        ask(start=file, forcing=weather_store, at=())
    with pytest.raises(InputError, match="start-index"):
        ask(start=file, forcing=weather_store, start_index=3)
    ask(start=file, forcing=weather_store, ok=True)
    with pytest.raises(ModelError, match="expected a surrogate"):
        ask(model="arctic-100km", out=tmp_path / "b.zarr")
    with pytest.raises(ModelError, match="steps states forward"):
        load_model(surrogate_folder, CPU)
    with pytest.raises(OutputError, match=r"ending with \.zarr"):
        ask(out=tmp_path / "fc.nc")


def era5_like(path, days, first="2000-01-01", unit="K"):
    """A latitude-longitude file of 6-hourly weather."""
    lat, lon = np.arange(90, 29.9, -2.5), np.arange(0, 360, 5.0)
    count = int(days * 4)
    wave = np.cos(np.deg2rad(lon))[None, None] * np.cos(np.arange(count) / 9)[:, None, None] * np.ones((1, len(lat), 1))
    air = 275 - (lat[None, :, None] - 60) / 2 + wave - (273.15 if unit == "bad" else 0)
    fields = {
        "t2m": (air, "K"),
        "q2m": (0.002 + 0 * air, "kg kg-1"),
        "u10": (5 * wave, "m s-1"),
        "v10": (5 * wave, "m s-1"),
    }
    dims = ("time", "latitude", "longitude")
    dataset = xr.Dataset(
        {name: (dims, values.astype(np.float32), {"units": unit}) for name, (values, unit) in fields.items()},
        coords={
            "latitude": lat,
            "longitude": lon,
            "time": ("time", np.arange(count) * 6, {"units": f"hours since {first}", "calendar": "noleap"}),
        },
    )
    dataset.to_netcdf(path)
    return path


def arctic_states(path):
    grid = arctic_grid(100)
    state = np.where(grid.lat > 75, 1.0, 0.0)[None].repeat(6, 0).astype(np.float32)
    state[3:] *= 0.01
    to_dataset(np.where(grid.mask, state, np.nan)[None], STATE, grid, [0], {}).to_netcdf(path)
    return path


def test_a_file_like_era5_drives_a_forecast_and_must_cover_it(ask, tmp_path):
    states, file = arctic_states(tmp_path / "s.nc"), era5_like(tmp_path / "era5.nc", 4)
    out = ask(start=states, forcing=file, at=("2000-01-02",), days=1.0, ok=True)
    assert xr.open_zarr(out, consolidated=False, decode_times=False).sizes["lead"] == 3
    with pytest.raises(InputError, match="none at 2000-01-05"):
        ask(start=states, forcing=file, at=("2000-01-02",), days=5.0, ok=True, out=tmp_path / "b.zarr")
    wrong = era5_like(tmp_path / "c.nc", 4, unit="bad")
    with pytest.raises(InputError, match="--unit t2m=degC"):
        ask(start=states, forcing=wrong, at=("2000-01-02",), ok=True, out=tmp_path / "c.zarr")


def test_hours_of_dates():
    assert hour_of("2001-01-01") == 8760
