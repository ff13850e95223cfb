"""Codecs on tensors: arrays to rounding, and gradients from physical states through the chain to the noise."""

import dataclasses

import numpy as np
import pytest
import torch

from halocline.chain.latent import LatentSpace, LatentStates
from halocline.chain.placed import ConstrainedDenoiser
from halocline.chain.tensor_space import tensor_space
from halocline.constraints.level_means import means_of
from halocline.constraints.named.contents import LevelMeans
from halocline.constraints.named.stability import MinimumChange
from halocline.data.codecs.ocean import OceanCodec
from halocline.data.codecs.standard import Codec
from halocline.data.fields.layout import Layout
from halocline.data.fields.variables import variable
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.grids.topology import Topology
from halocline.diffusion.paths.cosine import CosineSchedule
from halocline.nn.autoencoder import Autoencoder
from halocline.runtime.device import choose_compute
from tests.ocean_toy import toy_ocean, toy_ocean_grid
from tests.toy import CHANNELS, toy_grid, toy_sample

CPU = choose_compute("cpu", "fp32")
GRID = toy_ocean_grid()
LAYOUT = GridLayout.ocean(GRID)
STATES = toy_ocean(GRID, members=3, noise=0.3, dtype=np.float32)
INF = float("inf")


def ocean_codec(every=1, multiple=4, topology=None):
    grid = GRID if topology is None else dataclasses.replace(GRID, topology=topology)
    rng = np.random.default_rng(1)
    mean = np.where(LAYOUT.wet, np.nan_to_num(STATES.mean(axis=0)), 0.0)
    arrays = {"mean": mean, "std": rng.uniform(0.1, 2.0, len(mean))}
    return OceanCodec.from_arrays(grid, Layout.ocean(GRID.levels), arrays, every=every, multiple=multiple)


def ice_codec(bounds="clip"):
    names = tuple(variable(name) for name in CHANNELS)
    mean, std = np.linspace(0.1, 0.5, len(names)), np.linspace(0.3, 1.0, len(names))
    return Codec(names, mean, std, toy_grid().mask, bounds)


def ice_states():
    return np.stack([toy_sample(toy_grid(), 20), toy_sample(toy_grid(), 200)]).astype(np.float32)


def latent_states(codec, mask):
    torch.manual_seed(0)
    channels, _, _ = codec.shape
    maps = torch.from_numpy(mask[None].astype(np.float32))
    autoencoder = Autoencoder(channels, maps, latent=4, width=8, levels=1, patch=1).eval()
    mean, std = torch.full((4, 1, 1), 0.1), torch.full((4, 1, 1), 0.7)
    return LatentStates(LatentSpace(autoencoder, mean, std), codec, CPU)


def ocean_latents():
    codec = ocean_codec()
    return latent_states(codec, codec.padding.pad(GRID.mask))


CODECS = {
    "ocean": (ocean_codec(), STATES),
    "every third level": (ocean_codec(every=3), STATES),
    "periodic": (ocean_codec(multiple=7, topology=Topology(x="periodic")), STATES),
    "ice": (ice_codec(), ice_states()),
    "ice, lifted": (ice_codec("lift"), ice_states()),
    "latent": (ocean_latents(), STATES),
}


@pytest.mark.parametrize("name", list(CODECS))
def test_tensors_agree_with_arrays(name):
    codec, states = CODECS[name]
    space = tensor_space(codec)
    with torch.no_grad():
        values = codec.encode(states)
        encoded = space.encode(torch.from_numpy(states))
        assert encoded.dtype == torch.float32
        np.testing.assert_allclose(encoded.numpy(), values, rtol=1e-6, atol=1e-6)
        moved = values + np.random.default_rng(2).normal(0, 0.5, values.shape).astype(np.float32)
        decoded = space.decode(torch.from_numpy(moved))
    assert decoded.dtype == torch.float32
    np.testing.assert_allclose(decoded.numpy(), codec.decode(moved), rtol=1e-6, atol=1e-6)


def test_bounds_are_exact_and_have_no_gradient():
    codec = ice_codec()
    values = torch.from_numpy(codec.encode(ice_states())).requires_grad_()
    decoded = tensor_space(codec).decode(values)
    sic = CHANNELS.index("sic")
    water = (ice_states()[:, sic] == 0) & codec.mask
    assert water.any()
    assert (decoded.detach().numpy()[:, sic][water] == 0).all()
    torch.nan_to_num(decoded).sum().backward()
    assert (values.grad.numpy()[:, sic][water] == 0).all()
    assert (values.grad != 0).any()
    assert torch.isfinite(values.grad).all()


