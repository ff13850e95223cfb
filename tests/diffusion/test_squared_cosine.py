"""The discrete squared-cosine schedule: its table, and DDPM on it against the textbook's coefficients."""

import math

import pytest
import torch

from halocline.diffusion.paths.squared_cosine import SquaredCosineSchedule
from halocline.diffusion.solvers.ddpm import DDPM

SCHEDULE = SquaredCosineSchedule()


def f(u):
    return math.cos((u + 0.008) / 1.008 * math.pi / 2) ** 2


def test_times_reach_every_step_once():
    t = SCHEDULE.times(1000)
    alpha_bar = SCHEDULE.alpha(t[:-1]).double() ** 2
    for step in (999, 998, 500, 1, 0):
        expected = f((step + 1) / 1000) / f(0.0) if step < 999 else f(0.999) / f(0.0) * 0.001
        assert float(alpha_bar[999 - step]) == pytest.approx(expected, rel=1e-6)
    assert len(torch.unique(SCHEDULE.alpha(t[:-1]))) == 1000
    torch.testing.assert_close(SCHEDULE.alpha(t[:-1]) ** 2 + SCHEDULE.sigma(t[:-1]) ** 2, torch.ones(1000))


def test_betas_are_capped_and_steps_have_equal_shares_of_t():
    alpha_bar = SCHEDULE._alpha_bar
    assert float(1 - alpha_bar[-1] / alpha_bar[-2]) == pytest.approx(0.999)
    t = (torch.arange(10_000) + 0.5) / 10_000
    assert torch.unique(SCHEDULE.alpha(t), return_counts=True)[1].tolist() == [10] * 1000


def test_a_ddpm_step_has_the_textbooks_mean_and_small_variance():
    """mu = sqrt(ab') beta x0 / (1 - ab) + sqrt(a) (1 - ab') x_t / (1 - ab); variance (1 - ab') / (1 - ab) beta."""
    alpha_bar = SCHEDULE._alpha_bar
    x, x0 = torch.full((1, 1, 1, 1), 0.7), torch.full((1, 1, 1, 1), -0.2)
    for step in (998, 600, 30, 1):
        times = torch.tensor([(step + 1) / 1000, step / 1000, 0.0])
        seen: list[torch.Tensor] = []
        keep = lambda x_s, k, seen=seen: seen.append(x_s) or x_s  # noqa: E731
        DDPM()(lambda x_t, t: x0, SCHEDULE, x, times, lambda k: torch.ones_like(x), keep)
        before, now = float(alpha_bar[step - 1]), float(alpha_bar[step])
        beta = 1 - now / before
        mean = math.sqrt(before) * beta / (1 - now) * -0.2 + math.sqrt(1 - beta) * (1 - before) / (1 - now) * 0.7
        deviation = math.sqrt((1 - before) / (1 - now) * beta)
        assert float(seen[0]) == pytest.approx(mean + deviation, rel=2e-5)
