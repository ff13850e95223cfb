"""Squares of fields: where they come from, that they are given their own place, and that parts add up."""

import numpy as np
import pytest
import torch

import halocline as hl
from halocline.data.sampling.part import Part
from halocline.diffusion.objectives.denoising import DenoisingObjective
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError
from halocline.systems.config import load_config
from halocline.systems.training import train
from halocline.training.square_batches import SquareBatches
from halocline.training.squares import Squares
from tests.conftest import TOY_RECIPE

NY, NX, SIDE = 16, 24, 8
CPU = choose_compute("cpu", "fp32")
NEAR = ["space=data", "denoiser.attention=false", 'denoiser.options={"norm": "cell"}', "denoiser.crop=8"]


class Held:
    """Fields whose values tell which field and cell they are."""

    def __init__(self, count):
        cell = np.arange(NY * NX, dtype=np.float32).reshape(NY, NX)
        self.values = np.stack([np.stack([cell, np.full_like(cell, n)]) for n in range(count)])

    def __len__(self):
        return len(self.values)

    def take(self, numbers):
        return self.values[numbers]

    def conditions(self, numbers):
        return np.asarray(numbers, np.float32)[:, None]


def batches(crops=2, drop=0.0):
    cell = torch.arange(NY * NX, dtype=torch.float32).reshape(1, NY, NX)
    mask = torch.ones(1, NY, NX)
    mask[:, :, :4] = 0
    return SquareBatches(
        Held(10),
        Held(3),
        DenoisingObjective(),
        Squares(mask[0].numpy(), SIDE, 4),
        (torch.cat([mask, cell]), mask),
        batch=8,
        crops=crops,
        seed=1,
        drop=drop,
    )


def test_a_square_is_given_the_maps_and_the_mask_of_its_own_place():
    batch = batches().batch(3)
    assert batch.x0.shape == (8, 2, SIDE, SIDE)
    assert batch.eps.shape == batch.x0.shape
    torch.testing.assert_close(batch.given.fields[:, 1], batch.x0[:, 0])
    torch.testing.assert_close(batch.given.fields[:, :1], batch.given.mask)
    torch.testing.assert_close(batch.weight, batch.given.mask)
    corner = batch.x0[:, 0, 0, 0].long()
    assert ((corner // NX) % 4 == 0).all()
    assert ((corner % NX) % 4 == 0).all()
    assert len(set(corner.tolist())) > 2


def test_squares_of_one_field_are_told_what_the_field_is_told():
    batch = batches().batch(0)
    numbers = batch.x0[:, 1, 0, 0]
    torch.testing.assert_close(batch.given.vector[:, 0], numbers)
    assert (numbers.reshape(4, 2)[:, 0] == numbers.reshape(4, 2)[:, 1]).all()
    assert len(set(numbers.tolist())) == 4


def test_parts_are_the_batch():
    data = batches(drop=0.5)
    whole, parts = data.batch(5), [data.batch(5, Part(k, 4)) for k in range(4)]
    for name in ("x0", "t", "eps", "weight"):
        torch.testing.assert_close(torch.cat([getattr(p, name) for p in parts]), getattr(whole, name))
    torch.testing.assert_close(torch.cat([p.given.vector for p in parts]), whole.given.vector)
    assert len({float(data.batch(step).given.vector[:, -1].mean()) for step in range(4)}) > 1


def test_validation_is_fixed_and_sees_one_square_of_each_field():
    first, second = (next(iter(batches().validation())) for _ in range(2))
    torch.testing.assert_close(first.x0, second.x0)
    assert first.x0[:, 1, 0, 0].tolist() == [0, 1, 2]


def test_a_model_that_was_trained_on_squares_draws_whole_fields(store, tmp_path):
    config = load_config(str(TOY_RECIPE), [*NEAR, "denoiser.crops=2"])
    train(config, store, tmp_path / "model", compute=CPU, quiet=True)
    model = hl.load(tmp_path / "model", device="cpu", precision="fp32")
    states = model.generate(2, seed=0, quiet=True)
    assert (states.sizes["y"], states.sizes["x"]) == store.grid.shape
    assert np.isfinite(states["sit"].values[:, store.grid.mask]).all()


def test_a_network_on_squares_answers_as_on_the_whole_where_its_convolutions_end_inside():
    from halocline.nn.unet import UNet

    torch.manual_seed(0)
    network = UNet(1, 1, width=8, multipliers=(1,), blocks=1, attention=False, norm="cell").eval()
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.2)
    x, level = torch.randn(1, 1, 48, 48), torch.zeros(1)
    whole, square = network(x, level), network(x[..., 8:40, 8:40], level)
    torch.testing.assert_close(whole[..., 20:28, 20:28], square[..., 12:20, 12:20], rtol=1e-4, atol=1e-5)
    assert not torch.allclose(whole[..., 8, 8:40], square[..., 0, :], atol=1e-3)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (["denoiser.crop=8"], "no farther than its convolutions"),
        (["denoiser.attention=false", "denoiser.crop=8"], "no farther than its convolutions"),
        ([*NEAR, "denoiser.crop=7"], "a multiple of"),
        ([*NEAR, "denoiser.crops=7"], "must divide"),
        (["denoiser.crops=2"], "needs denoiser.crop"),
        ([*NEAR[1:], "space=latent"], "needs space = 'data'"),
    ],
)
def test_what_does_not_fit_is_refused(wrong, words):
    with pytest.raises(ConfigError, match=words):
        load_config(str(TOY_RECIPE), ["space=data", *wrong])


def test_how_squares_are_cut_is_no_other_model():
    one, other = (load_config(str(TOY_RECIPE), [*NEAR, f"denoiser.crop={n}"]) for n in (8, 16))
    assert one.reading() == other.reading()


def test_squares_with_weights_are_cut_as_often_as_they_weigh():
    """Four squares of a plane, whose weights are 0, 1, 2 and 5."""
    mask, weight = np.ones((8, 8), np.float32), np.zeros((8, 8))
    for k, value in enumerate((0.0, 1.0, 2.0, 5.0)):
        weight[4 * (k // 2) : 4 * (k // 2) + 4, 4 * (k % 2) : 4 * (k % 2) + 4] = value
    squares = Squares(mask, 4, 4, weight=weight)
    corners = squares.corners(np.random.default_rng(0), 8000)
    found = [int((corners == (4 * (k // 2), 4 * (k % 2))).all(axis=1).sum()) for k in range(4)]
    assert found[0] == 0
    np.testing.assert_allclose(found[1:], [1000, 2000, 5000], rtol=0.1)
    even = Squares(mask, 4, 4).corners(np.random.default_rng(0), 8000)
    assert np.unique(even, axis=0, return_counts=True)[1].min() > 1800
