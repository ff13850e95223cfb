"""Conditions left out in training: one model draws with and without them, and towards them."""

import dataclasses

import numpy as np
import pytest
import torch
import xarray as xr
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.data.sampling.told import told
from halocline.diffusion.objectives.denoising import DenoisingObjective
from halocline.diffusion.wrappers import Guided
from halocline.runtime.errors import ConfigError
from halocline.systems.base_config import trained_part
from halocline.systems.config import load_config
from halocline.systems.loading import load_model
from halocline.training.batches import FieldBatches
from tests.conftest import OCEAN_RECIPE, TOY_RECIPE, _train

SHORT = ["denoiser.training.samples=64", "denoiser.drop_conditions=0.3"]


class Fields:
    """Sixteen fields that are told their own number."""

    def __len__(self):
        return 16

    def take(self, numbers):
        return np.ones((len(numbers), 1, 4, 4), np.float32)

    def conditions(self, numbers):
        return np.stack([numbers + 1.0, -numbers - 1.0], axis=1).astype(np.float32)


def _batches(drop, seed=0):
    return FieldBatches(Fields(), Fields(), DenoisingObjective(), 16, seed, drop=drop)


def test_the_share_is_told_nothing_and_the_rest_what_it_was():
    vectors = torch.cat([_batches(0.2).batch(step).given.vector for step in range(200)])
    plain = torch.cat([_batches(0.0).batch(step).given.vector for step in range(200)])
    untold = vectors[:, 2] == 0
    assert untold.float().mean() == pytest.approx(0.2, abs=4 * (0.2 * 0.8 / 3200) ** 0.5)
    assert (vectors[untold] == 0).all()
    assert torch.equal(vectors[~untold], torch.cat([plain[~untold], torch.ones(int((~untold).sum()), 1)], dim=1))


def test_who_is_told_depends_on_seed_and_step_and_nothing_else_changes():
    again, other = _batches(0.5).batch(3), _batches(0.5, seed=1).batch(3)
    batch, plain = _batches(0.5).batch(3), _batches(0.0).batch(3)
    assert torch.equal(batch.given.vector, again.given.vector)
    assert not torch.equal(batch.given.vector[:, 2], other.given.vector[:, 2])
    assert not torch.equal(batch.given.vector[:, 2], _batches(0.5).batch(4).given.vector[:, 2])
    assert torch.equal(batch.eps, plain.eps)
    assert torch.equal(batch.t, plain.t)


def test_validation_is_told():
    assert all((batch.given.vector[:, 2] == 1).all() for batch in _batches(0.9).validation())


def test_guidance_goes_from_untold_over_told_and_beyond():
    x, t = torch.randn(2, 1, 3, 3), torch.ones(2)
    for weight, expected in ((0.0, 1.0), (1.0, 3.0), (2.0, 5.0)):
        guided = Guided(lambda x, t: torch.full_like(x, 3.0), lambda x, t: torch.ones_like(x), weight)
        torch.testing.assert_close(guided(x, t), torch.full_like(x, expected))


def test_an_older_recipe_is_the_same_and_dropping_needs_conditions():
    assert "drop_conditions" not in trained_part(load_config(str(TOY_RECIPE)))["denoiser"]
    with pytest.raises(ConfigError, match="drop_conditions needs conditions"):
        load_config(str(TOY_RECIPE), ["denoiser.drop_conditions=0.1"])


@pytest.fixture(scope="module")
def path(store_path, tmp_path_factory):
    """A toy model in data space that is told the day of the year, or nothing."""
    out = tmp_path_factory.mktemp("untold") / "model"
    return _train(store_path, out, [*SHORT, "space=data", 'condition=["day_of_year"]'])


def _sensitive(model):
    """Return the model with a head and conditions that matter, whatever so short a training has learnt."""
    torch.manual_seed(0)
    for part in (model.denoiser.network.head, *model.denoiser.network.condition[::2]):
        torch.nn.init.normal_(part.weight, std=0.3)
    return model


def test_what_is_not_told_changes_nothing(path):
    model = _sensitive(load_model(path))
    untold = model.with_guidance(0.0)
    low, high = (np.array([[value, 0.3, 0.1, 0.2]], np.float32) for value in (-1.0, 1.0))
    np.testing.assert_array_equal(untold.draw([0], 0, low), untold.draw([0], 0, high))
    assert not np.array_equal(model.draw([0], 0, low), model.draw([0], 0, high), equal_nan=True)


def test_guided_states_differ_and_cost_twice(path):
    model = _sensitive(load_model(path))
    plain, same, more = (
        m.generate(1, seed=0, conditions={"day_of_year": 60.0}, quiet=True)
        for m in (model, model.with_guidance(1.0), model.with_guidance(2.0))
    )
    xr.testing.assert_identical(plain, same)
    assert not np.array_equal(plain["sit"], more["sit"], equal_nan=True)
    assert more.attrs["halocline_guidance"] == 2.0
    assert more.attrs["halocline_passes"] == 2 * plain.attrs["halocline_passes"]


def test_states_that_were_told_nothing_carry_no_condition(path, tmp_path):
    out = tmp_path / "states.nc"
    done = CliRunner().invoke(app, ["generate", str(path), "--members", "2", "--condition", "none", "--out", str(out)])
    assert done.exit_code == 0, done.output
    with xr.open_dataset(out) as states:
        assert "day_of_year" not in states.coords
        assert states.attrs["halocline_guidance"] == 0
    with pytest.raises(ConfigError, match="told nothing"):
        load_model(path).with_guidance(0.0).generate(1, seed=0, conditions={"day_of_year": 3.0}, quiet=True)


def test_a_model_that_was_always_told_says_what_to_train(data_space_model_path):
    model = load_model(data_space_model_path)
    assert model.with_guidance(1.0).guidance == 1.0
    with pytest.raises(ConfigError, match=r"denoiser\.drop_conditions=0\.1"):
        model.with_guidance(2.0)


def test_an_ocean_told_nothing_keeps_the_spread_of_its_contents(ocean_store_path, tmp_path):
    model = load_model(_train(ocean_store_path, tmp_path / "ocean", SHORT, OCEAN_RECIPE)).with_guidance(0.0)
    states = model.generate(3, seed=0, quiet=True)
    assert not set(model.conditions.names) & set(states.coords)
    assert float(states["thetao"].mean(("depth", "y", "x")).std("member")) > 0
    assert dataclasses.replace(model, guidance=1.0).generate(1, seed=0, quiet=True)["day_of_year"].size == 1


def test_told_vectors_keep_their_numbers():
    vectors = np.array([[0.5, -1.0], [0.0, 0.0]], np.float32)
    np.testing.assert_array_equal(told(vectors), [[0.5, -1.0, 1.0], [0.0, 0.0, 1.0]])
    assert told(vectors).dtype == np.float32