@pytest.mark.parametrize("name", list(CODECS))
def test_gradients_are_those_of_the_arrays(name):
    """Directional derivatives of decode against finite differences of the codec's arrays."""
    codec, states = CODECS[name]
    values = torch.from_numpy(codec.encode(states)) + 0.05
    values.requires_grad_()
    rng = np.random.default_rng(3)
    weights = rng.normal(size=states.shape)
    direction = rng.normal(size=values.shape)

    def total(at):
        return float((np.nan_to_num(codec.decode(at.astype(np.float32)).astype(np.float64)) * weights).sum())

    decoded = torch.nan_to_num(tensor_space(codec).decode(values).double())
    (gradient,) = torch.autograd.grad((decoded * torch.from_numpy(weights)).sum(), values)
    at, h = values.detach().double().numpy(), 1e-2
    ahead, back = (total(at + sign * h * direction) for sign in (1, -1))
    expected = (gradient.double().numpy() * direction).sum()
    assert expected == pytest.approx((ahead - back) / (2 * h), rel=0.05 if "ice" in name else 5e-3)


def a_denoiser(x_t, t):
    """Nonlinear in x_t, so that a gradient is not trivially the identity."""
    return torch.tanh(0.5 * x_t)


@pytest.mark.parametrize("name", ["ocean", "every third level", "latent"])
def test_guidance_through_constraints_reaches_the_noise(name):
    """The gradient of |H(x0_hat) - y|^2, H the basin's level means and a few cells, and one descent step lowers it."""
    codec, states = CODECS[name]
    target = means_of(STATES, LAYOUT, "level-means") + 0.1
    acting = [(LevelMeans(LAYOUT, target), INF), (MinimumChange(LAYOUT), INF)]
    denoiser, space = ConstrainedDenoiser(a_denoiser, CosineSchedule(), codec, acting), tensor_space(codec)
    x_t = torch.from_numpy(codec.encode(states)).requires_grad_()
    observed = torch.from_numpy(np.flatnonzero(LAYOUT.wet.ravel())[::7])
    y = torch.from_numpy(STATES.reshape(3, -1)).index_select(1, observed)

    def misfit(x):
        seen = space.decode(denoiser(x, torch.full((3,), 0.5))).flatten(1).index_select(1, observed)
        return ((seen - y) ** 2).mean()

    loss = misfit(x_t)
    (gradient,) = torch.autograd.grad(loss, x_t)
    assert torch.isfinite(gradient).all()
    assert gradient.abs().max() > 0
    assert misfit(x_t - 0.1 * gradient / gradient.norm()).item() < loss.item()


def test_level_means_depend_on_the_noise_unless_they_are_imposed():
    codec = CODECS["ocean"][0]
    space, x_t = tensor_space(codec), torch.from_numpy(codec.encode(STATES)).requires_grad_()
    wet = torch.from_numpy(LAYOUT.wet[0])

    def mean_gradient(acting):
        estimate = ConstrainedDenoiser(a_denoiser, CosineSchedule(), codec, acting)(x_t, torch.full((3,), 0.5))
        area = torch.from_numpy(GRID.volume[0]) * wet
        mean = (torch.nan_to_num(space.decode(estimate)[:, 0]).double() * area).sum() / area.sum()
        return torch.autograd.grad(mean, x_t)[0]

    free = mean_gradient([])
    held = mean_gradient([(LevelMeans(LAYOUT, means_of(STATES, LAYOUT, "level-means") + 0.1), INF)])
    assert free[:, 0].abs().sum() > 0
    assert held[:, 0].abs().max() < 1e-5 * free[:, 0].abs().max()


def test_without_gradients_the_arrays_decide(monkeypatch):
    codec = CODECS["ocean"][0]
    acting = [(LevelMeans(LAYOUT, means_of(STATES, LAYOUT, "level-means") + 0.1), INF)]
    denoiser = ConstrainedDenoiser(a_denoiser, CosineSchedule(), codec, acting)
    x_t, t = torch.from_numpy(codec.encode(STATES)), torch.full((3,), 0.5)
    expected = codec.encode(acting[0][0].project(codec.decode(a_denoiser(x_t, t).numpy())))
    np.testing.assert_array_equal(denoiser(x_t, t).numpy(), expected)
    np.testing.assert_allclose(denoiser(x_t.requires_grad_(), t).detach().numpy(), expected, rtol=1e-5, atol=2e-6)


def test_in_a_latent_space_a_projection_that_moves_nothing_moves_no_latent():
    space = CODECS["latent"][0]
    latents = torch.from_numpy(space.encode(STATES))
    means = means_of(space.decode(torch.tanh(0.5 * latents).numpy()), LAYOUT, "level-means")
    denoiser = ConstrainedDenoiser(a_denoiser, CosineSchedule(), space, [(LevelMeans(LAYOUT, means), INF)])
    out = denoiser(latents, torch.full((3,), 0.5))
    np.testing.assert_allclose(out.numpy(), a_denoiser(latents, None).numpy(), atol=1e-6)
    moved = ConstrainedDenoiser(a_denoiser, CosineSchedule(), space, [(LevelMeans(LAYOUT, means + 0.3), INF)])
    assert np.abs(moved(latents, torch.full((3,), 0.5)).numpy() - out.numpy()).max() > 1e-3
