"""A sampler in data space that stops at a noise level, whose rest the stochastic decoder draws."""

import json
import math

import numpy as np
import pytest
import torch
from torch import nn

from halocline.chain.chain import Chain
from halocline.chain.detail import Detail
from halocline.chain.near import Near
from halocline.chain.placed import Draw
from halocline.chain.rough import rough_states
from halocline.data.sampling.samples import Samples
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.paths.base import SCHEDULES
from halocline.diffusion.paths.linear import LinearPath
from halocline.diffusion.times import sampling_times, stopped
from halocline.runtime import keyed
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError, InputError, ModelError
from halocline.runtime.model_folder import read_model
from halocline.systems.config import load_config
from halocline.systems.loading import load_model
from tests.conftest import TOY_RECIPE, _train
from tests.systems.test_ocean_latent import STAGE
from tests.toy import toy_store

CPU = choose_compute("cpu", "fp32")
LEVEL = math.exp(-0.5)  # sigma / alpha at ln SNR 1
TOLD = ['condition=["day_of_year"]', "denoiser.drop_conditions=0.3"]


def section(**changes):
    return "detail=" + json.dumps({"width": 8, "level": 1.0, "training": STAGE | {"samples": 160}} | changes)


@pytest.fixture(scope="module")
def path(store_path, tmp_path_factory):
    out = tmp_path_factory.mktemp("stopped") / "model"
    return _train(store_path, out, ["space=data", *TOLD, section(crop=8, crops=2)])


@pytest.fixture(scope="module")
def bare(store_path, tmp_path_factory):
    return _train(store_path, tmp_path_factory.mktemp("stopped") / "bare", ["space=data", *TOLD])


@pytest.fixture(scope="module")
def model(path):
    return load_model(path, CPU)


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_times_end_at_the_level_and_then_at_the_data(share):
    schedule = SCHEDULES["cosine"]()
    full = sampling_times(schedule, 20, share)
    times = stopped(schedule, full, LEVEL)
    ratio = schedule.sigma(times) / schedule.alpha(times).clamp(min=1e-12)
    assert torch.equal(times[:-2], full[: len(times) - 2])
    assert float(ratio[-2]) == pytest.approx(LEVEL, rel=1e-5)
    assert times[-1] == 0
    assert (times.diff() < 0).all()


class Known(nn.Module):
    """E[x0 | x_t] of x0 ~ N(0, 1), cell by cell."""

    schedule = SCHEDULES["cosine"]()

    def forward(self, x_t, t, given=None):
        alpha, sigma = self.schedule.alpha(t)[:, None, None, None], self.schedule.sigma(t)[:, None, None, None]
        return alpha * x_t / (alpha**2 + sigma**2)


class Rest(nn.Module):
    """E[r | r_t] of r ~ N(0, 1), whatever m is."""

    schedule = LinearPath()

    def forward(self, x_t, t, given):
        t = t[:, None, None, None]
        return (1 - t) * x_t / ((1 - t) ** 2 + t**2)


def test_a_sampler_that_stops_draws_what_one_draws_that_goes_on():
    """m has the variance 1 / (1 + level^2) and what it leaves open the rest of 1, so that x has 1."""
    ones, spread = torch.ones(1, 16, 16), torch.full((1, 1, 1), LEVEL / math.sqrt(1 + LEVEL**2))
    detail = Detail(Rest(), spread, ones, ones, "heun-t", 16, LEVEL)
    chain = Chain(None, Known.schedule, "heun", 40, CPU, detail=detail)
    draw = Draw(range(200), 1)
    m = chain.clean(Known(), lambda step: torch.from_numpy(keyed.normal(0, (200, 1, 16, 16), "start")), draw)
    assert float(m.var()) == pytest.approx(1 / (1 + LEVEL**2), rel=0.02)
    assert float(detail.draw(m, draw, CPU).var()) == pytest.approx(1.0, rel=0.02)


def test_what_it_is_trained_on_are_states_and_their_estimates():
    network = nn.Identity()
    denoiser = NetworkDenoiser(network, Known.schedule, "x", mask=torch.ones(1, 16, 16))
    denoiser.forward = Known().forward  # type: ignore[method-assign]
    rough = rough_states(denoiser, [], LEVEL, CPU, side=0, marked=False)
    x = torch.from_numpy(keyed.normal(1, (200, 1, 16, 16), "x"))
    m = rough.answer(x + rough.noise * torch.from_numpy(keyed.normal(1, x.shape, "noise")), None)
    assert float((x * m).mean() / (m * m).mean()) == pytest.approx(1.0, abs=0.02)
    assert float((x - m).var()) == pytest.approx(LEVEL**2 / (1 + LEVEL**2), rel=0.02)


