"""Ocean states: constraints hold, conditions count, members are their own, files are read by everything else."""

import json

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from halocline.chain.dataset import write_dataset
from halocline.cli.main import app
from halocline.constraints.constrain import constrain
from halocline.constraints.level_means import means_of
from halocline.constraints.named.southern_border import SouthernBorder
from halocline.data.files.ocean import ocean_states
from halocline.data.files.states import open_states
from halocline.physics.eos import DINO_EOS
from halocline.physics.stability import density_error
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError
from halocline.systems.config import load_config
from halocline.systems.loading import load_model
from tests.conftest import OCEAN_RECIPE, _train

CPU = choose_compute("cpu", "fp32")


@pytest.fixture(scope="module")
def load(ocean_model_path):
    return lambda *names: load_model(ocean_model_path, CPU, constraints=names or None)


@pytest.fixture(scope="module")
def paper_model(ocean_store_path, tmp_path_factory):
    """The paper's choices, on the toy."""
    overrides = [
        "condition=[]",
        "codec.normalisation=level",
        "codec.scale=3.0",
        "denoiser.prediction=eps",
        "denoiser.schedule=squared-cosine",
        "denoiser.weighting=eps",
        "denoiser.cells=all",
        "sampler.solver=ddpm",
        "sampler.steps=40",
        "sampler.clip=1.0",
        "constraints.contents=none",
        "constraints.stability=none",
        "constraints.paper=true",
        "constraints.beta=0.03",
        "denoiser.maps=false",
        "constraints.patterns=none",
        "constraints.patterns_kept=0",
        "codec.pad_multiple=12",
        "denoiser.training.ema=0",
    ]
    return _train(ocean_store_path, tmp_path_factory.mktemp("models") / "paper", overrides, OCEAN_RECIPE)


def moved(dataset):
    return {row["name"]: row for row in json.loads(dataset.attrs["halocline_constraints_moved"])}


def level_means(dataset):
    ocean = ocean_states(dataset)
    return means_of(ocean.states, ocean.layout, "level-means")


def test_contents_are_those_drawn_whether_imposed_inside_or_at_the_end(load):
    chain = load("contents")
    (constraint,) = chain.chain.constraints
    assert constraint.where == "both"
    dataset = chain.generate(5, seed=2, quiet=True)
    given = {name: dataset[name].values for name in chain.conditions.names}
    from halocline.chain.placed import Draw

    target = constraint.make(Draw(range(5), 2, vector=chain.conditions.encode(given))).target
    np.testing.assert_allclose(level_means(dataset), target, atol=1e-5)
    assert moved(dataset)["contents"]["residual_before"] < 1e-4  # the sampler ends on them already
    assert level_means(dataset).std(axis=0).min() > 0


@pytest.mark.parametrize("name", ["stability", "sort"])
def test_stable_at_the_end_and_heat_and_salt_kept(load, name):
    one, both = load("contents").generate(4, seed=3, quiet=True), load("contents", name).generate(4, seed=3, quiet=True)
    assert moved(both)[name]["residual_before"] > 0
    assert moved(both)[name]["residual_end"] == 0
    ocean = ocean_states(both)
    grid = ocean.layout.grid
    thetao, so, zos = ocean.layout.select(ocean.states, "thetao", "so", "zos")
    assert density_error(thetao, so, grid, DINO_EOS).max() == 0
    h = grid.thickness
    for a, b in zip(ocean.layout.select(ocean_states(one).states, "thetao", "so"), (thetao, so), strict=True):
        column = [(np.nan_to_num(x) * h).sum(axis=1) / np.maximum(h.sum(axis=0), 1) for x in (a, b)]
        np.testing.assert_allclose(column[0], column[1], atol=3e-6 * 40)
    assert (zos == ocean.layout.select(ocean_states(one).states, "zos")[0])[:, grid.mask[0]].all()


def test_patterns_of_the_training_states_go_with_the_model(load, ocean_store_path):
    free, own = load("none"), load("patterns")
    noisy, smooth = (chain.generate(3, seed=4, quiet=True) for chain in (free, own))
    assert moved(smooth)["patterns"]["residual_before"] > 0.05
    assert moved(smooth)["patterns"]["residual_end"] <= moved(smooth)["patterns"]["tolerance"]
    basis = own.chain.constraints[0].make(None).basis
    assert len(basis.patterns) == 6
    held = basis.split(basis.anomaly(ocean_states(noisy).states))[0]
    np.testing.assert_allclose(basis.anomaly(ocean_states(smooth).states), held, atol=2e-3)
    assert [c.name for c in load().chain.constraints] == ["patterns", "contents", "stability"]


@pytest.mark.parametrize("names", [("none",), ("contents", "stability")])
def test_a_member_is_the_same_alone_in_batches_and_later(load, names):
    chain = load(*names)
    together = chain.generate(5, seed=9, batch=5, quiet=True)
    pairs = chain.generate(5, seed=9, batch=2, quiet=True)
    late = chain.generate(2, seed=9, first=3, quiet=True)
    for name in ("thetao", "so", "zos", "wind_stress", "day_of_year"):
        np.testing.assert_allclose(pairs[name], together[name], atol=1e-4)
        np.testing.assert_allclose(late[name], together[name][3:], atol=1e-4)
    assert np.nanmax(np.abs(together["thetao"].values[0] - together["thetao"].values[1])) > 0.01


