"""The energy distance: known Gaussians, no bias, and the space it is taken in."""

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.special import gamma
from scipy.stats import norm

from halocline.data.grids.grid_layout import GridLayout
from halocline.evaluate.ocean.families.energy import EnergyScores, pairwise
from halocline.evaluate.ocean.normalised import NormalisedSpace
from tests.ocean_toy import toy_ocean, toy_ocean_grid


def energy_distance(a, b):
    """Return the energy distance of two sets of independent vectors (sample, k), 2 or more each, unbiased for both."""
    distances, n = pairwise(np.concatenate([a, b])), len(a)
    m = len(b)
    within_a, within_b = distances[:n, :n].sum() / (n * (n - 1)), distances[n:, n:].sum() / (m * (m - 1))
    return float(2.0 * distances[:n, n:].mean() - within_a - within_b)


def gaussian_distance(shift, a, b):
    """Energy distance of N(0, a^2) and N(shift, b^2) in one dimension, in closed form."""

    def mean_absolute(mean, sd):
        return sd * np.sqrt(2 / np.pi) * np.exp(-((mean / sd) ** 2) / 2) + mean * (1 - 2 * norm.cdf(-mean / sd))

    return (
        2 * mean_absolute(shift, np.hypot(a, b)) - mean_absolute(0, np.sqrt(2) * a) - mean_absolute(0, np.sqrt(2) * b)
    )


@pytest.mark.parametrize(("shift", "a", "b"), [(0.7, 1.0, 1.0), (0.0, 1.0, 1.8), (0.4, 0.5, 1.2)])
def test_the_distance_of_gaussians_is_the_closed_form(shift, a, b):
    quantiles = norm.ppf((np.arange(1500) + 0.5) / 1500)[:, None]
    found = energy_distance(a * quantiles, shift + b * quantiles)
    assert found == pytest.approx(gaussian_distance(shift, a, b), abs=0.003)


def test_isotropic_gaussians_in_many_dimensions():
    """E|X - X'| of N(0, I) in d dimensions is 2 gamma((d + 1) / 2) / gamma(d / 2)."""
    rng, d = np.random.default_rng(1), 12
    x = rng.standard_normal((500, d))
    distances = pairwise(x)
    expected = 2 * gamma((d + 1) / 2) / gamma(d / 2)
    assert distances.sum() / (500 * 499) == pytest.approx(expected, rel=0.015)
    assert np.all(np.diagonal(distances) == 0)
    assert distances == pytest.approx(cdist(x, x), abs=1e-6)


def test_small_sets_of_one_distribution_are_at_zero_on_average():
    rng = np.random.default_rng(2)
    found = [energy_distance(rng.standard_normal((4, 3)), rng.standard_normal((5, 3))) for _ in range(2000)]
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(2000)


def test_a_generator_that_draws_the_real_states_is_at_zero_whatever_its_size():
    """Draws from the very reference: unbiased in the number of draws, where all pairs would give + E|X - X'| / N."""
    rng = np.random.default_rng(3)
    real = rng.standard_normal((40, 2))
    found, naive = [], []
    for _ in range(1500):
        draws = real[rng.integers(40, size=6)]
        scores = EnergyScores({("energy", "all"): pairwise(np.concatenate([draws, real]))}, 6)
        a, b = (part.mean(axis=0)[None] for part in scores.summaries())
        found.append(scores.scores(a, b)[0, 0])
        naive.append(found[-1] + pairwise(draws).mean() / 5)
    assert abs(np.mean(found)) < 3 * np.std(found) / np.sqrt(1500)
    assert np.mean(naive) > 0.2


def test_weights_of_states_are_what_repeating_them_is():
    rng = np.random.default_rng(4)
    x, y = rng.standard_normal((3, 2)), rng.standard_normal((4, 2))
    scores = EnergyScores({("energy", "all"): pairwise(np.concatenate([x, y]))}, 4)
    rows = np.concatenate(scores.summaries())
    weights = np.array([0.5, 0.25, 0.25, 0, 0, 0, 0])
    drawn = EnergyScores({("energy", "all"): pairwise(np.concatenate([x[[0, 0, 1, 2]], y]))}, 4)
    a, b = (part.mean(axis=0)[None] for part in drawn.summaries())
    weighted = scores.scores(weights[None] @ rows, rows[3:].mean(axis=0)[None])
    assert weighted[0, 0] == pytest.approx(drawn.scores(a, b)[0, 0])


def test_the_space_weighs_by_volume_and_by_spread():
    """One standard deviation everywhere in thetao alone is a distance of sqrt(1/3): a third of the variables."""
    grid = toy_ocean_grid()
    layout = GridLayout.ocean(grid)
    std = np.linspace(0.5, 2.0, len(layout.fields))
    space = NormalisedSpace.of(layout, std)
    a = np.nan_to_num(toy_ocean(grid, members=1))
    b = a.copy()
    b[:, : grid.levels] += np.where(grid.wet, std[: grid.levels, None, None], 0.0)
    parts = {
        key: np.linalg.norm(x - y) for (key, x), y in zip(space.parts(a).items(), space.parts(b).values(), strict=True)
    }
    assert parts["energy", "all"] == pytest.approx(np.sqrt(1 / 3), rel=1e-5)
    assert parts["energy_levels", "all"] == pytest.approx(np.sqrt(1 / 3), rel=1e-5)
    assert parts["energy", "thetao"] == pytest.approx(1.0, rel=1e-5)
    assert parts["energy", "so"] == pytest.approx(0.0, abs=1e-6)
    one_level = a.copy()
    one_level[:, 2] += np.where(grid.wet[2], std[2], 0.0)
    share = grid.volume[2].sum() / grid.volume.sum()
    assert np.linalg.norm(space.states(one_level) - space.states(a)) == pytest.approx(np.sqrt(share / 3), rel=1e-5)


def test_a_level_that_never_varies_counts_for_nothing():
    grid = toy_ocean_grid()
    layout = GridLayout.ocean(grid, zos=False)
    std = np.ones(len(layout.fields))
    std[grid.levels :] = 0.0
    space = NormalisedSpace.of(layout, std)
    a = np.nan_to_num(toy_ocean(grid, members=1))[:, : len(layout.fields)]
    assert np.isfinite(space.states(a)).all()
    salty = a.copy()
    salty[:, grid.levels :] += 1.0
    assert np.linalg.norm(space.states(salty) - space.states(a)) == 0
