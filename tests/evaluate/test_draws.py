"""Mirrored pairs: what is estimated from independent members alone is unbiased, and the plain formulas are not."""

import numpy as np
import pytest
from scipy.stats import norm

from halocline.evaluate.engine.crps import fair_crps
from halocline.evaluate.engine.draws import Draws
from halocline.evaluate.forecast.families.cells import CellScores
from halocline.evaluate.forecast.families.ranks import RankScores
from halocline.evaluate.forecast.family import Moment
from tests.toy import toy_grid

GRID = toy_grid(64, 1e5)
EVERYWHERE = Moment(0, 0, np.ones(GRID.shape, bool))
PAIRS = Draws((0, 0, 1, 1, 2, 2, 3))
CELLS = 60_000


def mirrored(random, draws, shape):
    """Return standard normal members, those of the same draw opposite to one another."""
    noise = random.standard_normal((draws.count, *shape))
    seen, out = set(), []
    for number in draws.numbers:
        out.append(-noise[number] if number in seen else noise[number])
        seen.add(number)
    return np.stack(out)


def test_independent_members_give_the_plain_formulas():
    states = np.random.default_rng(0).standard_normal((5, 30))
    draws = Draws.independent(5)
    np.testing.assert_allclose(draws.variance(states), states.var(axis=0, ddof=1))
    np.testing.assert_allclose(draws.variance_of_mean(states), states.var(axis=0, ddof=1) / 5)
    every = np.abs(states[:, None] - states[None]).sum(axis=(0, 1)) / 20
    np.testing.assert_allclose(draws.distance(states), every)
    assert (draws.count, draws.compared, draws.firsts) == (5, 20, [0, 1, 2, 3, 4])


def test_pairs_and_a_single_member_are_counted():
    assert (PAIRS.count, PAIRS.compared, PAIRS.firsts) == (4, 7 * 6 - 6, [0, 2, 4, 6])


def test_one_pair_tells_no_spread_and_its_crps_is_the_absolute_error():
    states, truth = np.array([[1.0], [-1.0]]), np.array([0.5])
    pair = Draws((4, 4))
    assert not pair.variance(states).any()
    assert not pair.variance_of_mean(states).any()
    assert fair_crps(states, truth, pair) == pytest.approx(1.0)


def test_estimates_of_mirrored_gaussians_are_unbiased_where_plain_ones_are_not():
    random = np.random.default_rng(1)
    sd, truth = 1.5, 0.7
    states = sd * mirrored(random, PAIRS, (CELLS,))
    plain = Draws.independent(len(states))
    assert PAIRS.variance(states).mean() == pytest.approx(sd**2, rel=0.01)
    assert plain.variance(states).mean() > 1.1 * sd**2
    assert PAIRS.distance(states).mean() == pytest.approx(2 * sd / np.sqrt(np.pi), rel=0.01)
    assert plain.distance(states).mean() > 1.03 * 2 * sd / np.sqrt(np.pi)
    z = truth / sd
    exact = sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))  # Gneiting et al. 2005, eq. 5
    assert fair_crps(states, np.full(CELLS, truth), PAIRS).mean() == pytest.approx(exact, abs=0.01)


def test_the_variance_of_the_mean_is_what_is_seen_when_the_ensemble_is_drawn_anew():
    """Pairs that cancel all but a part: x = z + 0.3 (z^2 - 1), whose even part opposite noise does not move."""
    random = np.random.default_rng(2)
    draws = Draws((0, 0, 1, 1, 2, 2))
    z = mirrored(random, draws, (CELLS,))
    states = z + 0.3 * (z**2 - 1)
    assert draws.variance_of_mean(states).mean() == pytest.approx(states.mean(axis=0).var(), rel=0.03)
    assert draws.variance(states).mean() == pytest.approx(1 + 2 * 0.3**2, rel=0.03)


def test_a_calibrated_mirrored_ensemble_has_spread_skill_one_and_flat_ranks():
    random = np.random.default_rng(3)
    draws = Draws((0, 0, 1, 1, 2, 2))
    states, truth = mirrored(random, draws, (1, *GRID.shape)), random.standard_normal((1, *GRID.shape))
    family = CellScores(GRID, ("sit",), draws)
    found = dict(
        zip(
            [(label.score, label.band) for label in family.labels],
            family.scores(family.summary(states, truth, EVERYWHERE)[None])[0],
            strict=True,
        )
    )
    assert found["spread-skill ratio", "ocean"] == pytest.approx(1.0, abs=0.04)
    assert found["RMSE", "ocean"] == pytest.approx(1.0, abs=0.04)  # the mean of what is drawn is exact
    ranks = RankScores(GRID, ("sit",), draws, seed=0)
    mean = ranks.summary(states, truth, EVERYWHERE)[None]
    assert ranks.histograms(mean).shape == (1, 1, 4)
    np.testing.assert_allclose(ranks.histograms(mean)[0, 0], 0.25, atol=0.03)


def test_members_that_are_all_the_same_have_no_variance():
    same = np.full((6, 200), 0.1) + np.linspace(0.0, 1e-9, 200)
    assert np.isfinite(np.sqrt(Draws((0, 0, 1, 1, 2, 2)).variance(same))).all()
