"""The exact test: a Gaussian field with its exact denoiser, against the Kalman posterior, through the chain itself."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy import stats

from halocline.analysis.measured import Measured
from halocline.analysis.methods.base import Settings
from halocline.analysis.operators.observing import ObservationOperator
from halocline.analysis.run import analyse
from halocline.analysis.smooth_space import smooth_space
from halocline.analysis.spread import measure_spread
from halocline.diffusion.guided.moment_matching import MomentMatching
from tests.analysis.gaussian import CELLS, covariance, gaussian_generator, kalman, observed

SEEN = np.arange(0, CELLS, 6)
REST = np.setdiff1d(np.arange(CELLS), SEEN)


def case(sigma, seed=3):
    """A truth and its observations."""
    rng = np.random.default_rng(seed)
    truth = np.linalg.cholesky(covariance() + 1e-9 * np.eye(CELLS)) @ rng.standard_normal(CELLS)
    return truth, truth[SEEN] + sigma * rng.standard_normal(len(SEEN))


def drawn(generator, table, members=800, method="mmps", **settings):
    states, _ = analyse(
        generator, table, members, 1, method=method, settings=Settings(**settings), batch=members, quiet=True
    )
    return states["siu"].values.reshape(members, CELLS)


@pytest.mark.parametrize("sigma", [0.1, 0.5])
@pytest.mark.parametrize("iterations", [1, 2, 3])
def test_the_posterior_is_that_of_the_kalman_filter(sigma, iterations):
    _, y = case(sigma)
    mean, sd = kalman(covariance(), SEEN, y, sigma)
    x = drawn(gaussian_generator(), observed(SEEN, y, sigma), iterations=iterations)
    error, ratio = np.abs(x.mean(axis=0) - mean) / sd, x.std(axis=0) / sd
    for cells in (SEEN, REST):
        assert error[cells].mean() <= 0.15
        assert 0.95 <= ratio[cells].mean() <= 1.05


@pytest.mark.parametrize("level", [0.3, 1.0])
def test_members_redrawn_from_a_forecast_have_it_as_one_more_observation(level):
    truth, y = case(0.3)
    generator, c, s, sigma, members = gaussian_generator(), covariance(), level, 0.3, 800
    forecast = np.roll(truth, 2)
    h = np.eye(CELLS)[SEEN]
    cov = np.linalg.inv(np.linalg.inv(c + 1e-9 * np.eye(CELLS)) + np.eye(CELLS) / s**2 + h.T @ h / sigma**2)
    mean, sd = cov @ (forecast / s**2 + h.T @ y / sigma**2), np.sqrt(np.diag(cov + cov @ cov / s**2))
    prior = generator.generate(1, 5, quiet=True).isel(member=[0] * members)
    prior["siu"] = prior["siu"].copy(data=np.broadcast_to(forecast.reshape(8, 8), prior["siu"].shape))
    settings = Settings(iterations=3, level=level)
    states, _ = analyse(
        generator,
        observed(SEEN, y, sigma),
        members,
        1,
        method="resample",
        settings=settings,
        prior=prior,
        batch=members,
        quiet=True,
    )
    x = states["siu"].values.reshape(members, CELLS)
    error, ratio = np.abs(x.mean(axis=0) - mean) / sd, x.std(axis=0) / sd
    for cells in (SEEN, REST):
        assert error[cells].mean() <= 0.15
        assert 0.9 <= ratio[cells].mean() <= 1.1
    none = observed(SEEN, y, sigma).select(np.zeros(len(SEEN), bool))
    same, _ = analyse(generator, none, 2, 1, method="resample", settings=settings, prior=prior, quiet=True)
    np.testing.assert_allclose(same["siu"].values, prior["siu"].values[:2], atol=1e-6)


def test_other_guidance_is_not_calibrated():
    _, y = case(0.1)
    mean, sd = kalman(covariance(), SEEN, y, 0.1)
    for method in ("dps", "sda", "pgdm"):
        x = drawn(gaussian_generator(), observed(SEEN, y, 0.1), 300, method)
        ratio, error = (x.std(axis=0) / sd)[SEEN].mean(), (np.abs(x.mean(axis=0) - mean) / sd)[SEEN].mean()
        assert not (0.9 <= ratio <= 1.1 and error <= 0.15), method


def test_the_kalman_filters_reach_the_same_posterior_with_many_members():
    _, y = case(0.5)
    mean, sd = kalman(covariance(), SEEN, y, 0.5)
    for method in ("enkf", "etkf"):
        x = drawn(gaussian_generator(16), observed(SEEN, y, 0.5), 300, method, radius_km=1e6)
        assert (np.abs(x.mean(axis=0) - mean) / sd).mean() < 0.2, method
        assert abs((x.std(axis=0) / sd).mean() - 1) < 0.1, method
    x = drawn(gaussian_generator(16), observed(SEEN, y, 0.5), 300, "enoi", radius_km=1e6)
    assert (np.abs(x.mean(axis=0) - mean) / sd).mean() < 0.2
    assert (x.std(axis=0) / sd).mean() > 1.3  # the static ensemble keeps its spread


def test_without_observations_the_posterior_is_the_prior_to_the_bit():
    generator, (_, y) = gaussian_generator(), case(0.1)
    none = observed(SEEN, y, 0.1).select(np.zeros(len(SEEN), bool))
    prior = generator.generate(5, 4, quiet=True)
    for method in ("mmps", "dps", "enoi", "enkf", "etkf", "climatology"):
        states, beside = analyse(generator, none, 5, 4, method=method, quiet=True)
        np.testing.assert_array_equal(states["siu"].values, prior["siu"].values)
        assert beside.sizes["observation"] == 0


def test_perfect_observations_are_met_and_useless_ones_change_nothing():
    generator, (truth, _) = gaussian_generator(), case(0.1)
    x = drawn(generator, observed(SEEN, truth[SEEN], 1e-4), 20)
    np.testing.assert_allclose(x[:, SEEN], np.broadcast_to(truth[SEEN], (20, len(SEEN))), atol=0.04)
    everywhere = np.arange(CELLS)
    x = drawn(generator, observed(everywhere, truth, 1e-3), 5, iterations=5)
    np.testing.assert_allclose(x, np.broadcast_to(truth, x.shape), atol=0.03)
    far = drawn(generator, observed(SEEN, truth[SEEN], 1e4), 5)
    prior = generator.generate(5, 1, quiet=True)["siu"].values.reshape(5, CELLS)
    np.testing.assert_allclose(far, prior, atol=1e-3)


def test_an_inequality_that_holds_changes_nothing_and_one_that_is_violated_pulls(monkeypatch):
    import halocline.analysis.measured as module

    generator = gaussian_generator()
    table = observed(SEEN, np.full(len(SEEN), 1.0), 0.2)
    monkeypatch.setattr(module, "sides", lambda table: np.full(len(table), 1))  # all at least 1
    x = drawn(generator, table, 400)
    prior = generator.generate(400, 1, quiet=True)["siu"].values.reshape(400, CELLS)
    assert np.quantile(x[:, SEEN], 0.05) > 0.4
    assert (x[:, SEEN] > 1.2).mean() > 0.25  # what lies beyond is not pulled back to the bound
    assert (prior[:, SEEN] > 1.2).mean() < 0.15
    monkeypatch.setattr(module, "sides", lambda table: np.full(len(table), -1))
    low = drawn(generator, observed(SEEN, np.full(len(SEEN), 40.0), 0.2), 5)  # at most 40: always true
    np.testing.assert_array_equal(low, prior[:5])


@pytest.mark.parametrize("solver", ["heun", "multistep", "ddim", "ddpm"])
def test_members_are_independent_of_batches_with_every_solver(solver):
    generator, (_, y) = gaussian_generator(16, solver), case(0.1)
    table = observed(SEEN, y, 0.1)
    together = analyse(generator, table, 6, 2, quiet=True)[0]["siu"].values
    pairs = analyse(generator, table, 6, 2, batch=2, quiet=True)[0]["siu"].values
    late = analyse(generator, table, 2, 2, first=4, quiet=True)[0]["siu"].values
    np.testing.assert_allclose(pairs, together, atol=2e-5)
    np.testing.assert_allclose(late, together[4:], atol=2e-5)
    assert np.abs(together[0] - together[1]).max() > 0.01


class _ManyTruths(Measured):
    """The same places, other values for each member: (member, observation)."""

    values = None

    @property
    def _value(self):
        return self.values


@pytest.mark.slow
def test_the_truth_is_any_of_the_members_in_500_cases():
    cases, members, sigma = 500, 15, 0.3
    generator, rng = gaussian_generator(), np.random.default_rng(1)
    root = np.linalg.cholesky(covariance() + 1e-9 * np.eye(CELLS))
    truth = rng.standard_normal((cases, CELLS)) @ root.T
    y = truth[:, SEEN] + sigma * rng.standard_normal((cases, len(SEEN)))
    table, space = observed(SEEN, y[0], sigma), smooth_space(generator.codec)
    operator = ObservationOperator(table, generator.codec.channels, generator.grid)
    measured = _ManyTruths(table, operator, space, measure_spread(generator, space))
    type(measured).values = torch.from_numpy(np.repeat(y, members, axis=0))
    guided = replace(generator, guide=lambda d: MomentMatching(d, generator.chain.schedule, measured, 2))
    x = guided.draw(range(cases * members), 0)[:, 0].reshape(cases, members, CELLS)
    for cell in (0, 3, 20, 33):  # observed, between two, and others
        rank = (x[:, :, cell] < truth[:, None, cell]).sum(axis=1)
        counts = np.bincount(rank, minlength=members + 1)
        assert stats.chisquare(counts).pvalue > 0.01, (cell, counts)
