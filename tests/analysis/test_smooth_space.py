"""Decoding as far as an estimate is known: becomes decode, is its mean, and has gradients beyond atoms."""

import numpy as np
import pytest
import torch

from halocline.analysis.smooth_space import _Undone, smooth_space
from halocline.chain.tensor_space import tensor_space
from halocline.data.codecs.ice_fit import fit_ice
from halocline.data.codecs.sharpening import Sharpening
from halocline.data.codecs.standard import Codec
from halocline.data.fields.variables import variable
from tests.toy import CHANNELS, toy_grid, toy_sample

GRID = toy_grid()


@pytest.fixture(scope="module")
def ice():
    samples = [toy_sample(GRID, day, 0, day) for day in range(0, 365, 12)]
    return fit_ice(CHANNELS, iter(samples), GRID.mask), np.stack(samples[:4])


@pytest.fixture(scope="module")
def standard(ice):
    _, states = ice
    mean, std = (getattr(np.nan_to_num(states), k)(axis=(0, 2, 3)) for k in ("mean", "std"))
    return Codec(tuple(variable(n) for n in CHANNELS), mean, std, GRID.mask), states


@pytest.mark.parametrize("name", ["ice", "standard"])
def test_without_spread_it_is_decode(name, request):
    codec, states = request.getfixturevalue(name)
    x = torch.from_numpy(codec.encode(states))
    space = smooth_space(codec)
    made = space.physical(space.parts(x), torch.full((len(CHANNELS), 1, 1), 1e-6)).numpy()
    wanted = tensor_space(codec).decode(x).numpy()
    wet = GRID.mask
    off = np.abs(made - wanted)[:, :, wet]
    assert (off > 2e-3).mean() < 1e-3  # but for cells on a threshold
    assert np.quantile(off, 0.99) < 2e-3


@pytest.mark.parametrize("name", ["ice", "standard"])
def test_with_spread_it_is_the_mean_of_what_is_possible(name, request):
    codec, states = request.getfixturevalue(name)
    space, rng = smooth_space(codec), np.random.default_rng(0)
    parts = space.parts(torch.from_numpy(codec.encode(states[:1])))
    spread = 0.3 * torch.as_tensor(codec.std, dtype=torch.float32)[:, None, None]
    none = torch.full_like(spread, 1e-6)
    total = 0.0
    for _ in range(400):
        eps = torch.from_numpy(rng.standard_normal(parts.shape).astype(np.float32))
        total = total + space.physical(parts + spread * eps, none)
    wanted, made = (total / 400).numpy(), space.physical(parts, spread).numpy()
    for k, channel in enumerate(CHANNELS):
        scale = np.nan_to_num(states[:, k])[..., GRID.mask].std()
        off = np.abs(made - wanted)[:, k][..., GRID.mask]
        assert off.mean() < 0.05 * scale, channel


def test_an_estimate_beyond_an_atom_is_still_pulled(ice):
    codec, states = ice
    x = torch.from_numpy(codec.encode(states[:1])).requires_grad_()
    space, hard = smooth_space(codec), tensor_space(codec)
    k = CHANNELS.index("sic")
    water = torch.from_numpy((states[:1, k] == 0) & GRID.mask)
    full = torch.from_numpy((states[:1, k] == 1) & GRID.mask)
    assert water.sum() > 10
    assert full.sum() > 10
    (dead,) = torch.autograd.grad(torch.nan_to_num(hard.decode(x))[:, k].sum(), x)
    for spread, alive in ((1.0, True), (1e-4, False)):
        sd = torch.full((len(CHANNELS), 1, 1), spread)
        (slope,) = torch.autograd.grad(space.physical(space.parts(x), sd)[:, k].sum(), x)
        for where in (water, full):
            assert (dead[:, k][where] == 0).all()
            assert bool((slope[:, k][where] > 1e-4).float().mean() > 0.5) is alive


def test_undoing_the_sharpening_has_gradients_of_any_order(monkeypatch):
    monkeypatch.setattr("halocline.analysis.smooth_space._UNDONE", 40)
    sharpening = Sharpening(np.random.default_rng(0).random((8, 9)) > 0.2, 8.0)
    y = torch.randn(1, 1, 8, 9, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda y: _Undone.apply(y, sharpening, False), (y,))
    assert torch.autograd.gradgradcheck(lambda y: _Undone.apply(y, sharpening, False) ** 2, (y,))
