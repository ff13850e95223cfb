"""The stochastic decoder: it draws the right residual, its noise is the member's, and the stages before it stay."""

import json

import numpy as np
import pytest
import torch
from torch import nn

from halocline.chain.detail import Detail
from halocline.chain.latent import LatentStates
from halocline.chain.placed import Draw
from halocline.data.sampling.samples import Samples
from halocline.data.store.store import open_store
from halocline.diffusion.paths.linear import LinearPath
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError
from halocline.runtime.model_folder import read_model
from halocline.systems.config import load_config
from halocline.systems.loading import load_model
from tests.conftest import OCEAN_RECIPE, TOY_RECIPE, _train
from tests.systems.test_ocean_latent import LATENT, STAGE

CPU = choose_compute("cpu", "fp32")


def section(**changes):
    return "detail=" + json.dumps({"width": 8, "training": STAGE | {"samples": 160}} | changes)


@pytest.fixture(scope="module", params=["flow", "crps"])
def path(request, store_path, tmp_path_factory):
    changes = {"kind": request.param} | ({"crop": 8, "crops": 2} if request.param == "flow" else {})
    return _train(store_path, tmp_path_factory.mktemp("detail") / request.param, [section(**changes)])


@pytest.fixture(scope="module")
def model(path):
    return load_model(path, CPU)


class Gaussian(nn.Module):
    """E[r | r_t] of r ~ N(slope * m, spread^2), m being the first channel that is given."""

    schedule = LinearPath()

    def __init__(self, slope, spread):
        super().__init__()
        self.slope, self.spread = slope, spread

    def forward(self, x_t, t, given):
        t, mean = t[:, None, None, None], self.slope * given.fields[:, :1]
        gain = (1 - t) * self.spread**2 / ((1 - t) ** 2 * self.spread**2 + t**2)
        return mean + gain * (x_t - (1 - t) * mean)


@pytest.mark.parametrize(
    ("solver", "steps", "within"), [("ddim", 256, 0.01), ("multistep", 32, 0.01), ("heun-t", 24, 0.01)]
)
def test_the_drawn_residual_has_its_mean_and_spread(solver, steps, within):
    ones = torch.ones(1, 8, 8)
    detail = Detail(Gaussian(0.5, 0.6), torch.tensor([[[0.2]]]), ones, ones, solver, steps)
    m = torch.linspace(-2, 2, 400)[:, None, None, None].expand(-1, 1, 8, 8)
    x = detail.draw(m, Draw(range(400), 3), CPU)
    rest = (x - m * (1 + 0.2 * 0.5)) / 0.2
    assert abs(float(rest.mean())) < 4 * 0.6 / np.sqrt(rest.numel())
    assert float(rest.std()) == pytest.approx(0.6, rel=0.01 + 2 / np.sqrt(rest.numel()))


def test_a_member_has_its_detail_whatever_the_batch(model):
    together = model.generate(6, seed=9, batch=6, quiet=True)
    pairs, late = model.generate(6, seed=9, batch=2, quiet=True), model.generate(2, seed=9, first=4, quiet=True)
    bare = model.without_detail().generate(6, seed=9, quiet=True)
    for name in ("sit", "siu"):
        np.testing.assert_allclose(pairs[name], together[name], atol=2e-5)
        np.testing.assert_allclose(late[name], together[name][4:], atol=2e-5)
        assert float(np.abs(bare[name] - together[name]).max()) > 1e-3
    assert together.attrs["halocline_detail_passes"] == model.chain.detail.passes
    assert "halocline_detail_passes" not in bare.attrs


def test_states_go_through_the_latent_and_come_back_with_a_detail_of_their_own(model, store):
    states = model.codec.decode(Samples(store, "test", model.codec).take(np.arange(4)))
    wet = model.grid.mask
    one, same, other = (model.encode_decode(states, seed=seed, first=3)[..., wet] for seed in (1, 1, 2))
    plain = model.without_detail().encode_decode(states)[..., wet]
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-3
    np.testing.assert_array_equal(plain, model.without_detail().encode_decode(states, seed=5)[..., wet])
    np.testing.assert_allclose(model.encode_decode(states[2:], seed=1, first=5, batch=1)[..., wet], one[2:], atol=2e-5)
    latent = LatentStates(model.chain.latent, model.codec, CPU)
    np.testing.assert_array_equal(latent.decode(latent.encode(states))[..., wet], plain)


def test_the_stages_before_it_are_what_they_are_without_it(path, model_path):
    """The autoencoder is frozen: not a bit of it, nor of the denoiser, is another with a third stage after them."""
    with_detail, without = read_model(path)[0], read_model(model_path)[0]
    assert set(with_detail) - set(without) == {k for k in with_detail if k.startswith("detail.")} | {"latent.residual"}
    for name, value in without.items():
        assert torch.equal(with_detail[name], value), name


def test_the_scale_is_the_decoders_error(model, store):
    """Of clipped decoded states; latents that are not perturbed are nearer."""
    samples = Samples(store, "validation", model.codec, every=4)
    x = samples.take(np.arange(len(samples)))
    lower, upper = (b[:, None, None] for b in model.codec.bounds_in_network_space())
    latent = model.chain.latent
    with torch.no_grad():
        m = latent.decode(latent.encode(torch.from_numpy(x), CPU), CPU).numpy()
    rmse = np.sqrt(((np.clip(m, lower, upper) - x) ** 2)[..., model.grid.mask].mean(axis=(0, 2)))
    np.testing.assert_allclose(model.chain.detail.scale.flatten(), rmse, rtol=0.1)


def test_an_ocean_in_a_latent_space_has_it_too(ocean_store_path, tmp_path):
    out = _train(ocean_store_path, tmp_path / "ocean", [*LATENT, section(crop=4)], OCEAN_RECIPE)
    model = load_model(out, CPU)
    assert [c.name for c in model.chain.constraints if c.on_estimate] == ["contents"]
    drawn = model.generate(3, seed=2, quiet=True)
    rows = {row["name"]: row for row in json.loads(drawn.attrs["halocline_constraints_moved"])}
    assert rows["stability"]["residual_end"] == 0
    states = np.stack([open_store(ocean_store_path).read(0, k) for k in range(2)])
    wet = np.isfinite(model.codec.decode(model.codec.encode(states)))
    one, two = (model.encode_decode(states, seed=seed) for seed in (1, 2))
    assert np.isfinite(one[wet]).all()
    assert np.abs((one - two)[wet]).max() > 1e-3


@pytest.mark.parametrize(
    ("recipe", "overrides", "message"),
    [
        (TOY_RECIPE, ["space=data", section()], "stops at detail.level"),
        (TOY_RECIPE, [section(level=1.0)], "only with it"),
        (TOY_RECIPE, [section(crop=7)], "a multiple of 2"),
        (TOY_RECIPE, [section(crop=8, crops=3)], "divide detail.training.batch"),
        (TOY_RECIPE, [section(knd="flow")], "Did you mean 'kind'"),
        (OCEAN_RECIPE, [section()], "stops at detail.level"),
    ],
)
def test_what_does_not_go_together_is_refused(recipe, overrides, message):
    with pytest.raises(ConfigError, match=message):
        load_config(str(recipe), overrides)
