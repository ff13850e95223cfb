"""The stage of the stochastic decoder: squares, what it learns, and what it leaves alone."""

import numpy as np
import pytest
import torch

from halocline.chain.detail import Detail
from halocline.chain.placed import Draw
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.objectives.crps import EnsembleObjective
from halocline.diffusion.objectives.velocity import VelocityObjective
from halocline.diffusion.paths.linear import LinearPath
from halocline.diffusion.residual import Residual
from halocline.nn.unet import UNet
from halocline.runtime import keyed
from halocline.runtime.device import choose_compute
from halocline.training.detail_batches import DetailBatches
from halocline.training.detail_task import DetailTask
from halocline.training.squares import Squares, cut

CPU = choose_compute("cpu", "fp32")
N = 8


class Held:
    """Fields held in memory."""

    def __init__(self, values):
        self.values = values

    def __len__(self):
        return len(self.values)

    def take(self, numbers):
        return self.values[numbers]

    def conditions(self, numbers):
        return None


class Decoder(torch.nn.Module):
    """m = 2 z, twice as fine."""

    def __init__(self):
        super().__init__()
        self.gain = torch.nn.Parameter(torch.tensor(2.0))

    def forward(self, z):
        return self.gain * z.repeat_interleave(2, -1).repeat_interleave(2, -2)


def toy(kind, squares, perturbation=0.0, batch=16, crops=1):
    """x = m + 0.5 (0.6 m + 0.8 n): the residual's mean is 0.6 m, its spread 0.8."""
    z = keyed.normal(0, (512, 1, N // 2, N // 2), "z")
    decoder = Decoder()
    m = decoder(torch.from_numpy(z)).detach().numpy()
    x = m + 0.5 * (0.6 * m + 0.8 * keyed.normal(0, m.shape, "n"))
    objective = VelocityObjective() if kind == "flow" else EnsembleObjective(scales=(1,), alpha=1.0)
    data = DetailBatches(
        (Held(x), Held(z)),
        (Held(x), Held(z)),
        objective,
        squares,
        batch=batch,
        crops=crops,
        perturbation=perturbation,
        seed=0,
    )
    infinite = torch.tensor([[[torch.inf]]])
    residual = Residual(torch.tensor([[[0.5]]]), -infinite, infinite)
    torch.manual_seed(0)
    network = UNet(3, 1, width=16, multipliers=(1,), blocks=1, attention=False, norm="cell")
    module = NetworkDenoiser(network, LinearPath(), "velocity" if kind == "flow" else "clean")
    ones = torch.ones(1, N, N)
    task = DetailTask(
        module,
        data,
        objective,
        answer=lambda z, vector: decoder(z),
        residual=residual,
        target=residual.of,
        maps=ones,
        mask=ones,
        weight=ones,
        squares=squares,
        device=CPU.device,
    )
    return task, decoder


WHOLE = Squares(np.ones((N, N), np.float32), 0, 2)


@pytest.mark.parametrize("kind", ["flow", "crps"])
def test_what_it_draws_after_training_has_the_residuals_mean_and_spread(kind):
    task, decoder = toy(kind, WHOLE)
    optimizer = torch.optim.Adam(task.module.parameters(), lr=4e-3)
    for step in range(240):
        for group in optimizer.param_groups:
            group["lr"] = 4e-3 * min(1.0, (240 - step) / 120)
        optimizer.zero_grad()
        task.loss(task.batch(step)).backward()
        optimizer.step()
    ones = torch.ones(1, N, N)
    solver, steps = ("heun-t", 12) if kind == "flow" else ("ddim", 1)
    detail = Detail(task.module, torch.tensor([[[0.5]]]), ones, ones, solver, steps)
    with torch.no_grad():
        m = decoder(torch.from_numpy(keyed.normal(1, (200, 1, N // 2, N // 2), "z")))
        r = (detail.draw(m, Draw(range(200), 1), CPU) - m) / 0.5
    slope = float((r * m).mean() / (m * m).mean())
    assert slope == pytest.approx(0.6, abs=0.1)
    assert float((r - slope * m).std()) == pytest.approx(0.8, rel=0.12)


@pytest.mark.parametrize("kind", ["flow", "crps"])
def test_no_gradient_reaches_the_decoder(kind):
    task, decoder = toy(kind, WHOLE)
    task.loss(task.batch(0)).backward()
    assert decoder.gain.grad is None
    assert any(p.grad is not None for p in task.module.parameters())


def test_latents_are_perturbed_by_what_the_setting_says():
    plain, off = (toy("flow", WHOLE, perturbation)[0].batch(5) for perturbation in (0.0, 0.3))
    moved = off.z - plain.z
    assert float(moved.std()) == pytest.approx(0.3, rel=0.1)
    torch.testing.assert_close(off.x, plain.x)
    again = toy("flow", WHOLE, 0.3)[0].batch(5)
    assert all(torch.equal(a, b) for a, b in zip(again, off, strict=True))


def test_squares_lie_on_the_latents_cells_and_hold_ocean():
    mask = np.zeros((12, 12), np.float32)
    mask[:6, :6] = 1
    squares = Squares(mask, 4, 2)
    corners = squares.corners(keyed.generator(0, "corners"), 500)
    assert (corners % 2 == 0).all()
    share = [mask[y : y + 4, x : x + 4].mean() for y, x in corners]
    assert min(share) >= 0.1
    assert {tuple(c) for c in corners.tolist()} == {(y, x) for y in (0, 2, 4) for x in (0, 2, 4)}
    assert Squares(mask, 0, 2).shape == (12, 12)
    assert Squares(mask, 40, 2).shape == (12, 12)
    assert (Squares(np.zeros((8, 8), np.float32), 4, 2).corners(keyed.generator(0, "none"), 3) <= 4).all()


def test_a_square_is_the_whole_fields_and_its_rim_does_not_count():
    squares = Squares(np.ones((N, N), np.float32), 4, 2, 2)
    task, decoder = toy("flow", squares, batch=8, crops=4)
    batch = task.batch(0)
    assert batch.z.shape[0] == 2
    seen = task._residuals(batch)
    m = cut(decoder(batch.z)[batch.field], batch.corner, (4, 4)).detach()
    torch.testing.assert_close(seen.given.fields[:, :1], m)
    torch.testing.assert_close(m + 0.5 * seen.x0, batch.x)
    for (y, x), counts in zip(batch.corner.tolist(), seen.weight[:, 0], strict=True):
        expected = torch.ones(4, 4)
        expected[: 2 * (y > 0)] = 0
        expected[:, : 2 * (x > 0)] = 0
        expected[4 - 2 * (y < 4) :] = 0
        expected[:, 4 - 2 * (x < 4) :] = 0
        torch.testing.assert_close(counts, expected)
