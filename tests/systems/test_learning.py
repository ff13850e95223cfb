"""What a denoiser learns from: keys that leave older trainings as they were, and weights of variables."""

import numpy as np
import pytest
import torch

import halocline as hl
from halocline.data.codecs.standard import Codec
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError
from halocline.systems.base_config import trained_part
from halocline.systems.config import load_config
from halocline.systems.learning import channel_weights, loss_weight, make_times
from halocline.systems.training import train
from tests.conftest import OCEAN_RECIPE, TOY_RECIPE

CPU = choose_compute("cpu", "fp32")
STEEP = [
    "space=data",
    "denoiser.times=lognormal",
    "denoiser.p_std=1.3",
    "denoiser.weighting=edm",
    "denoiser.prediction=karras",
    "sampler.fine_share=0.3",
]


def _codec(store):
    names = ("sit", "sic", "sid", "siu", "siv")
    return Codec.from_statistics(names, store.statistics, store.grid.mask, "clip")


def test_a_training_of_an_older_version_is_the_same_recipe():
    part = trained_part(load_config(str(TOY_RECIPE)))["denoiser"]
    assert not {"times", "p_mean", "p_std", "channel_weights"} & set(part)
    assert trained_part(load_config(str(TOY_RECIPE), STEEP))["denoiser"]["times"] == "lognormal"


def test_a_variable_weighs_as_the_recipe_says(store):
    config = load_config(str(TOY_RECIPE), ["space=data", 'denoiser.channel_weights={"sic": 3.0}'])
    codec = _codec(store)
    weight = loss_weight(config, codec, channel_weights(config, codec))
    np.testing.assert_array_equal(weight[1], 3.0 * codec.loss_mask[0])
    np.testing.assert_array_equal(weight[[0, 2, 3, 4]], np.repeat(codec.loss_mask, 4, axis=0))
    assert loss_weight(load_config(str(TOY_RECIPE), ["space=data"]), codec, {}) is None


def test_all_levels_of_a_variable_weigh_the_same(ocean_store):
    config = load_config(str(OCEAN_RECIPE), ['denoiser.channel_weights={"so": 2.0}'])
    from halocline.systems.published.ocean_generator import OceanGenerator

    codec = OceanGenerator().fit(config, ocean_store, quiet=True).codec
    weight = loss_weight(config, codec, channel_weights(config, codec))
    for channel, values in zip(codec.network_variables, weight, strict=True):
        assert set(np.unique(values)) <= {0.0, 2.0 if channel == "so" else 1.0}


def test_weights_of_unknown_variables_are_explained(store):
    config = load_config(str(TOY_RECIPE), ["space=data", 'denoiser.channel_weights={"sik": 3.0}'])
    with pytest.raises(ConfigError, match="Did you mean 'si"):
        channel_weights(config, _codec(store))
    with pytest.raises(ConfigError, match="space = 'data'"):
        load_config(str(TOY_RECIPE), ['denoiser.channel_weights={"sic": 3.0}'])


def test_lognormal_times_need_a_schedule_with_an_inverse():
    config = load_config(str(TOY_RECIPE), [*STEEP, "denoiser.schedule=squared-cosine"])
    with pytest.raises(ConfigError, match=r"no inverse.*denoiser\.times"):
        make_times(config.denoiser)


def test_a_recipe_for_steep_spectra_trains_and_draws(store, tmp_path):
    weights = 'denoiser.channel_weights={"sic": 2.0}'
    config = load_config(str(TOY_RECIPE), [*STEEP, weights, "denoiser.training.samples=64"])
    model = hl.load(train(config, store, tmp_path / "steep", CPU, quiet=True))
    states = model.generate(2, seed=0, quiet=True)
    assert states.attrs["halocline_fine_share"] == 0.3
    assert np.isfinite(states["sit"].values[:, store.grid.mask]).all()
    other = model.with_sampler(fine_share=0.0).generate(2, seed=0, quiet=True)
    assert not np.array_equal(states["sit"], other["sit"], equal_nan=True)
    assert torch.isfinite(model.denoiser.network.head.weight).all()
