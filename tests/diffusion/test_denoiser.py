"""Parameterisations, schedules and the objective."""

import pytest
import torch
from torch import nn

from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.objectives.base import Batch, stratified_times
from halocline.diffusion.objectives.denoising import DenoisingObjective
from halocline.diffusion.paths.cosine import CosineSchedule
from halocline.diffusion.paths.karras import KarrasSchedule
from halocline.diffusion.paths.linear import LinearPath

MASK = torch.ones(1, 4, 4)
MASK[0, 0, :2] = 0
MAPS = MASK.clone()


class Perfect(nn.Module):
    """Returns what a perfect network would for known x0 and eps."""

    def __init__(self, target):
        super().__init__()
        self.target = target

    def forward(self, x, level, vector=None, mask=None):
        return self.target


@pytest.mark.parametrize("schedule", [CosineSchedule(), KarrasSchedule(), LinearPath()])
@pytest.mark.parametrize("prediction", ["x", "eps", "v", "karras", "clean"])
def test_the_perfect_network_gives_x0(schedule, prediction):
    torch.manual_seed(0)
    x0, eps = torch.randn(3, 2, 4, 4) * MASK, torch.randn(3, 2, 4, 4) * MASK
    t = torch.tensor([0.2, 0.5, 0.8])
    a, s = schedule.alpha(t)[:, None, None, None], schedule.sigma(t)[:, None, None, None]
    norm = (a**2 + s**2).sqrt()
    v = (a * eps - s * x0) / norm
    target = {"x": x0, "eps": eps, "v": v, "karras": -v, "clean": x0}[prediction]
    denoiser = NetworkDenoiser(Perfect(target), schedule, prediction, maps=MAPS, mask=MASK)
    torch.testing.assert_close(denoiser(a * x0 + s * eps, t), x0, rtol=1e-3, atol=1e-3)


def test_cosine_schedule_preserves_variance_and_hits_its_ends():
    schedule = CosineSchedule(logsnr_min=-8.0, logsnr_max=9.0, shift=1.0)
    t = torch.linspace(0, 1, 11).double()
    torch.testing.assert_close(schedule.alpha(t) ** 2 + schedule.sigma(t) ** 2, torch.ones_like(t))
    ends = schedule.logsnr(torch.tensor([0.0, 1.0]).double())
    torch.testing.assert_close(ends, torch.tensor([9.0, -8.0]).double(), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("schedule", [CosineSchedule(), CosineSchedule(shift=-2.0), KarrasSchedule()])
def test_sampling_times_fall_from_noise_to_clean(schedule):
    times = schedule.times(20)
    assert times.shape == (21,)
    assert times[0] == pytest.approx(1.0)
    assert times[-1] == 0
    assert (times.diff() < 0).all()
    assert schedule.times(1).tolist() == [1.0, 0.0]


def test_cosine_times_are_even_in_logsnr():
    schedule = CosineSchedule(shift=-1.0)
    logsnr = schedule.logsnr(schedule.times(19)[:-1].double())
    torch.testing.assert_close(logsnr, torch.linspace(-10, 8, 19).double(), rtol=1e-3, atol=2e-3)


def test_land_does_not_enter_the_loss():
    class Echo(nn.Module):
        def forward(self, x, level, vector=None, mask=None):
            return x[:, :2]

    denoiser = NetworkDenoiser(Echo(), CosineSchedule(), "x", maps=MAPS, mask=MASK)
    x0, eps, t = torch.randn(2, 2, 4, 4), torch.randn(2, 2, 4, 4), torch.tensor([0.3, 0.6])
    changed_x0, changed_eps = x0 + 100 * (1 - MASK), eps - 50 * (1 - MASK)
    objective = DenoisingObjective()
    assert float(objective.loss(denoiser, Batch(x0 * MASK, t, eps))) == pytest.approx(
        float(objective.loss(denoiser, Batch(changed_x0 * MASK, t, changed_eps)))
    )


def test_weight_equals_the_loss_on_v():
    """With no cap, w |x0 - x0_hat|^2 must be the squared error of v."""
    schedule = CosineSchedule()
    torch.manual_seed(1)
    x0, eps, guess = (torch.randn(2, 1, 4, 4) for _ in range(3))
    mask = torch.ones(1, 4, 4)
    t = torch.tensor([0.4, 0.7])
    a, s = schedule.alpha(t)[:, None, None, None], schedule.sigma(t)[:, None, None, None]
    denoiser = NetworkDenoiser(Perfect(guess), schedule, "v", maps=mask, mask=mask)
    expected = ((guess - (a * eps - s * x0)) ** 2).mean()
    loss = DenoisingObjective(snr_limit=1e9).loss(denoiser, Batch(x0, t, eps))
    assert float(loss) == pytest.approx(float(expected), rel=1e-4)


def test_stratified_times_cover_the_unit_interval():
    t = stratified_times(0.77, 16)
    counts = torch.histc(t, bins=16, min=0, max=1)
    assert (counts == 1).all()
