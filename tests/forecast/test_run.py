"""A forecast as a whole: cut, killed, shared out or squeezed, it is the same; baselines are what they say."""

import os
import shutil

import numpy as np
import pytest
import torch.multiprocessing as mp
import xarray as xr

from halocline.chain.dataset import to_dataset
from halocline.chain.forecast.air_history import AirHistory, ShortHistory
from halocline.chain.forecast.baselines import BASELINES, TURN, WIND_FACTOR
from halocline.chain.forecast.budget import plan
from halocline.chain.forecast.run import forecast
from halocline.chain.forecast.starts import open_starts
from halocline.chain.forecast.stepper import StepContext
from halocline.chain.forecast.surrogate import Surrogate
from halocline.data.fields.calendar import date_of, hour_of
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.grids.projected import projected_grid
from halocline.data.grids.projection import Plane
from halocline.data.store.store import open_store
from halocline.evaluate.forecast.file import open_forecast
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError, HaloclineError, InputError, OutputError
from halocline.runtime.processes.joining import join_ranks
from halocline.runtime.ranks import Ranks
from halocline.runtime.seals.zarr_group import change_attributes
from halocline.systems.forecasting import Request, run_forecast
from tests.forecast.conftest import everything
from tests.half_sealed import leave_half_sealed
from tests.surrogate_toy import STATE
from tests.training.forked import free_port

pytestmark = pytest.mark.filterwarnings("ignore::halocline.chain.forecast.air_history.ShortHistory")


@pytest.fixture(scope="module")
def whole(surrogate, start_and_grid, weather_of, tmp_path_factory):
    out = tmp_path_factory.mktemp("fc") / "whole.zarr"
    run(surrogate, start_and_grid, weather_of, out)
    return out


def run(stepper, start_and_grid, weather_of, out, **more):
    start, grid = start_and_grid
    options = {"steps": 4, "members": 2, "seed": 3, "quiet": True} | more
    return forecast(stepper, [start], weather_of, grid, out, **options)


def test_layout(whole, start_and_grid, weather_store):
    dataset = xr.open_zarr(whole, consolidated=False, decode_times=False)
    assert dataset["sit"].dims == ("start", "member", "lead", "y", "x")
    assert dataset["lead"].values.tolist() == [0, 12, 24, 36, 48]
    assert (int(dataset["start"][0]), int(dataset["store_member"][0]), int(dataset["start_index"][0])) == (96, 1, 8)
    assert dataset.attrs["complete"]
    assert dataset["sit"].attrs["units"] == "m"
    first = open_store(weather_store).read(1, 8)[:6]
    np.testing.assert_array_equal(everything(whole)[0, :, 0], np.stack([first, first]))
    assert np.abs(everything(whole)[0, 0, 1:] - everything(whole)[0, 1, 1:]).max() > 1e-2


def test_the_scores_can_open_it(whole):
    from halocline.evaluate.forecast.file import open_forecast

    opened = open_forecast(whole)
    assert (opened.members, opened.starts, opened.channels) == (2, 1, STATE)


def test_killed_and_run_again_it_ends_on_the_same_bits(
    whole, surrogate, start_and_grid, weather_of, tmp_path, monkeypatch
):
    out, calls, advance = tmp_path / "killed.zarr", [], Surrogate.advance

    def killed(self, *arguments):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return advance(self, *arguments)

    monkeypatch.setattr(Surrogate, "advance", killed)
    with pytest.raises(KeyboardInterrupt):
        run(surrogate, start_and_grid, weather_of, out)
    assert not xr.open_zarr(out, consolidated=False, decode_times=False).attrs["complete"]
    run(surrogate, start_and_grid, weather_of, out)
    assert len(calls) == 3 + 2  # two steps were there, two were left
    np.testing.assert_array_equal(everything(out), everything(whole))
    run(surrogate, start_and_grid, weather_of, out)
    assert len(calls) == 5
    with pytest.raises(OutputError, match="seed"):
        run(surrogate, start_and_grid, weather_of, out, seed=4)