def test_it_draws_in_fewer_passes_and_as_a_member_has_it(model):
    together = model.generate(4, seed=9, batch=4, quiet=True)
    pairs = model.generate(4, seed=9, batch=2, quiet=True)
    whole = model.without_detail().generate(4, seed=9, quiet=True)
    for name in ("sit", "siu"):
        np.testing.assert_allclose(pairs[name], together[name], atol=2e-5)
        assert float(np.abs(whole[name] - together[name]).max()) > 1e-3
    assert together.attrs["halocline_passes"] < whole.attrs["halocline_passes"] == 7
    assert together.attrs["halocline_detail_passes"] == model.chain.detail.passes


def test_the_denoiser_is_what_it_is_without_it(path, bare):
    with_detail, without = read_model(path)[0], read_model(bare)[0]
    assert set(with_detail) - set(without) == {k for k in with_detail if k.startswith("detail.")} | {"latent.residual"}
    for name, value in without.items():
        assert torch.equal(with_detail[name], value), name


def test_from_states_with_less_noise_nothing_more_is_drawn(model, store):
    """They hold more than the detail begins with: the sampler goes on from them to its end."""
    fields = torch.from_numpy(Samples(store, "test", model.codec).take(np.arange(2)))
    draw, told, noise = Draw(range(2), 3), model.told(None), model._noise(range(2), 3)
    for level, same in ((LEVEL / 2, True), (2 * LEVEL, False)):
        near = Near(fields, level)
        with torch.no_grad():
            mine, bare = (each.chain.draw(told, noise, draw, near) for each in (model, model.without_detail()))
        assert np.array_equal(mine, bare, equal_nan=True) == same


def test_a_trained_model_gets_one_and_keeps_its_stages(store_path, bare, tmp_path):
    words = ["space=data", *TOLD, section(crop=8, crops=2), f"initial={bare}", 'keep=["denoiser"]']
    out = _train(store_path, tmp_path / "more", words)
    weights, _, card = read_model(out)
    for name, value in read_model(bare)[0].items():
        assert torch.equal(weights[name], value), name
    assert card["codec"] == read_model(bare)[2]["codec"]
    assert set(card["metrics"]) == {"denoiser", "detail"}
    assert card["from"]["model"] == str(bare)
    drawn, before = (load_model(each, CPU) for each in (out, bare))
    one = drawn.without_detail().generate(2, seed=1, quiet=True)
    np.testing.assert_array_equal(one["sit"], before.generate(2, seed=1, quiet=True)["sit"])


def test_a_third_stage_of_another_network_begins_anew(store_path, path, tmp_path):
    """Beside stages that are kept; with the same network the training goes on from its weights."""
    words = ["space=data", *TOLD, section(crop=8, crops=2, blocks=2), f"initial={path}"]
    with pytest.raises(ModelError, match="found detail ="):
        _train(store_path, tmp_path / "none", words)
    weights, before = (
        read_model(each)[0] for each in (_train(store_path, tmp_path / "out", [*words, 'keep=["denoiser"]']), path)
    )
    assert len([name for name in weights if name.startswith("detail.")]) > len(
        [name for name in before if name.startswith("detail.")]
    )
    assert all(torch.equal(weights[name], before[name]) for name in before if name.startswith("denoiser."))


def test_a_latent_model_keeps_the_scale_of_its_latents(store_path, model_path, tmp_path):
    """On other data, too: its denoiser knows no other."""
    other = toy_store(tmp_path / "other.zarr", members=1)
    words = [section(level=None), f"initial={model_path}", 'keep=["autoencoder", "denoiser"]']
    weights, before = read_model(_train(other, tmp_path / "more", words))[0], read_model(model_path)[0]
    assert {name for name in weights if name.startswith("detail.")}
    for name, value in before.items():
        assert torch.equal(weights[name], value), name


def test_stages_of_another_grid_cannot_be_kept(bare, tmp_path):
    other = toy_store(tmp_path / "other.zarr", members=1, n=24)
    with pytest.raises(InputError, match="found another grid"):
        _train(other, tmp_path / "out", ["space=data", *TOLD, section(), f"initial={bare}", 'keep=["denoiser"]'])


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (["space=data", 'keep=["denoiser"]', section()], "it needs initial"),
        (["space=data", 'keep=["denoiser"]', "initial=somewhere"], "no stage is left"),
        (['keep=["denoiser"]', "initial=somewhere"], "the first of the stages autoencoder, denoiser"),
    ],
)
def test_what_cannot_be_kept_is_refused(overrides, message):
    with pytest.raises(ConfigError, match=message):
        load_config(str(TOY_RECIPE), overrides)


def test_analyses_go_on_to_the_end(model):
    from halocline.analysis.prepare import prepare
    from halocline.observations.table import Observations

    ready = prepare(model, Observations.empty("noleap"), conditions={"day_of_year": 75.0})
    assert ready.generator.chain.detail is None
    assert ready.generator.chain.passes == 7