def test_the_condition_reaches_the_network(load):
    chain = load("none")
    same = {"wind_stress": 0.1, "t_star": 0.0, "s_star": 0.0}
    winter, again, summer = (
        chain.generate(2, seed=1, conditions=same | {"day_of_year": day}, quiet=True)["thetao"].values
        for day in (0, 0, 180)
    )
    np.testing.assert_array_equal(winter, again)
    assert np.nanmax(np.abs(winter - summer)) > 1e-3


def test_drawn_contents_follow_the_condition(load):
    """The toy's surface temperature grows with t_star: so do the drawn level means, by the fitted slope."""
    chain = load("contents")
    low, high = chain.conditions.table.min(axis=0)[1], chain.conditions.table.max(axis=0)[1]
    cold, warm = (level_means(chain.generate(6, 0, conditions={"t_star": v}, quiet=True)) for v in (low, high))
    assert (warm[:, 0] - cold[:, 0]).mean() > 0.2 * (high - low)


def test_files_are_read_by_everything_else(load, tmp_path):
    dataset = load("none").generate(3, seed=0, quiet=True)
    assert dataset["thetao"].dims == ("member", "depth", "y", "x")
    assert dataset["t_star"].attrs["units"] == "degC"
    for path in (tmp_path / "s.nc", tmp_path / "s.zarr"):
        write_dataset(dataset, path)
        back = open_states(path)
        xr.testing.assert_allclose(back["so"], dataset["so"])
        assert set(back.coords) >= {"wind_stress", "day_of_year", "depth", "lat"}
    assert ocean_states(back).members() == [0, 1, 2]
    stable, report = constrain(back, ["stability"], reference="both")
    assert report[0].residual_end == 0
    assert stable.attrs["halocline_constraints"] == "stability"
    result = CliRunner().invoke(app, ["inspect", str(tmp_path / "s.nc")])
    assert result.exit_code == 0, result.output
    assert "day_of_year" in result.output


def test_the_command_takes_conditions_and_constraints(ocean_model_path, tmp_path):
    out = tmp_path / "s.nc"
    words = [
        "generate",
        str(ocean_model_path),
        "--members",
        "2",
        "--out",
        str(out),
        "--condition",
        "wind_stress=0.9",
        "--threads",
        "1",
    ]
    result = CliRunner().invoke(app, [*words, "--constraint", "contents", "--constraint", "sort"])
    assert result.exit_code == 0, result.output
    assert "outside the trained range" in result.output
    assert "sort" in result.output
    assert (open_states(out)["wind_stress"] == 0.9).all()
    with pytest.raises(ConfigError, match="NAME=VALUE"):
        CliRunner().invoke(
            app, [*words[:4], "--out", str(tmp_path / "t.nc"), "--condition", "a"], catch_exceptions=False
        )


def test_wrong_names_are_explained(load, paper_model, model_path):
    with pytest.raises(ConfigError, match="Did you mean 'stability'"):
        load("stabilty")
    with pytest.raises(ConfigError, match="constraints of this model: paper, contents, stability, sort"):
        load_model(paper_model, CPU, constraints=["patterns"])
    with pytest.raises(ConfigError, match="patterns_kept, for instance 60"):
        load_config(str(OCEAN_RECIPE), ["constraints.patterns_kept=0"])
    with pytest.raises(ConfigError, match="others beside it"):
        load("none", "sort")
    with pytest.raises(ConfigError, match="Did you mean 'day_of_year'"):
        load("none").generate(1, 0, conditions={"day_year": 3}, quiet=True)
    with pytest.raises(ConfigError, match="constraints of this model: ice-bounds"):
        load_model(model_path, CPU, constraints=["contents"])
    with pytest.raises(ConfigError, match="takes no conditions"):
        load_model(model_path, CPU).generate(1, 0, conditions={"t_star": 3}, quiet=True)


def test_the_papers_mode_runs_and_its_pull_narrows_level_means(paper_model):
    chain = load_model(paper_model, CPU)
    assert chain.chain.shape == (11, 12, 12)
    pulled = chain.generate(12, seed=123, quiet=True)
    free = load_model(paper_model, CPU, constraints=["none"]).generate(12, seed=123, quiet=True)
    assert pulled.attrs["halocline_constraints_in_sampler"] == "paper"
    means = [(level_means(d) - chain.codec.mean[:, 0, 0])[:, :10] / chain.codec.std[:10] for d in (pulled, free)]
    assert np.abs(means[0]).mean() < 0.7 * np.abs(means[1]).mean()
    span = np.abs(chain.codec.encode(ocean_states(free).states))
    assert span.max() <= 1 + 1e-4  # clipped: nothing beyond three standard deviations


def test_the_border_is_repaired_as_published():
    states = np.arange(2 * 1 * 5 * 2, dtype=float).reshape(2, 1, 5, 2)
    states[:, :, 0], states[:, :, 2, 1] = np.nan, np.nan
    out = SouthernBorder().project(states)
    assert SouthernBorder().residual(states).tolist() == [2.0, 2.0]
    np.testing.assert_array_equal(out[:, :, 1, 0], states[:, :, 2, 0])
    np.testing.assert_array_equal(out[:, :, 1, 1], states[:, :, 1, 1])  # no wet cell north of it
    np.testing.assert_array_equal(out[:, :, 2:], states[:, :, 2:])
