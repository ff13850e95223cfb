"""Solvers against the analytic posterior of a Gaussian: moments and observed order of convergence."""

import numpy as np
import pytest
import torch

from halocline.diffusion.paths.base import SCHEDULES
from halocline.diffusion.paths.cosine import CosineSchedule
from halocline.diffusion.paths.karras import KarrasSchedule
from halocline.diffusion.solvers.base import SOLVERS
from halocline.runtime import keyed
from halocline.runtime.errors import ConfigError

MEAN, STD = 0.7, 0.5


def gaussian_denoiser(schedule):
    """E[x0 | x_t] for x0 ~ N(MEAN, STD^2): the exact answer a network would learn."""

    def denoise(x, t):
        a, s = schedule.alpha(t)[:, None, None, None], schedule.sigma(t)[:, None, None, None]
        gain = a * STD**2 / (a**2 * STD**2 + s**2)
        return MEAN + gain * (x - a * MEAN)

    return denoise


def time_grid(steps):
    return torch.linspace(1.0, 0.0, steps + 1)


def draw(solver, schedule, steps, n=20_000, key="test"):
    start = torch.from_numpy(keyed.normal(0, (n, 1, 1, 1), "test", -1)).double()
    noise = lambda step: torch.from_numpy(keyed.normal(0, (n, 1, 1, 1), key, step)).double()  # noqa: E731
    times = time_grid(steps).double()
    x = start * schedule.sigma(times[0])
    return solver(gaussian_denoiser(schedule), schedule, x, times, noise).squeeze()


@pytest.mark.parametrize("schedule", [CosineSchedule(), KarrasSchedule()])
@pytest.mark.parametrize("name", sorted(set(SOLVERS) - {"heun-t"}))
def test_moments_of_the_gaussian(name, schedule):
    x = draw(SOLVERS[name](), schedule, 200)
    start_bias = float(schedule.alpha(torch.tensor(1.0)))  # the start leaves out alpha * MEAN
    assert float(x.mean()) == pytest.approx(MEAN, abs=0.03 + 0.05 * min(start_bias, 1.0))
    assert float(x.std()) == pytest.approx(STD, rel=0.04)


@pytest.mark.parametrize("name", ["ddim", "heun", "multistep"])
def test_observed_order_of_convergence(name):
    """Error of the second-last state against the closed form, at 80 to 640 steps on a common end time."""
    solver = SOLVERS[name]()
    schedule = CosineSchedule(logsnr_min=-4.0, logsnr_max=4.0)
    errors = []
    for steps in (80, 160, 320, 640):
        times = torch.linspace(1.0, 0.1, steps + 1).double()
        a, s = schedule.alpha(times[0]), schedule.sigma(times[0])
        x = torch.linspace(-2, 2, 9).double()[:, None, None, None] * s
        ae, se = schedule.alpha(times[-1]), schedule.sigma(times[-1])
        spread = torch.sqrt((ae**2 * STD**2 + se**2) / (a**2 * STD**2 + s**2))
        truth = ae * MEAN + spread * (x - a * MEAN)
        # One more time after the end: the solver returns the clean estimate there, from which x at the end follows.
        clean = solver(
            gaussian_denoiser(schedule), schedule, x, torch.cat([times, times[-1:] - 0.01]), torch.zeros_like
        )
        gain = ae * STD**2 / (ae**2 * STD**2 + se**2)
        reached = (clean - MEAN) / gain + ae * MEAN
        errors.append(float((reached - truth).abs().max()))
    observed = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert observed[-1] == pytest.approx(solver.order, abs=0.15)


def test_deterministic_solvers_ignore_fresh_noise():
    a = draw(SOLVERS["ddim"](), CosineSchedule(), 10, n=5)
    b = draw(SOLVERS["ddim"](), CosineSchedule(), 10, n=5, key="other noise")
    torch.testing.assert_close(a, b, rtol=0, atol=0)


def test_ancestral_noise_matters():
    schedule = CosineSchedule()
    start = torch.ones(4, 1, 1, 1)
    solver = SOLVERS["ddpm"]()
    one = solver(gaussian_denoiser(schedule), schedule, start, time_grid(20), lambda step: torch.zeros_like(start))
    two = solver(gaussian_denoiser(schedule), schedule, start, time_grid(20), lambda step: torch.ones_like(start))
    assert not torch.allclose(one, two)


def test_pass_counts():
    passes = {name: SOLVERS[name]().passes(20) for name in SOLVERS}
    assert passes == {"ddim": 20, "ddpm": 20, "heun": 39, "heun-t": 39, "multistep": 20}

    calls = 0
    schedule = CosineSchedule()
    exact = gaussian_denoiser(schedule)

    def counting(x, t):
        nonlocal calls
        calls += 1
        return exact(x, t)

    SOLVERS["heun"]()(counting, schedule, torch.zeros(1, 1, 1, 1), time_grid(20), lambda step: torch.zeros(1, 1, 1, 1))
    assert calls == 39


def test_unknown_names_are_explained():
    with pytest.raises(ConfigError, match="Did you mean 'heun'"):
        SOLVERS["huen"]
    with pytest.raises(ConfigError, match="Did you mean 'cosine'"):
        SCHEDULES["cosin"]
