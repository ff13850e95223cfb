"""Intervals hold what they say; replicates keep seasons and months together."""

import numpy as np
import pytest

from halocline.evaluate.engine.bootstrap import Blocks, draws, even
from halocline.evaluate.engine.interval import centred, interval


def blocks_of(member_years, per_month):
    years = np.repeat(np.arange(member_years), 12 * per_month)
    months = np.tile(np.repeat(np.arange(12), per_month), member_years)
    return years, months, Blocks.of(years, months)


def test_the_interval_of_a_mean_covers_at_its_level():
    hits = 0
    for trial in range(300):
        rng = np.random.default_rng(trial)
        sample = rng.exponential(1.0, 60)
        weights = draws(np.repeat(even(np.ones(60)), 300, axis=0), 60, rng)
        low, high = interval(centred((weights @ sample)[:, None], np.array([sample.mean()])))
        hits += bool(low[0] <= 1.0 <= high[0])
    assert 0.84 <= hits / 300 <= 0.95


def test_centring_takes_away_the_lift_of_a_distance():
    """The interval of |mean| holds its expectation at this sample size, which plain percentiles lie above."""
    size, hits, plain = 40, 0, 0
    rng = np.random.default_rng(0)
    expected = np.sqrt((rng.standard_normal((20_000, 5, size)).mean(axis=2) ** 2).sum(axis=1)).mean()
    for trial in range(200):
        rng = np.random.default_rng(trial + 1)
        sample = rng.standard_normal((size, 5))
        weights = draws(np.repeat(even(np.ones(size)), 300, axis=0), size, rng)
        value = np.linalg.norm(sample.mean(axis=0))
        replicates = np.linalg.norm(weights @ sample, axis=1)[:, None]
        low, high = interval(centred(replicates, np.array([value])))
        hits += bool(low[0] <= expected <= high[0])
        low, high = interval(replicates)
        plain += bool(low[0] <= expected <= high[0])
    assert hits / 200 >= 0.82
    assert hits > plain


def test_month_replicates_keep_seasons_and_blocks():
    years, months, blocks = blocks_of(member_years=3, per_month=4)
    half = years < 2
    weights = blocks.weights(half, 50, np.random.default_rng(0))
    assert weights.sum(axis=1) == pytest.approx(1.0)
    for month in range(12):
        assert weights[:, months == month].sum(axis=1) == pytest.approx(1 / 12)
    for block in np.unique(blocks.block):
        inside = weights[:, blocks.block == block]
        assert np.ptp(inside, axis=1).max() == 0
    assert (weights[:, ~half] > 0).any()


def test_month_replicates_know_the_spread_between_years():
    """Years that differ give a spread; years that are equal give none, however strong the seasonal cycle."""
    years, months, blocks = blocks_of(member_years=2, per_month=3)
    cycle = np.cos(2 * np.pi * months / 12)
    weights = blocks.weights(years == 0, 400, np.random.default_rng(1))
    assert (weights @ cycle).std() < 1e-12
    assert (weights @ (cycle + 0.5 * years)).std() == pytest.approx(0.25 / np.sqrt(12), rel=0.15)


def test_draws_have_the_variance_of_independent_draws():
    values = np.random.default_rng(2).standard_normal(100)
    weights = draws(np.repeat(even(np.ones(100)), 4000, axis=0), 25, np.random.default_rng(3))
    assert (weights @ values).var() == pytest.approx(values.var() / 25, rel=0.08)
