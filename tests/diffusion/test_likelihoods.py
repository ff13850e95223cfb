"""Censored likelihood: normalised, stable, and with the mean of the censored variable."""

import numpy as np
import pytest
import torch
from scipy import stats

from halocline.diffusion.likelihoods import LIKELIHOODS, censored_mean, censored_nll, gaussian_nll


@pytest.mark.parametrize(("mu", "s"), [(0.3, 0.2), (-0.5, 0.4), (1.4, 0.3)])
def test_the_censored_law_has_total_probability_one(mu, s):
    x = torch.linspace(1e-4, 1 - 1e-4, 4001)
    bounds = (torch.tensor(0.0), torch.tensor(1.0))
    location, log_scale = torch.tensor(mu), torch.tensor(np.log(s), dtype=torch.float32)
    density = torch.exp(-censored_nll(x, location, log_scale, *bounds))
    atoms = torch.exp(-censored_nll(torch.tensor([0.0, 1.0]), location, log_scale, *bounds)).sum()
    assert float(torch.trapezoid(density, x) + atoms) == pytest.approx(1.0, abs=1e-3)


def test_values_agree_with_scipy():
    low, high = torch.tensor(0.0), torch.tensor(1.0)
    mu, s = 0.3, 0.2
    got = censored_nll(torch.tensor([0.0, 0.5, 1.0]), torch.tensor(mu), torch.tensor(np.log(s)), low, high)
    expected = [-stats.norm.logcdf(-mu / s), -stats.norm.logpdf(0.5, mu, s), -stats.norm.logcdf((mu - 1) / s)]
    np.testing.assert_allclose(got, expected, rtol=1e-5)


def test_gradients_are_finite_far_in_the_tail():
    mu = torch.tensor([30.0, -30.0, 0.5], requires_grad=True)
    x = torch.tensor([0.0, 1.0, 0.5])
    censored_nll(x, mu, torch.zeros(3), torch.zeros(3), torch.ones(3)).sum().backward()
    assert torch.isfinite(mu.grad).all()
    assert mu.grad[0] > 25  # pulled towards the bound, linearly
    assert mu.grad[1] < -25


def test_a_location_beyond_the_bound_is_hardly_pulled():
    mu = torch.tensor([-5.0], requires_grad=True)
    censored_nll(torch.zeros(1), mu, torch.zeros(1), torch.zeros(1), torch.ones(1)).backward()
    assert abs(float(mu.grad)) < 1e-4


def test_unbounded_variables_are_gaussian():
    x, mu, ls = torch.randn(20), torch.randn(20), torch.zeros(20)
    low, high = torch.tensor(-torch.inf), torch.tensor(torch.inf)
    torch.testing.assert_close(censored_nll(x, mu, ls, low, high), gaussian_nll(x, mu, ls, low, high))
    assert set(LIKELIHOODS) == {"gaussian", "censored"}


@pytest.mark.parametrize(("mu", "s"), [(0.3, 0.2), (-0.5, 0.4), (1.4, 0.3), (0.5, 2.0)])
def test_censored_mean_is_the_mean_of_clipped_draws(mu, s):
    draws = np.clip(np.random.default_rng(0).normal(mu, s, 400_000), 0, 1)
    got = censored_mean(torch.tensor(mu), torch.tensor(s), torch.tensor(0.0), torch.tensor(1.0))
    assert float(got) == pytest.approx(draws.mean(), abs=3e-3)
