"""Indices of the wind: what they are of stored states and of a file, and that a model which is told them follows."""

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

import halocline as hl
from halocline.cli.main import app
from halocline.data.fields.calendar import date_of
from halocline.data.sampling.conditions import Conditions
from halocline.data.sampling.wind import WINDS, WindIndices, _spells
from halocline.data.store.splits import samples_of
from halocline.data.store.store import open_store
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError, InputError
from halocline.systems.config import load_config
from halocline.systems.training import train
from tests.conftest import TOY_RECIPE
from tests.surrogate_toy import surrogate_store

CPU = choose_compute("cpu", "fp32")
LONGER = [
    "space=data",
    'condition=["day_of_year", "wind"]',
    "denoiser.training.samples=3200",
    "denoiser.training.learning_rate=3e-3",
    "denoiser.training.ema=0.98",
    "denoiser.training.validate_every=1000",
    "denoiser.training.checkpoint_every=1000",
]


@pytest.fixture(scope="module")
def windy(tmp_path_factory):
    """A toy store with weather, 30 days of each of three years."""
    return open_store(surrogate_store(tmp_path_factory.mktemp("wind") / "windy.zarr", members=3, steps=60))


@pytest.fixture(scope="module")
def indices(windy):
    return WindIndices.fit(windy, count=3)


@pytest.fixture(scope="module")
def model_path(windy, tmp_path_factory):
    out = tmp_path_factory.mktemp("wind") / "model"
    train(load_config(str(TOY_RECIPE), LONGER), windy, out, compute=CPU, quiet=True)
    return out


def weather_file(store, member, path):
    """The wind of a store's member as a file on its grid."""
    fields = {name: store.channels.index(name) for name in WINDS}
    values = np.stack([store.read(member, k) for k in range(60)])
    time = xr.DataArray(store.hours[:60], dims="time", attrs={"units": "hours since 2000-01-01", "calendar": "noleap"})
    grid = xr.Dataset({"lat": (("y", "x"), store.grid.lat), "lon": (("y", "x"), store.grid.lon)})
    data = {n: (("time", "y", "x"), values[:, c], {"units": "m s-1"}) for n, c in fields.items()}
    whole = xr.Dataset(data, {"time": time, "x": store.grid.x, "y": store.grid.y}).assign_coords(grid)
    whole.attrs["vectors"] = "grid"
    whole.to_netcdf(path)
    return path


def test_indices_of_the_training_spells_are_uncorrelated_with_variance_one(windy, indices):
    spells = _spells(samples_of(windy, "train"), indices.records)
    ends = [(member, first + indices.records - 1) for member, first in spells]
    table = np.stack(list(indices.of_samples(windy, ends).values()))
    np.testing.assert_allclose(table.mean(axis=1), 0, atol=1e-4)
    np.testing.assert_allclose(table @ table.T / len(ends), np.eye(2), atol=1e-3)
    assert 1 + 1e-9 >= sum(indices.share) > indices.share[0] >= indices.share[1] > 0, "the toy has a wave, thus two"
    flat = indices.patterns.reshape(2, -1)
    assert (flat[np.arange(2), np.abs(flat).argmax(axis=1)] > 0).all()


def test_an_index_is_the_mean_of_the_last_days(windy, indices):
    at = [windy.channels.index(name) for name in WINDS]
    found = indices.of_samples(windy, [(1, 20), (0, 2)])
    for n, (member, last, first) in enumerate([(1, 20, 15), (0, 2, 0)]):
        mean = np.mean([windy.read(member, k)[at] for k in range(first, last + 1)], axis=0)
        direct = (indices.patterns * (mean - indices.mean)).sum(axis=(1, 2, 3))
        np.testing.assert_allclose([found[name][n] for name in indices.names], direct, rtol=1e-4, atol=1e-4)


def test_spells_hold_no_gap_and_do_not_overlap():
    samples = [(0, 0), (0, 1), (0, 2), (0, 4), (0, 5), (0, 6), (1, 7), (1, 8)]
    assert _spells(samples, 2) == [(0, 0), (0, 4), (1, 7)]