@pytest.mark.parametrize("complete", [True, False])
@pytest.mark.parametrize("damage", ["lost", "flipped", "count"])
def test_what_is_counted_is_read_and_what_is_bad_is_made_again(
    whole, surrogate, start_and_grid, weather_of, tmp_path, complete, damage
):
    out = tmp_path / "damaged.zarr"
    shutil.copytree(whole, out)
    change_attributes(out, {"complete": complete})
    chunk = out.joinpath(*(("leads_written", "c", "0", "1") if damage == "count" else ("sic", *"c01300")))
    content = bytearray(chunk.read_bytes())
    content[len(content) // 2] ^= 1
    chunk.unlink() if damage == "lost" else chunk.write_bytes(content[: 1 if damage == "count" else None])
    run(surrogate, start_and_grid, weather_of, out)
    np.testing.assert_array_equal(everything(out), everything(whole))
    assert xr.open_zarr(out, consolidated=False, decode_times=False).attrs["complete"]


def test_a_kill_at_the_very_end_leaves_the_seal_of_an_undisturbed_run(
    whole, surrogate, start_and_grid, weather_of, tmp_path
):
    out = tmp_path / "sealed.zarr"
    shutil.copytree(whole, out)
    leave_half_sealed(out)
    assert (out / "seal" / "zarr.json").read_bytes() != (whole / "seal" / "zarr.json").read_bytes()
    run(surrogate, start_and_grid, weather_of, out)
    assert (out / "seal" / "zarr.json").read_bytes() == (whole / "seal" / "zarr.json").read_bytes()


def test_a_forecast_that_fails_at_its_start_leaves_nothing(
    surrogate, start_and_grid, weather_of, tmp_path, monkeypatch
):
    """In the first step it is in nobody's way; later it can go on."""
    calls, advance = [], Surrogate.advance

    def fails(self, *arguments):
        calls.append(1)
        return advance(self, *arguments) * np.float32(np.nan if len(calls) in (1, 3) else 1)

    monkeypatch.setattr(Surrogate, "advance", fails)
    for left in ([], ["f.zarr"]):
        with pytest.raises(HaloclineError, match="not finite"):
            run(surrogate, start_and_grid, weather_of, tmp_path / "f.zarr")
        assert os.listdir(tmp_path) == left


def test_a_forecast_goes_on_from_the_end_of_another(whole, surrogate, start_and_grid, weather_of, tmp_path):
    _, grid = start_and_grid
    run(surrogate, start_and_grid, weather_of, tmp_path / "a.zarr", steps=2)
    starts, *_ = open_starts(tmp_path / "a.zarr", STATE, count=1, split="all", hours=24, at=[], member=0, index=0)
    out = forecast(surrogate, starts, weather_of, grid, tmp_path / "b.zarr", steps=2, members=2, seed=3, quiet=True)
    np.testing.assert_allclose(everything(out)[:, :, -1], everything(whole)[:, :, -1], atol=1e-6)


def test_memory_and_thinned_output_change_nothing(whole, surrogate, start_and_grid, weather_of, tmp_path):
    start, grid = start_and_grid
    air = AirHistory.working_bytes(weather_of(start), surrogate.degree_days, grid.mask) + start.states.nbytes
    air += 4 * (2 * len(surrogate.forcing) + len(surrogate.degree_days.names)) * grid.mask.size
    held = 3 * 4 * 2 * len(STATE) * grid.mask.size  # two members before and after a step, and once more put together
    least = sum(surrogate.working_bytes(grid)) + air + held
    run(surrogate, start_and_grid, weather_of, tmp_path / "a.zarr", memory=least, every=2)
    np.testing.assert_allclose(everything(tmp_path / "a.zarr"), everything(whole)[:, :, ::2], atol=1e-5)
    with pytest.raises(ConfigError, match=r"at least .* MB"):
        run(surrogate, start_and_grid, weather_of, tmp_path / "b.zarr", memory=least - 1)
    assert not (tmp_path / "b.zarr").exists()


def test_memory_counts_the_weather_that_is_kept(surrogate, start_and_grid, weather_of):
    """What AirHistory holds after a long window is what it has said, but for two records."""
    start, grid = start_and_grid
    windows, weather = DegreeDays((2, 5)), weather_of(start)
    history = AirHistory(weather, windows, grid.mask)
    for hour in weather.hours:
        history.at(int(hour))
    held = sum(v.nbytes for v in (*history._kept.values(), *history._sums.values()))
    said = AirHistory.working_bytes(weather, windows, grid.mask)
    assert held <= said <= held + 2 * 4 * int(grid.mask.sum())
    assert AirHistory.working_bytes(weather, DegreeDays(()), grid.mask) == 0


def test_memory_counts_the_states_of_all_members(surrogate, start_and_grid):
    _, grid = start_and_grid
    memory = sum(surrogate.working_bytes(grid)) + 3 * 4 * 1000 * len(STATE) * grid.mask.size + 10**7
    plan(surrogate, grid, 1000, memory + 5 * 10**6, air=10**7, begun=5 * 10**6)
    said = r"the weather kept 10, the starts 5, the states of 1000 members \d+, a member in its step"
    with pytest.raises(ConfigError, match=said):
        plan(surrogate, grid, 1000, memory + 5 * 10**6 - 1, air=10**7, begun=5 * 10**6)


def rank_job(rank, size, port, surrogate, store, outs):
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": str(size), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    from halocline.chain.forecast.weather import open_weather

    starts, grid, _ = open_starts(store, STATE, count=1, split="all", hours=48, at=[96], member=1, index=0)
    ranks = join_ranks()
    for out, members in outs:
        forecast(
            surrogate,
            starts,
            lambda s: open_weather(store, s.store_member, surrogate.forcing, grid),
            grid,
            out,
            steps=2,
            members=members,
            seed=3,
            ranks=ranks,
            quiet=True,
        )
    ranks.leave()


@pytest.mark.slow
def test_two_processes_share_members_or_tiles(whole, surrogate, weather_store, tmp_path):
    outs = [(tmp_path / "members.zarr", 2), (tmp_path / "tiles.zarr", 1)]
    mp.spawn(rank_job, (2, free_port(), surrogate, weather_store, outs), nprocs=2)
    np.testing.assert_allclose(everything(outs[0][0]), everything(whole)[:, :, :3], atol=1e-5)
    np.testing.assert_allclose(everything(outs[1][0]), everything(whole)[:, :1, :3], atol=1e-5)


def test_persistence_and_free_drift(start_and_grid, weather_of, tmp_path):
    start, _ = start_and_grid
    kept = everything(run(BASELINES["persistence"](), start_and_grid, weather_of, tmp_path / "p.zarr"))
    np.testing.assert_array_equal(kept[0, 0], np.repeat(start.states, 5, axis=0))
    drift = everything(run(BASELINES["free-drift"](), start_and_grid, weather_of, tmp_path / "d.zarr"))
    ice = start.states[0, 1] > 0
    u, v = weather_of(start).read(start.hour + 12, ("u10", "v10"))
    moved = drift[0, 0, 1, 3][ice] + 1j * drift[0, 0, 1, 4][ice]
    np.testing.assert_allclose(moved, WIND_FACTOR * (u + 1j * v)[ice] * np.exp(-1j * TURN), atol=1e-6)
    np.testing.assert_array_equal(drift[0, 0, 1, :3], start.states[0, :3])
    with pytest.raises(ConfigError, match="Did you mean 'persistence'"):
        BASELINES["persistance"]


@pytest.mark.parametrize(("code", "turn"), [("EPSG:3413", -25.0), ("EPSG:3976", 25.0), ("EPSG:6932", 25.0)])
@pytest.mark.parametrize("rows", ["up", "down"])
def test_ice_drifts_to_the_right_of_the_wind_in_the_north_and_to_its_left_in_the_south(code, turn, rows):
    """The angle from the wind to the drift on the plane, counter-clockwise, whatever the order of the rows."""
    x = (np.arange(8) - 3.5) * 2e5
    grid = projected_grid("polar", Plane.of(code), x, x if rows == "up" else x[::-1], np.ones((8, 8), bool))
    drift = BASELINES["free-drift"]()
    wind = np.stack([np.full(grid.shape, 3.0, np.float32), np.full(grid.shape, 4.0, np.float32)])
    none = np.zeros((0, *grid.shape), np.float32)
    moved = drift.advance(
        np.ones((1, 6, *grid.shape), np.float32), StepContext(0, wind, wind, none, [0], 0), grid, 1, Ranks()
    )
    angle = np.rad2deg(np.angle((moved[0, 3] + 1j * moved[0, 4]) / (3.0 + 4.0j)))
    np.testing.assert_allclose(angle, turn, atol=1e-4)


def test_a_baseline_forecasts_what_the_start_holds(weather_store, tmp_path):
    five = open_store(weather_store)
    file = tmp_path / "five.nc"
    to_dataset(five.read(0, 8)[None, :5], STATE[:5], five.grid, [0], {}).to_netcdf(file)
    out = tmp_path / "p.zarr"
    about = {"days": 1.0, "members": 1, "at": ("2000-01-05",), "quiet": True}
    run_forecast(Request(model="persistence", start=file, out=out, **about), choose_compute("cpu", "fp32"))
    assert open_forecast(out).channels == STATE[:5]
    nothing = tmp_path / "nothing.nc"
    to_dataset(five.read(0, 8)[None, :3], STATE[:3], five.grid, [0], {}).to_netcdf(nothing)
    request = Request(
        model="free-drift", start=nothing, out=tmp_path / "d.zarr", forcing=weather_store, days=1.0, at=("2000-01-05",)
    )
    with pytest.raises(InputError, match="no variable siu, siv"):
        run_forecast(request, choose_compute("cpu", "fp32"))


def test_degree_days_are_those_of_the_training_records(weather_store, weather_of, start_and_grid, surrogate):
    start, grid = start_and_grid
    store = open_store(weather_store)
    t2m = np.stack([store.read(1, i)[6][grid.mask] for i in range(len(store.hours))])
    expected = surrogate.degree_days.series(store.hours, t2m)
    carried = AirHistory(weather_of(start), surrogate.degree_days, grid.mask)
    for index in (3, 4, 5, 12, 13):
        found = carried.at(int(store.hours[index]))[:, grid.mask]
        np.testing.assert_array_equal(found, expected[index])
        afresh = AirHistory(weather_of(start), surrogate.degree_days, grid.mask).at(int(store.hours[index]))
        np.testing.assert_array_equal(afresh[:, grid.mask], found)
    with pytest.warns(ShortHistory, match="begins 1 days before"):
        carried.warn_if_short(24)


def test_dates():
    assert date_of(0) == "2000-01-01 00:00"
    for text in ("2007-03-01 12:00", "2000-12-31 00:00", "1999-02-28 06:00"):
        assert date_of(hour_of(text)) == text
