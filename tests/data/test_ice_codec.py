"""The codec of ice: exact inverse with its atoms, ice and water apart by a gap, open water of the pack spread out."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from halocline.chain.tensor_space import tensor_space
from halocline.data.codecs.ice import IceCodec
from halocline.data.codecs.ice_fit import EDGE, TwoIceMasks, fit_ice
from halocline.data.codecs.padding import Padding
from halocline.data.codecs.sharpening import Sharpening
from halocline.data.codecs.transforms import LogOdds, LogRemainder
from halocline.runtime.errors import InputError

NAMES = ("sit", "sic", "sid", "siu")
MASK = np.ones((12, 14), bool)
MASK[:3, :2] = False


def states(seed: int, number: int = 8) -> np.ndarray:
    """Return states with a pack of one, a marginal zone, open water, damage 0 and close to 1."""
    rng = np.random.default_rng(seed)
    sic = np.clip(rng.normal(0.7, 0.5, (number, *MASK.shape)), 0.0, 1.0)
    pack = 1 - 10 ** rng.uniform(-4, -1, sic.shape)
    sic = np.where(sic < 0.01, 0.0, np.where(rng.random(sic.shape) < 0.3, pack, sic))
    sid = np.where(rng.random(sic.shape) < 0.1, 0.0, 1 - 10 ** rng.uniform(-3, -0.01, sic.shape))
    fields = [sic * rng.uniform(0.1, 3.0, sic.shape), sic, sid, rng.normal(0, 0.1, sic.shape)]
    return np.where(MASK & (sic > 0)[:, None], np.stack(fields, 1), 0.0).astype(np.float32)


@pytest.fixture(scope="module")
def codec():
    return fit_ice(NAMES, states(0, 64), MASK, Padding.to_multiple(MASK.shape, 8))


@settings(max_examples=20)
@given(st.integers(1, 10_000))
def test_decode_is_the_inverse_of_encode_and_atoms_come_back_exactly(codec, seed):
    x = states(seed)
    # What the training data never held, such as still less open water, is not told apart from their extremes.
    for k, each in enumerate(codec.inside[1:3], start=1):
        x[:, k] = np.where((x[:, k] > 0) & (x[:, k] < 1), np.clip(x[:, k], each.least, each.most), x[:, k])
    x[:, 0] = np.maximum(x[:, 0], np.float32(codec.inside[0].least * 1.0001) * x[:, 1])
    y = codec.decode(codec.encode(x))
    assert np.isnan(y[..., ~MASK]).all()
    np.testing.assert_allclose(y[..., MASK], x[..., MASK], rtol=1e-5, atol=2e-6)
    for k in (0, 1, 2):
        np.testing.assert_array_equal(y[:, k][:, MASK] == 0, x[:, k][:, MASK] == 0)
    np.testing.assert_array_equal(y[:, 1][:, MASK] == 1, x[:, 1][:, MASK] == 1)


@pytest.mark.parametrize("edge", [0.5, EDGE])
def test_noise_inside_the_gap_moves_no_ice_edge(codec, edge):
    codec = replace(codec, tails=replace(codec.tails, edge=edge))
    x, gap = states(3), codec.tails.gap / codec.std[1]
    z = codec.encode(x)
    for noise in (0.98 * edge * -gap, 0.98 * (1 - edge) * gap):
        drawn = codec.decode(z + np.float32(noise))
        np.testing.assert_array_equal(drawn[:, 1][:, MASK] > 0, x[:, 1][:, MASK] > 0)


def test_below_a_concentration_of_zero_there_is_no_ice(codec):
    z = codec.encode(states(3)[:1])
    for u, ice in ((1e-3, True), (-0.01, False), (-0.14, False), (-0.16, False)):
        z[:, 1] = (codec.transforms[1].forward(np.zeros(())) + u - codec.mean[1]) / codec.std[1]
        assert ((codec.decode(z)[:, 1][:, MASK] > 0) == ice).all()
        middle = replace(codec, tails=replace(codec.tails, edge=0.5))
        assert ((middle.decode(z)[:, 1][:, MASK] > 0) == (u > -0.15)).all()


def test_the_card_of_an_older_model_keeps_the_middle_of_the_gap(codec):
    card = codec.to_card()
    assert card["tails"]["edge"] == EDGE
    del card["tails"]["edge"]
    assert IceCodec.from_card(card, MASK).tails.edge == 0.5


def test_one_ice_mask_for_whatever_the_network_says(codec):
    drawn = codec.decode(np.random.default_rng(1).normal(0, 3, (4, *codec.shape)).astype(np.float32))[..., MASK]
    ice = drawn[:, 1] > 0
    assert 0.1 < ice.mean() < 0.9
    assert ((drawn[:, 0] > 0) == ice).all()
    assert (drawn[:, 2:].transpose(0, 2, 1)[~ice] == 0).all()
    assert drawn[:, 1].max() <= 1
    assert (drawn[:, 2] <= 1).all()
    assert (drawn[:, 0] >= codec.inside[0].least * drawn[:, 1] * (1 - 1e-6)).all()


def test_a_decade_of_open_water_or_damage_has_the_same_length_everywhere():
    u = LogOdds(low=0.01, high=1e-6).forward(1 - 10.0 ** -np.arange(2.0, 5.0))
    np.testing.assert_allclose(np.diff(u), 1.0, atol=0.06)
    np.testing.assert_allclose(np.diff(LogRemainder(1e-7).forward(1 - 10.0 ** -np.arange(1.0, 4.0))), 1.0, atol=1e-3)


@pytest.mark.parametrize("space", [LogOdds(), LogRemainder()])
def test_transforms_increase_and_their_inverse_is_finite_far_out(space):
    x = np.linspace(0, 1, 101)
    assert (np.diff(space.forward(x)) > 0).all()
    np.testing.assert_allclose(space.inverse(space.forward(x)), x, atol=1e-12)
    assert np.isfinite(space.inverse(np.array([-1e4, 1e4]))).all()


def test_damage_and_drift_go_on_into_open_water_and_fade(codec):
    x = np.zeros((4, *MASK.shape), np.float32)
    x[:, :, :5] = np.array([1.0, 0.95, 0.9, 0.2])[:, None, None]
    x = np.where(MASK, x, 0)
    z = codec.padding.unpad(codec.encode(x))
    u = z * codec.std[:, None, None] + codec.mean[:, None, None]
    own = LogRemainder().forward(np.array(0.9))
    assert u[2, 6, 5] == pytest.approx(own, abs=1e-4)  # next to the ice: the ice's damage
    assert u[2, 6, 5 + 4] == pytest.approx(own * np.exp(-1), rel=1e-3)
    assert (np.diff(u[1, 6, 5:]) <= 1e-6).all()  # the concentration's tail deepens


def test_sharpening_is_undone_keeps_constants_and_lifts_the_shortest_waves():
    mask = np.random.default_rng(0).random((40, 40)) > 0.1
    sharpening = Sharpening(mask, 8.0)
    x = np.random.default_rng(1).normal(size=(2, 40, 40)) * mask
    np.testing.assert_allclose(sharpening.undo(sharpening.apply(x)), x, atol=1e-9)
    np.testing.assert_allclose(sharpening.apply(mask.astype(float)), mask, atol=1e-12)
    everywhere = Sharpening(np.ones((40, 40), bool), 8.0)
    waves = (-1.0) ** np.add.outer(np.arange(40), np.arange(40))
    np.testing.assert_allclose(everywhere.apply(waves)[5:-5, 5:-5], 9 * waves[5:-5, 5:-5])


def test_the_tensor_space_agrees_and_gradients_are_finite(codec):
    z = np.random.default_rng(2).normal(0, 2, (3, *codec.shape)).astype(np.float32)
    tensors = tensor_space(codec)
    x = torch.from_numpy(z).requires_grad_()
    y = tensors.decode(x)
    np.testing.assert_allclose(y.detach().numpy(), codec.decode(z), rtol=1e-6, equal_nan=True)
    torch.nan_to_num(y).sum().backward()
    assert torch.isfinite(x.grad).all()
    assert (x.grad[:, :, codec.network_mask[0] > 0] != 0).any()


def test_the_card_keeps_every_bit(codec):
    again = IceCodec.from_card(json.loads(json.dumps(codec.to_card())), MASK, codec.padding)
    z = codec.encode(states(5))
    np.testing.assert_array_equal(again.encode(states(5)), z)
    np.testing.assert_array_equal(again.decode(z), codec.decode(z))


def test_what_it_needs_is_told():
    with pytest.raises(InputError, match="'sit' among them"):
        fit_ice(("sic", "sid"), states(0)[:, 1:3], MASK)
    with pytest.raises(InputError, match="no ice at all"):
        fit_ice(NAMES, np.zeros((2, 4, *MASK.shape), np.float32), MASK)


def test_two_ice_masks_are_warned_of():
    x = states(0)
    x[:, 1, 5, 5] = 0.0
    x[:, 0, 5, 5] = 1.0
    with pytest.warns(TwoIceMasks, match="thickness without concentration is lost"):
        fit_ice(NAMES, x, MASK)
