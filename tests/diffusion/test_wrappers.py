"""Wrappers, the hook after each step, and the loss weights."""

import pytest
import torch

from halocline.diffusion.denoiser import Bound, NetworkDenoiser
from halocline.diffusion.given import Given
from halocline.diffusion.objectives.base import Batch
from halocline.diffusion.objectives.denoising import DenoisingObjective
from halocline.diffusion.paths.cosine import CosineSchedule
from halocline.diffusion.paths.squared_cosine import SquaredCosineSchedule
from halocline.diffusion.solvers.base import SOLVERS
from halocline.diffusion.wrappers import Clamped
from halocline.nn.unet import UNet


def test_clamped_and_bound_wrap_a_denoiser():
    inner = lambda x, t, given: x * given.vector[:, :, None, None]  # noqa: E731
    x = torch.tensor([-1.0, 0.1])[:, None, None, None]
    denoiser = Clamped(Bound(inner, Given(vector=torch.full((2, 1), 3.0))), -1.0, 1.0)
    torch.testing.assert_close(denoiser(x, torch.zeros(2)), torch.tensor([-1.0, 0.3])[:, None, None, None])


@pytest.mark.parametrize("name", sorted(SOLVERS))
def test_every_solver_calls_the_hook_after_each_step_and_takes_its_answer(name):
    schedule, seen = CosineSchedule(), []
    x = torch.randn(2, 1, 4, 4, generator=torch.Generator().manual_seed(0))

    def hook(x_s, step):
        seen.append(step)
        return x_s * 0 + step

    out = SOLVERS[name]()(lambda x_t, t: 0.5 * x_t, schedule, x, schedule.times(5), lambda k: torch.zeros_like(x), hook)
    assert seen == [0, 1, 2, 3, 4]
    assert (out == 4).all()


def network(condition=0):
    torch.manual_seed(0)
    net = UNet(2, 2, width=8, multipliers=[1, 2], blocks=1, condition=condition)
    torch.nn.init.normal_(net.head.weight, std=0.1)
    return net


@pytest.mark.parametrize("schedule", [CosineSchedule(), SquaredCosineSchedule()])
def test_the_eps_weight_is_the_plain_loss_on_the_noise(schedule):
    maps, mask = torch.zeros(0, 8, 4), torch.ones(1, 8, 4)
    denoiser = NetworkDenoiser(network(), schedule, "eps", maps=maps, mask=mask)
    g = torch.Generator().manual_seed(1)
    x0, eps = torch.randn(3, 2, 8, 4, generator=g), torch.randn(3, 2, 8, 4, generator=g)
    t = torch.tensor([0.1, 0.5, 0.8])
    alpha, sigma = schedule.alpha(t)[:, None, None, None], schedule.sigma(t)[:, None, None, None]
    c_noise = torch.log(schedule.sigma(t) / schedule.alpha(t)) / 4
    plain = ((denoiser.network(alpha * x0 + sigma * eps, c_noise) - eps) ** 2).mean()
    loss = DenoisingObjective(weighting="eps").loss(denoiser, Batch(x0, t, eps))
    assert loss.item() == pytest.approx(plain.item(), rel=1e-4)


def test_a_mask_by_channel_keeps_dry_cells_out_of_the_loss():
    mask = torch.ones(2, 8, 4)
    mask[1, :4] = 0
    denoiser = NetworkDenoiser(network(), CosineSchedule(), "v", mask=mask)
    x0, eps, t = torch.randn(3, 2, 8, 4) * mask, torch.randn(3, 2, 8, 4), torch.tensor([0.2, 0.5, 0.9])
    other = torch.where(mask.bool(), x0, torch.tensor(9.0))
    loss = [DenoisingObjective().loss(denoiser, Batch(x, t, eps)).item() for x in (x0, other)]
    assert loss[0] == loss[1]


def test_the_condition_moves_the_networks_answer():
    net = network(condition=3)
    for parameter in net.parameters():
        torch.nn.init.normal_(parameter, std=0.1)  # the last convolution of each block starts at zero
    x, level = torch.randn(2, 2, 8, 4), torch.zeros(2)
    one, two = (net(x, level, torch.full((2, 3), v)) for v in (-1.0, 1.0))
    assert (one - two).abs().max() > 1e-4
