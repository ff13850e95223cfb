"""Means of levels and of the basin: exact, drawn with the data's spread."""

import numpy as np
import pytest

from halocline.constraints.level_means import KINDS, means_of
from halocline.constraints.mean_distribution import MeanDistribution
from halocline.constraints.named.contents import LevelMeans
from halocline.data.grids.grid_layout import GridLayout
from halocline.runtime.errors import ConfigError, InputError
from tests.ocean_toy import toy_ocean, toy_ocean_grid

GRID = toy_ocean_grid()
LAYOUT = GridLayout.ocean(GRID)


@pytest.mark.parametrize("kind", KINDS)
def test_contents_are_imposed_exactly_by_the_smallest_shift(kind):
    states = toy_ocean(GRID, members=3)
    now = means_of(states, LAYOUT, kind)
    assert now.shape[1] == {"level-means": 2 * 7 + 1, "basin": 3}[kind]
    target = now + np.linspace(-0.5, 0.5, now.size).reshape(now.shape)
    constraint = LevelMeans(LAYOUT, target, kind)
    out = constraint.project(states)
    np.testing.assert_allclose(means_of(out, LAYOUT, kind), target, atol=1e-13)
    assert (constraint.residual(states) > 0.01).any()
    assert (constraint.residual(out) < 1e-13).all()
    np.testing.assert_array_equal(constraint.project(out), out)
    shift = (out - states)[:, :-1].reshape(3, 2, -1, *GRID.wet.shape[1:])
    axes = (3, 4) if kind == "level-means" else (2, 3, 4)
    low, high = (f(axis=axes) for f in (np.where(GRID.wet, shift, np.inf).min, np.where(GRID.wet, shift, -np.inf).max))
    assert (high - low).max() < 1e-13  # one shift for all cells of a content; -inf on the dry level


def test_contents_are_volume_weighted_means():
    states = toy_ocean(GRID, members=1)
    t, _, zos = LAYOUT.select(states, "thetao", "so", "zos")
    basin = means_of(states, LAYOUT, "basin")[0]
    assert basin[0] == pytest.approx(np.nansum(t * GRID.volume) / GRID.volume.sum())
    wet = GRID.wet[0]
    assert basin[2] == pytest.approx((zos[0][wet] * GRID.area[wet]).sum() / GRID.area[wet].sum())
    level = means_of(states, LAYOUT, "level-means")[0]
    w = GRID.volume[2]
    assert level[2] == pytest.approx(np.nansum(t[0, 2] * w) / w.sum())


def test_one_target_for_all_and_wrong_targets():
    states = toy_ocean(GRID, members=4, dtype=np.float32)
    constraint = LevelMeans(LAYOUT, np.array([[7.0, 35.0, 0.0]]), "basin")
    assert (constraint.residual(constraint.project(states)) < constraint.tolerance).all()
    with pytest.raises(ConfigError, match=r"\(member, 3\)"):
        LevelMeans(LAYOUT, np.zeros((1, 4)), "basin")
    with pytest.raises(ConfigError, match="Did you mean 'basin'"):
        means_of(states, LAYOUT, "basn")


def sample_contents(n=4000, size=6, seed=3):
    rng = np.random.default_rng(seed)
    season = rng.uniform(-1, 1, (n, 1))
    mixing = np.random.default_rng(0).standard_normal((2, size))
    c = 5 + season * np.arange(size) + rng.standard_normal((n, 2)) @ mixing + 0.05 * rng.standard_normal((n, size))
    return c, season


def test_drawn_contents_have_the_spread_of_the_data():
    c, _ = sample_contents()
    drawn = MeanDistribution.fit(c).draw(1, range(4000))
    np.testing.assert_allclose(drawn.mean(axis=0), c.mean(axis=0), atol=0.15)
    np.testing.assert_allclose(drawn.std(axis=0), c.std(axis=0), rtol=0.05)
    assert np.abs(np.corrcoef(drawn.T) - np.corrcoef(c.T)).max() < 0.06


