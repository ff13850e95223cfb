"""A simulation from a state that knows its day of the year begins on that day; its years are whole."""

import numpy as np
import pytest
import xarray as xr

from halocline.data.files.open import open_dataset
from halocline.data.store.splits import samples_of
from halocline.data.store.statistics import finish_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.runtime.errors import InputError
from halocline.worlds.arctic import member, run
from halocline.worlds.arctic.domain import arctic_grid
from halocline.worlds.arctic.member import ArcticPlan, final_restart, make_model
from halocline.worlds.arctic.run import simulate
from halocline.worlds.arctic.start import begin_hours
from tests.toy import CHANNELS, toy_grid, toy_sample

YEAR = 8760
SETTINGS = {"years": 2, "members": 1, "interval_hours": 12, "quiet": True}


@pytest.fixture
def states(tmp_path):
    """Two invented states, of 17 March at 07:12 and of the last hour of the year."""
    grid = arctic_grid(100)
    ice = np.where(grid.lat > 75, 1.0, 0.0)
    dataset = grid.to_dataset()
    for name, values, unit in (("sit", 1.5 * ice, "m"), ("sic", ice, "1")):
        dataset[name] = (("member", "y", "x"), np.where(grid.mask, [values, values], np.nan), {"units": unit})
    dataset = dataset.assign_coords(day_of_year=("member", [75.3, 364.97], {"units": "days"}))
    dataset.to_netcdf(tmp_path / "states.nc")
    return tmp_path / "states.nc"


def test_where_a_file_begins(states, tmp_path):
    grid = arctic_grid(100)
    assert [begin_hours(states, 0, grid, hours, YEAR) for hours in (6, 12, 24)] == [75 * 24 + 6, 75 * 24 + 12, 75 * 24]
    assert begin_hours(states, 1, grid, 12, YEAR) == 0  # rounded into 1 January
    with pytest.raises(InputError, match=r"start-index.*0 to 1"):
        begin_hours(states, 2, grid, 12, YEAR)
    with xr.open_dataset(states) as dataset:
        dataset.drop_vars("day_of_year").to_netcdf(tmp_path / "undated.nc")
    assert begin_hours(tmp_path / "undated.nc", 0, grid, 12, YEAR) == 0


def test_the_weather_is_that_of_the_day(states):
    """In the middle of March it is colder than in July; a run from 1 January has the weather of before."""
    plan = dict(
        zip(ArcticPlan.__dataclass_fields__, (100, 1, 0, 12, 0, "bbm", 0.0, str(states), 0, None), strict=False)
    )
    march, july, january = (make_model(ArcticPlan(**plan, begin=begin), 0) for begin in (4 * 75, 4 * 195, 0))
    assert march.step == 300
    pole = arctic_grid(100).lat > 80
    assert march.air.t2m[pole].mean() < 258 < 270 < july.air.t2m[pole].mean()
    assert january.step == 0


def test_a_run_is_stored_from_that_day_in_whole_years_and_continues_when_killed(states, tmp_path, monkeypatch, capsys):
    """Years of 40 days, for time; the second call of the same command goes on from a restart."""
    monkeypatch.setattr(run, "YEAR_HOURS", 24 * 40)
    monkeypatch.setattr(member, "RESTART_EVERY", 40)
    with xr.open_dataset(states) as dataset:  # day 10 of 40
        late = dataset.load().assign_coords(day_of_year=("member", [91.25, 0.0], {"units": "days"}))
    late.to_netcdf(tmp_path / "late.nc")
    out = simulate(tmp_path / "straight.zarr", start=tmp_path / "late.nc", **SETTINGS | {"quiet": False})
    assert "starts on 2000-01-11 00:00, the state's day of the year" in capsys.readouterr().out
    store = open_store(out)
    assert store.hours.tolist() == list(range(240, 240 + 2 * 960, 12))
    assert store.read(0, 0)[0].max() == pytest.approx(1.5, abs=1e-3)
    assert begin_hours(final_restart(out, 0), 0, store.grid, 12, 960) == 240

    class Killed(Exception):
        pass

    def killing(path, model, volume, write=member.write_restart):
        write(path, model, volume)
        if model.step == 200:
            raise Killed

    monkeypatch.setattr(member, "write_restart", killing)
    with pytest.raises(Killed):
        simulate(tmp_path / "killed.zarr", start=tmp_path / "late.nc", **SETTINGS)
    monkeypatch.undo()
    monkeypatch.setattr(run, "YEAR_HOURS", 24 * 40)
    (tmp_path / "late.nc").rename(tmp_path / "gone.nc")  # what goes on needs its start no more
    again = simulate(tmp_path / "killed.zarr", start=tmp_path / "late.nc", **SETTINGS)
    assert open_store(again).fingerprint == store.fingerprint


def test_the_years_of_a_store_begin_where_its_run_began(tmp_path):
    grid, hours = toy_grid(), 1800 + np.arange(0, 3 * YEAR, 24 * 73)
    create_store(tmp_path / "s.zarr", grid, CHANNELS, 1, hours, {"world": "toy"}, years_begin=1800)
    writer = StoreWriter(tmp_path / "s.zarr")
    for index, hour in enumerate(hours):
        writer.write(0, index, toy_sample(grid, int(hour) // 24 % 365, index))
    finish_store(tmp_path / "s.zarr")
    store = open_store(tmp_path / "s.zarr")
    assert store.years().tolist() == [0] * 5 + [1] * 5 + [2] * 5
    assert [len(samples_of(store, split)) for split in ("train", "validation", "test")] == [5, 5, 5]
    assert store.day_of_year(0) == 75.0
    assert open_dataset(tmp_path / "s.zarr").attrs["years_begin"] == 1800


def test_a_forcing_file_has_to_reach_to_the_end_of_the_last_year(states, tmp_path):
    """A year of records from 1 January is too short for a year from March on."""
    days = 365
    lat, lon = np.arange(90, 29.9, -10.0), np.arange(0, 360, 30.0)
    values = {"t2m": (260.0, "K"), "q2m": (0.001, "kg kg-1"), "u10": (1.0, "m s-1"), "v10": (0.0, "m s-1")}
    shape, dims = (days, len(lat), len(lon)), ("time", "latitude", "longitude")
    data = {name: (dims, np.full(shape, value), {"units": unit}) for name, (value, unit) in values.items()}
    time = ("time", np.arange(days) * 24, {"units": "hours since 2001-01-01", "calendar": "noleap"})
    xr.Dataset(data, {"latitude": lat, "longitude": lon, "time": time}).to_netcdf(tmp_path / "air.nc")
    options = {**SETTINGS, "years": 1, "start": states, "forcing": tmp_path / "air.nc"}
    with pytest.raises(InputError, match=r"1 year\(s\), 440 days"):
        simulate(tmp_path / "s.zarr", **options)
    assert not (tmp_path / "s.zarr").exists()