def test_a_file_of_the_same_wind_gives_the_same_indices(windy, indices, tmp_path):
    path = weather_file(windy, 1, tmp_path / "wind.nc")
    stored = indices.of_samples(windy, [(1, 20)])
    choices = hl.Choices(vectors="grid")
    of_file = indices.of_file(path, date_of(windy.hours[20]), windy.grid, choices)
    for name in indices.names:
        assert of_file[name] == pytest.approx(stored[name][0], abs=2e-3)
    with pytest.raises(InputError, match="expected wind from 1999-12-29"):
        indices.of_file(path, "2000-01-01", windy.grid, choices)


def test_conditions_hold_and_draw_the_wind(windy):
    conditions = Conditions.of(windy, ["day_of_year", "wind"])
    assert conditions.names == ("day_of_year", "wind1", "wind2")
    assert conditions.size == 6
    back = Conditions.from_card(conditions.to_card(), conditions.arrays())
    assert Conditions.names_in(conditions.to_card()) == back.names == conditions.names
    drawn = back.draw(0, range(2000))
    assert np.std(drawn["wind1"]) == pytest.approx(1, abs=0.05)
    assert back.draw(0, [7])["wind2"][0] == drawn["wind2"][7]
    np.testing.assert_allclose(conditions.encode(drawn)[:, 4], drawn["wind1"], rtol=1e-6)
    alone = Conditions.of(windy, ["day_of_year"]).draw(0, range(20))
    np.testing.assert_array_equal(alone["day_of_year"], drawn["day_of_year"][:20])


def test_a_store_without_wind_is_refused(store):
    with pytest.raises(InputError, match="without u10, v10"):
        Conditions.of(store, ["wind"])


def along(pattern, drift):
    """How much drift (state, 2, y, x) goes along a pattern."""
    return (np.nan_to_num(drift) * pattern).sum(axis=(1, 2, 3))


def test_drift_follows_the_wind_that_a_model_is_told(windy, model_path):
    model = hl.load(model_path, device="cpu", precision="fp32")
    indices, samples = model.conditions.wind, samples_of(windy, "train")
    real = along(indices.patterns[0], np.stack([windy.read(*sample)[3:5] for sample in samples]))
    told = indices.of_samples(windy, samples)["wind2"]
    slope = np.polyfit(told, real, 1)[0]
    pushed = []
    for push in (-1.4, 1.4):
        states = model.generate(16, seed=1, conditions={"day_of_year": 10.0, "wind1": 0.0, "wind2": push}, quiet=True)
        assert (states["wind2"] == push).all()
        drawn = np.stack([states["siu"].values, states["siv"].values], axis=1)
        pushed.append(along(indices.patterns[0], drawn))
    assert (pushed[1] > pushed[0]).all(), "the toy's wave turns: ice goes along the first pattern after the second"
    assert 0.5 < (pushed[1] - pushed[0]).mean() / (2.8 * slope) < 1.5


def test_the_command_takes_a_date_and_its_weather(windy, model_path, tmp_path):
    path, run = weather_file(windy, 1, tmp_path / "wind.nc"), CliRunner()
    at = date_of(windy.hours[20])
    words = ["generate", str(model_path), "--members", "2", "--out", str(tmp_path / "s.nc"), "--quiet"]
    done = run.invoke(app, [*words, "--at", at, "--weather", str(path), "--vectors", "grid"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    with xr.open_dataset(tmp_path / "s.nc") as states:
        own = WindIndices.fit(windy).of_samples(windy, [(1, 20)])
        np.testing.assert_allclose(states["wind1"], own["wind1"][0], atol=2e-3)
        np.testing.assert_allclose(states["day_of_year"], 10.0)
    assert run.invoke(app, [*words[:-1], "--weather", str(path)]).exit_code != 0


def test_what_a_model_is_not_told_is_refused(windy, model_path, tmp_path):
    from halocline.data.sampling.on_date import conditions_on

    season = Conditions.of(windy, ["day_of_year"])
    assert conditions_on(season, "2001-01-11", None, windy.grid) == {"day_of_year": 10.0}
    with pytest.raises(ConfigError, match="expected one that is told the wind"):
        conditions_on(season, "2001-01-11", tmp_path / "wind.nc", windy.grid)
    with pytest.raises(ConfigError, match="a model that is told nothing"):
        conditions_on(None, "2001-01-11", None, windy.grid)
    with pytest.raises(InputError, match="2001-13-11"):
        conditions_on(season, "2001-13-11", None, windy.grid)