def test_predicted_contents_follow_the_season():
    c, season = sample_contents()
    fit = MeanDistribution.fit(c, season)
    np.testing.assert_allclose(fit.slope[0], np.arange(6), atol=0.1)
    summer = fit.draw(1, range(3000), np.full((3000, 1), 0.8))
    np.testing.assert_allclose(summer.mean(axis=0), 5 + 0.8 * np.arange(6), atol=0.15)
    variance = (fit.factors**2).sum(axis=0) + fit.rest**2
    residual = c - 5 - season * np.arange(6)
    np.testing.assert_allclose(variance, residual.var(axis=0), rtol=0.02)
    with pytest.raises(InputError, match="predictors"):
        fit.draw(1, range(3))


def ensemble_contents(rng, members, states=12, predictors=7):
    """Means of an ensemble: linear in its parameters, what each member has of its own, and weather."""
    u = rng.uniform(-1, 1, (members, predictors)).repeat(states, axis=0)
    own = rng.standard_normal((members, 4)).repeat(states, axis=0)
    c = u @ np.arange(predictors * 4).reshape(predictors, 4) / 10 + 0.3 * own
    return u, c + 0.1 * rng.standard_normal(c.shape), np.arange(members).repeat(states)


def test_the_spread_given_parameters_is_the_error_for_new_members():
    """Of 200 ensembles of 24; from the states alone it is a third too small."""
    rng, sums = np.random.default_rng(5), {True: np.zeros(2), False: np.zeros(2)}
    for _ in range(200):
        u, c, members = ensemble_contents(rng, 25)
        new, old = members == 24, members < 24
        for told, both in sums.items():
            fit = MeanDistribution.fit(c[old], u[old], members=members[old] if told else None)
            error = c[new] - fit.mean - u[new] @ fit.slope
            both += ((fit.factors**2).sum() + (fit.rest**2).sum(), (error**2).mean(axis=0).sum())
    spread_over_error = {told: (spread / error) ** 0.5 for told, (spread, error) in sums.items()}
    print("spread over error, members left out or not:", spread_over_error)
    assert spread_over_error[True] == pytest.approx(1.0, abs=0.08)
    assert spread_over_error[False] < 0.75


def test_few_members_are_taken_as_they_are():
    u, c, members = ensemble_contents(np.random.default_rng(6), 9)
    plain, told = MeanDistribution.fit(c, u), MeanDistribution.fit(c, u, members=members)
    np.testing.assert_array_equal(plain.factors, told.factors)
    np.testing.assert_array_equal(plain.rest, told.rest)


def test_draws_are_keyed_by_member():
    fit = MeanDistribution.fit(sample_contents(200)[0])
    together = fit.draw(7, [3, 4, 5])
    np.testing.assert_allclose(fit.draw(7, [5])[0], together[2], rtol=1e-14)  # products of other sizes round otherwise
    assert np.abs(fit.draw(8, [5])[0] - together[2]).max() > 1e-3
    with pytest.raises(InputError, match="at least 3"):
        MeanDistribution.fit(np.zeros((2, 4)))


def test_projecting_onto_drawn_contents_restores_the_spread():
    """States whose level means do not vary get the spread of the training states."""
    training = toy_ocean(GRID, members=200, noise=0.1)
    training += 0.5 * np.random.default_rng(0).standard_normal((200, 1, 1, 1))
    fit = MeanDistribution.fit(means_of(training, LAYOUT, "level-means"))
    out = LevelMeans(LAYOUT, fit.draw(0, range(200))).project(toy_ocean(GRID, members=200, noise=0.1, seed=9))
    sd = [means_of(x, LAYOUT, "level-means").std(axis=0) for x in (out, training)]
    np.testing.assert_allclose(sd[0], sd[1], rtol=0.2)
