"""Noise levels of training and sampling: on any schedule that has an inverse."""

import numpy as np
import pytest
import torch
from scipy.stats import norm

from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.levels import logsnr_of, time_of
from halocline.diffusion.objectives.base import Batch, stratified_times
from halocline.diffusion.objectives.denoising import DenoisingObjective
from halocline.diffusion.paths.cosine import CosineSchedule
from halocline.diffusion.paths.karras import KarrasSchedule
from halocline.diffusion.paths.linear import LinearPath
from halocline.diffusion.paths.squared_cosine import SquaredCosineSchedule
from halocline.diffusion.solvers.base import SOLVERS
from halocline.diffusion.times import Lognormal, sampling_times
from halocline.runtime.errors import ConfigError

SCHEDULES = [CosineSchedule(), CosineSchedule(shift=-2.0), KarrasSchedule(), LinearPath()]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_inverse_of_a_schedule_is_its_inverse(schedule):
    levels = torch.linspace(-8.5, 12.0, 40, dtype=torch.float64)
    torch.testing.assert_close(logsnr_of(schedule, time_of(schedule, levels)), levels, rtol=0, atol=2e-3)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_levels_beyond_a_schedule_are_its_ends(schedule):
    assert time_of(schedule, torch.tensor([-100.0, 100.0])).tolist() == pytest.approx([1.0, 0.0], abs=1e-9)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(("mean", "std"), [(-1.2, 1.2), (-0.4, 1.0)])
def test_lognormal_times_have_the_quantiles_of_the_normal(schedule, mean, std):
    times = Lognormal(schedule, mean, std)(stratified_times(0.37 / 64, 64))
    ln_sigma = np.sort(-0.5 * logsnr_of(schedule, times).numpy())
    expected = mean + std * norm.ppf((np.arange(64) + 0.37) / 64)
    np.testing.assert_allclose(ln_sigma, np.clip(expected, *_range(schedule)), atol=1e-3)


def _range(schedule):
    return (-0.5 * logsnr_of(schedule, torch.tensor([0.0, 1.0]))).tolist()


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_the_ends_of_the_shares_stay_finite(schedule):
    times = Lognormal(schedule, -1.2, 3.0)(torch.tensor([0.0, 1e-12, 1.0 - 1e-7]))
    weight = DenoisingObjective(weighting="edm").weight(torch.exp(logsnr_of(schedule, times)))
    assert torch.isfinite(weight).all()


def test_a_schedule_of_discrete_steps_has_no_inverse():
    with pytest.raises(ConfigError, match=r"SquaredCosineSchedule.*such as cosine"):
        sampling_times(SquaredCosineSchedule(), 10, 0.3)


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize(("steps", "share"), [(20, 0.3), (10, 0.5), (2, 0.3), (3, 0.01)])
def test_the_stated_share_of_the_steps_is_fine(schedule, steps, share):
    times = sampling_times(schedule, steps, share)
    assert len(times) == steps + 1
    assert (times[0], times[-1]) == (1.0, 0.0)
    assert (times.diff() < 0).all()
    levels = logsnr_of(schedule, times[:-1])
    assert int((levels > 4.0 + 1e-2).sum()) == max(1, round(share * steps))
    assert levels[-1] == pytest.approx(10.0, abs=1e-2)


def test_no_share_gives_the_times_of_the_schedule():
    torch.testing.assert_close(sampling_times(CosineSchedule(), 20), CosineSchedule().times(20), rtol=0, atol=0)


@pytest.mark.parametrize("solver", ["heun", "multistep", "ddim"])
def test_fine_steps_keep_power_that_is_decided_late(solver):
    """x0 ~ N(0, s^2), ln s^2 = -9, with its exact denoiser: the cosine schedule's own steps end before, at ln SNR 8."""
    schedule, power = CosineSchedule(), np.exp(-9.0)

    def exact(x_t, t):
        alpha, sigma = (part(t)[:, None, None, None] for part in (schedule.alpha, schedule.sigma))
        return alpha * power / (alpha**2 * power + sigma**2) * x_t

    def kept(share):
        x0 = SOLVERS[solver]()(exact, schedule, start, sampling_times(schedule, 40, share), torch.zeros_like)
        return float((x0**2).mean()) / power

    start = torch.randn(1, 1, 64, 64, generator=torch.Generator().manual_seed(0))
    assert kept(0.0) < 0.4
    assert 0.6 < kept(0.3) < 1.05


class Blurred(NetworkDenoiser):
    """An estimate that is wrong by a known error in one channel."""

    def forward(self, x_t, t, given=None):
        return torch.cat([torch.full_like(x_t[:, :1], 0.5), torch.zeros_like(x_t[:, 1:])], dim=1)


@pytest.mark.parametrize("schedule", [CosineSchedule(), KarrasSchedule(), LinearPath()])
def test_the_edm_weight_is_that_of_the_paper(schedule):
    sigma = torch.tensor([0.01, 0.3, 5.0], dtype=torch.float64)
    t = time_of(schedule, -2.0 * torch.log(sigma))
    denoiser = Blurred(torch.nn.Identity(), schedule, "karras", mask=torch.ones(1, 4, 4))
    loss = DenoisingObjective(weighting="edm").loss(
        denoiser, Batch(torch.zeros(3, 2, 4, 4), t, torch.zeros(3, 2, 4, 4))
    )
    expected = float(((sigma**2 + 1) / sigma**2).mean()) * 0.5**2 / 2
    assert float(loss) == pytest.approx(expected, rel=1e-3)


def test_channel_weights_weigh_the_mean_over_channels():
    denoiser = Blurred(torch.nn.Identity(), CosineSchedule(), "karras", mask=torch.ones(1, 4, 4))
    weight = torch.tensor([3.0, 1.0])[None, :, None, None].expand(2, 2, 4, 4)
    batch = Batch(torch.zeros(2, 2, 4, 4), torch.tensor([0.4, 0.7]), torch.zeros(2, 2, 4, 4))
    plain = DenoisingObjective().loss(denoiser, batch)
    weighed = DenoisingObjective().loss(denoiser, batch._replace(weight=weight))
    assert float(weighed) == pytest.approx(float(plain) * (3.0 / 4.0) / (1.0 / 2.0), rel=1e-6)
