"""The sea-ice generator told the season and the forcing: its states follow them, in latent and in data space."""

import json

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.data.store.members import MemberTable
from halocline.data.store.store import open_store
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError
from halocline.runtime.model_folder import read_model
from halocline.systems.loading import load_model
from tests.conftest import _train
from tests.toy import toy_store

WINTER, SUMMER = 60.0, 242.0
CPU = choose_compute("cpu", "fp32")
LONGER = [
    "autoencoder.training.samples=1600",
    "autoencoder.training.learning_rate=1e-2",
    "autoencoder.training.ema=0.95",
    "denoiser.training.samples=3200",
    "denoiser.training.learning_rate=3e-3",
    "denoiser.training.ema=0.98",
    *(
        f"{part}.training.{what}_every=1000"
        for part in ("autoencoder", "denoiser")
        for what in ("validate", "checkpoint")
    ),
]
pytestmark = pytest.mark.timeout(300)


@pytest.fixture(scope="module")
def seasonal_path(store_path, tmp_path_factory):
    """A toy model in the latent space that is told the day of the year."""
    out = tmp_path_factory.mktemp("told") / "latent"
    return _train(store_path, out, [*LONGER, 'condition=["day_of_year"]'])


@pytest.fixture(scope="module")
def warm_store_path(tmp_path_factory):
    """A toy store of six members that differ in how warm they are."""
    roles = ("train",) * 4 + ("validation", "interior")
    table = MemberTable(("warming",), ("K",), np.array([[-2.0], [2.0], [0.0], [1.0], [-1.0], [0.5]]), roles)
    return toy_store(tmp_path_factory.mktemp("toy") / "warm.zarr", members=6, years=1, table=table)


@pytest.fixture(scope="module")
def forced_path(warm_store_path, tmp_path_factory):
    """A toy model in data space that is told the season and all of the forcing's parameters."""
    out = tmp_path_factory.mktemp("told") / "data"
    return _train(warm_store_path, out, [*LONGER, "space=data", 'condition=["day_of_year","parameters"]'])


def extent(sic, area):
    """Area (10^6 km2) with more than 15 % of ice, of each state."""
    return ((np.nan_to_num(sic) > 0.15) * area).sum(axis=(-2, -1)) / 1e12


def drawn(model, **conditions):
    states = model.generate(16, seed=1, conditions=conditions, quiet=True)
    return extent(states["sic"].values, states["area"].values)


def real(store_path, day, member=0):
    store = open_store(store_path)
    near = [k for k in range(len(store.hours)) if abs(store.day_of_year(k) - day) < 8]
    return np.mean([extent(store.read(member, k)[1], store.grid.area) for k in near])


def significance(more, less):
    """Difference of the means over its standard error, members independent."""
    return (more.mean() - less.mean()) / np.sqrt((more.var(ddof=1) + less.var(ddof=1)) / len(more))


def test_states_follow_the_season_that_the_generator_is_told_in_the_latent(seasonal_path, store_path):
    model = load_model(seasonal_path, CPU)
    winter, summer = drawn(model, day_of_year=WINTER), drawn(model, day_of_year=SUMMER)
    assert significance(winter, summer) > 5
    assert winter.mean() - summer.mean() > 0.4 * (real(store_path, WINTER) - real(store_path, SUMMER))
    _, _, card = read_model(seasonal_path)
    assert card["conditions"]["season"] is True
    assert card["conditions"]["days_per_year"] == 365


def test_states_follow_season_and_forcing_in_data_space(forced_path, warm_store_path):
    model = load_model(forced_path, CPU)
    assert model.conditions.names == ("warming", "day_of_year")
    winter, summer = (drawn(model, day_of_year=day, warming=0.0) for day in (WINTER, SUMMER))
    assert significance(winter, summer) > 5
    cold, warm = (drawn(model, day_of_year=WINTER, warming=value) for value in (-2.0, 2.0))
    assert significance(cold, warm) > 5
    truth = real(warm_store_path, WINTER, member=0) - real(warm_store_path, WINTER, member=1)
    assert 0.4 * truth < cold.mean() - warm.mean() < 1.6 * truth


def test_states_carry_what_the_generator_was_told(seasonal_path, tmp_path):
    out = tmp_path / "march.nc"
    words = ["generate", seasonal_path, "--members", 3, "--batch", 2, "--condition", "day_of_year=75", "--out", out]
    done = CliRunner().invoke(app, [*map(str, words), "--quiet"])
    assert done.exit_code == 0, done.output
    with xr.open_dataset(out) as states:
        assert states["day_of_year"].dims == ("member",)
        assert states["day_of_year"].values.tolist() == [75.0] * 3
        assert states["day_of_year"].attrs["units"] == "days"
        assert states["day_of_year"].attrs["days_per_year"] == 365
    told = CliRunner().invoke(app, ["inspect", str(seasonal_path), "--json"])
    assert json.loads(told.output)["told"] == ["day_of_year"]
    free = load_model(seasonal_path, CPU).generate(3, seed=0, quiet=True)["day_of_year"].values
    assert len(set(free)) == 3


def test_a_condition_that_the_model_was_not_trained_with_is_refused(seasonal_path, model_path):
    with pytest.raises(ConfigError, match="day_of_year"):
        load_model(seasonal_path, CPU).generate(1, seed=0, conditions={"warming": 1.0}, quiet=True)
    with pytest.raises(ConfigError, match="takes no conditions"):
        load_model(model_path, CPU).generate(1, seed=0, conditions={"day_of_year": 75.0}, quiet=True)


@pytest.mark.parametrize(("name", "recorded"), [("none", ""), ("ice-bounds", "ice-bounds")])
def test_ice_constraints_are_selectable_and_recorded(data_space_model_path, tmp_path, name, recorded):
    out = tmp_path / "s.nc"
    words = ["generate", data_space_model_path, "--members", 4, "--constraint", name, "--out", out, "--quiet"]
    done = CliRunner().invoke(app, list(map(str, words)))
    assert done.exit_code == 0, done.output
    with xr.open_dataset(out) as states:
        assert states.attrs["halocline_constraints"] == recorded
        assert (states.attrs["halocline_constraints_moved"] == "[]") == (name == "none")
        ice, wet = states["sic"].values > 0, states["mask"].values > 0
        stray = (states["siu"].values != 0) & ~ice & wet  # drift of ice that is not there
    assert stray.any() == (name == "none")
