"""Noise made on the device: other members of the same distribution, said so in what is written."""

import numpy as np
import pytest
import torch

from halocline.chain.forecast.noise import step_noise
from halocline.chain.forecast.stepper import StepContext
from halocline.data.sampling.part import WHOLE, Part
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError
from halocline.runtime.noise.device import batch_noise, member_noise
from halocline.systems.base_config import trained_part
from halocline.systems.config import load_config
from halocline.systems.loading import load_model
from tests.conftest import TOY_RECIPE

CPU = choose_compute("cpu", "fp32")


def test_drawn_states_say_so_and_belong_to_their_numbers(model_path):
    model = load_model(model_path, CPU)
    host, device = model.generate(4, seed=1, quiet=True), model.with_noise("philox").generate(4, seed=1, quiet=True)
    assert "halocline_noise" not in host.attrs
    assert device.attrs["halocline_noise"] == "philox"
    late = model.with_noise("philox").generate(1, seed=1, first=3, quiet=True)
    np.testing.assert_allclose(late["sit"][0], device["sit"][3], atol=2e-5)
    assert np.nanmax(np.abs(host["siu"] - device["siu"])) > 1e-3
    with pytest.raises(ConfigError, match="noise"):
        model.with_noise("sobol")


def test_a_forecast_s_noise_is_of_its_hour_on_any_device():
    def fields(seed, members, shape, *key):
        return member_noise("philox", seed, members, shape, torch.device("cpu"), *key)

    none = np.zeros((0, 4, 4), np.float32)
    context = StepContext(24, none, none, none, [0, 1, 2, 3], 5, paired=True)
    made = step_noise(context, (2, 4, 4), 12, 24.0, fields)
    assert made.dtype == torch.float32
    torch.testing.assert_close(made[1], -made[0], rtol=0, atol=0)
    alone = step_noise(StepContext(24, none, none, none, [1], 5), (2, 4, 4), 12, 24.0, fields)
    torch.testing.assert_close(alone[0], made[2], rtol=0, atol=0)
    host = step_noise(context, (2, 4, 4), 12, 24.0)
    assert isinstance(host, np.ndarray)
    assert abs(float(made.std()) - float(host.std())) < 0.3


@pytest.mark.parametrize("kind", ["keyed", "philox"])
def test_parts_of_a_batch_s_noise_are_the_batch_s(kind):
    whole = batch_noise(kind, WHOLE.slice(6), 0, (6, 2, 3, 3), "noise", 4).to(torch.device("cpu"))
    halves = [
        batch_noise(kind, Part(k, 2).slice(6), 0, (6, 2, 3, 3), "noise", 4).to(torch.device("cpu")) for k in (0, 1)
    ]
    torch.testing.assert_close(torch.cat(halves), whole, rtol=0, atol=0)


def test_a_recipe_of_before_is_the_same_recipe():
    plain, other = (load_config(str(TOY_RECIPE), words) for words in ([], ["denoiser.training.noise=philox"]))
    assert "noise" not in trained_part(plain)["denoiser"]["training"]
    assert trained_part(other)["denoiser"]["training"]["noise"] == "philox"


def test_training_takes_it_on_the_device(store_path, tmp_path):
    """Validation is on the same noise, and hardly differs: it is the same training but for its luck."""
    from halocline.runtime.log import JsonLines
    from tests.conftest import _train

    few = ["autoencoder.training.samples=32", "denoiser.training.samples=32", "denoiser.training.batch=8"]
    noise = ["autoencoder.training.noise=philox", "denoiser.training.noise=philox"]
    losses = []
    for name, words in (("host", few), ("device", few + noise)):
        model = _train(store_path, tmp_path / name, words)
        losses.append(JsonLines(model / "log.jsonl").records()[-1]["validation_loss"])
    assert losses[0] != losses[1]
    assert losses[1] == pytest.approx(losses[0], rel=0.3)
