"""Forecast scores on ensembles whose scores are known."""

import numpy as np
import pytest
import xarray as xr
from scipy.stats import norm

from halocline.evaluate.engine.crps import fair_crps
from halocline.evaluate.engine.draws import Draws
from halocline.evaluate.forecast.families.cells import CellScores
from halocline.evaluate.forecast.families.cover import CoverScores
from halocline.evaluate.forecast.families.edge import EdgeScores, edge_error
from halocline.evaluate.forecast.families.ranks import RankScores, ranks
from halocline.evaluate.forecast.family import Moment, SetFamily
from halocline.evaluate.ice.families.bounds import BoundScores
from halocline.evaluate.ice.quarter_turn import rotation_control, turned
from tests.toy import CHANNELS, toy_grid, toy_sample

GRID = toy_grid(64, 1e5)
EVERYWHERE = Moment(0, 0, np.ones(GRID.shape, bool))


def _by_label(family, summary):
    values = family.scores(np.asarray(summary)[None])[0]
    return {(label.score, label.variable, label.band): v for label, v in zip(family.labels, values, strict=True)}


def test_crps_is_that_of_the_scores_package():
    from scores.probability import crps_for_ensemble

    random = np.random.default_rng(1)
    ensemble = np.clip(random.standard_normal((7, 50)), 0.0, None)
    truth = np.clip(random.standard_normal(50), 0.0, None)
    theirs = crps_for_ensemble(
        xr.DataArray(ensemble, dims=("member", "cell")),
        xr.DataArray(truth, dims="cell"),
        "member",
        method="fair",
        preserve_dims="all",
    )
    np.testing.assert_allclose(fair_crps(ensemble, truth), theirs.values, rtol=1e-12)


@pytest.mark.parametrize("members", [2, 5, 16])
def test_fair_crps_of_gaussians_does_not_depend_on_the_number_of_members(members):
    random = np.random.default_rng(members)
    truth, mean, sd = 0.7, 0.2, 1.5
    z = (truth - mean) / sd
    exact = sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))  # Gneiting et al. 2005, eq. 5
    found = fair_crps(mean + sd * random.standard_normal((members, 40_000)), np.full(40_000, truth)).mean()
    assert found == pytest.approx(exact, abs=0.02)


def test_crps_of_one_member_is_its_absolute_error():
    np.testing.assert_array_equal(fair_crps(np.array([[1.0, -2.0]]), np.array([3.0, -2.5])), [2.0, 0.5])


def test_exchangeable_gaussians_have_spread_skill_one_and_known_errors():
    random = np.random.default_rng(0)
    members, sd = 5, 0.3
    states = sd * random.standard_normal((members + 1, 5, *GRID.shape))
    family = CellScores(GRID, CHANNELS, Draws.independent(members))
    found = _by_label(family, family.summary(states[1:] + 0.1, states[0] + 0.1, EVERYWHERE))
    for region in ("ocean", "ice"):
        assert found["spread-skill ratio", "sit", region] == pytest.approx(1.0, abs=0.03)
        assert found["RMSE", "siu", region] == pytest.approx(sd * np.sqrt(1 + 1 / members), rel=0.03)
        assert found["RMSE", "drift", region] == pytest.approx(np.sqrt(2) * sd * np.sqrt(1 + 1 / members), rel=0.03)
        assert found["CRPS", "sit", region] == pytest.approx(sd / np.sqrt(np.pi), rel=0.03)
    biased = _by_label(family, family.summary(states[1:] + 0.25, states[0], EVERYWHERE))
    assert biased["bias", "sit", "ocean"] == pytest.approx(0.25, abs=0.01)


def test_cells_count_by_their_area_and_the_region_is_that_of_the_climate():
    truth = np.zeros((1, *GRID.shape))
    wrong = np.zeros((1, 1, *GRID.shape))
    row = 40
    wrong[..., row, :] = 2.0
    region = np.zeros(GRID.shape, bool)
    region[row] = True
    family = CellScores(GRID, ("sit",), Draws.independent(1))
    found = _by_label(family, family.summary(wrong, truth, Moment(0, 0, region)))
    area = GRID.area * GRID.mask
    assert found["RMSE", "sit", "ocean"] == pytest.approx(2.0 * np.sqrt(area[row].sum() / area.sum()))
    assert found["RMSE", "sit", "ice"] == pytest.approx(2.0)
    assert found["CRPS", "sit", "ice"] == pytest.approx(2.0)
    assert not any(label.score.startswith("spread") for label in family.labels)


def test_rank_histograms_are_flat_for_exchangeable_members_even_with_atoms():
    random = np.random.default_rng(4)
    members = 4
    states = np.clip(random.standard_normal((members + 1, 1, *GRID.shape)) - 0.5, 0.0, None)  # 70 % exactly 0
    family = RankScores(GRID, ("sit",), Draws.independent(members), seed=0)
    mean = np.mean(
        [
            family.summary(np.roll(states, k, axis=0)[1:], np.roll(states, k, axis=0)[0], EVERYWHERE)
            for k in range(members + 1)
        ],
        axis=0,
    )
    np.testing.assert_allclose(family.histograms(mean[None])[0, 0], 1 / (members + 1), atol=0.01)
    assert family.scores(mean[None])[0, 0] == pytest.approx(1.0, abs=0.03)
    narrow = states.copy()
    narrow[1:] = narrow[1:].mean(axis=0) + 0.2 * (narrow[1:] - narrow[1:].mean(axis=0))
    assert family.scores(family.summary(narrow[1:], narrow[0], EVERYWHERE)[None])[0, 0] > 1.5


def test_ranks_without_ties_are_counts_and_ties_depend_on_the_key_alone():
    ensemble = np.array([[1.0, 0.0], [3.0, 0.0], [2.0, 0.0]])
    assert ranks(ensemble, np.array([2.5, 5.0]), np.random.default_rng(0)).tolist() == [2, 3]
    family = RankScores(GRID, ("sit",), Draws.independent(3), seed=5)
    nothing = np.zeros((4, 1, *GRID.shape))
    first = family.summary(nothing[1:], nothing[0], EVERYWHERE)
    np.testing.assert_array_equal(first, family.summary(nothing[1:], nothing[0], EVERYWHERE))
    assert (first != family.summary(nothing[1:], nothing[0], Moment(1, 0, EVERYWHERE.ice))).any()
    np.testing.assert_allclose(first, 0.25, atol=0.04)


def _disc(x0, radius):
    y, x = np.mgrid[:400, :400]
    return (x - x0) ** 2 + (y - 200.0) ** 2 <= radius**2


def test_a_shifted_disc_is_misplaced_and_a_larger_one_too_large():
    area = np.ones((400, 400))
    radius, shift = 100.0, 40.0
    moved = edge_error(_disc(200 + shift, radius), _disc(200, radius), area)
    lens = 2 * radius**2 * np.arccos(shift / 2 / radius) - shift / 2 * np.sqrt(4 * radius**2 - shift**2)
    assert moved.over == pytest.approx(np.pi * radius**2 - lens, rel=0.01)
    assert moved.total == pytest.approx(moved.misplacement, rel=1e-3)
    assert moved.extent == pytest.approx(0.0, abs=1.0)
    larger = edge_error(_disc(200, 120.0), _disc(200, radius), area)
    assert larger.total == pytest.approx(np.pi * (120.0**2 - radius**2), rel=0.01)
    assert larger.extent == larger.total
    assert larger.misplacement == 0.0
    assert edge_error(_disc(200, radius), _disc(200, radius), area).total == 0.0


def test_edge_of_an_ensemble():
    truth = np.zeros((1, *GRID.shape))
    truth[:, 32:] = 1.0
    ice_here = np.zeros((4, 1, *GRID.shape))
    ice_here[:, :, 32:] = 1.0
    ice_here[0, :, 20:32] = 1.0  # one of four members has more ice: the median edge is that of the truth
    family = EdgeScores(GRID, ("sic",))
    found = {name: v for (name, _, _), v in _by_label(family, family.summary(ice_here, truth, EVERYWHERE)).items()}
    strip = float((GRID.area * GRID.mask)[20:32].sum())
    assert found["ice-edge error (IIEE)"] == 0.0
    assert found["ice-edge error of members"] == pytest.approx(strip / 4)
    assert found["spatial probability score"] == pytest.approx(strip / 16)
    one = {name: v for (name, _, _), v in _by_label(family, family.summary(ice_here[:1], truth, EVERYWHERE)).items()}
    assert one["ice-edge overestimation"] == one["spatial probability score"] == pytest.approx(strip)
    assert one["ice-edge underestimation"] == one["misplacement error"] == 0.0


def test_cover_and_sets_of_the_truth_itself():
    truth = toy_sample(GRID, 30, "cover")
    for family in (CoverScores.of(GRID, CHANNELS), SetFamily(BoundScores(GRID, CHANNELS))):
        mean = family.summary(np.stack([truth, truth]), truth, EVERYWHERE)[None]
        size = np.maximum(np.abs(family.truths(mean)).max(), 1.0)
        np.testing.assert_allclose(family.scores(mean) / size, family.truths(mean) / size, atol=1e-12)


def test_deformation_keeps_its_distribution_under_a_quarter_turn():
    state = toy_sample(GRID, 30, "turn")[None]
    assert rotation_control(state, GRID, CHANNELS) < 1e-6
    once, grid = turned(state, GRID, CHANNELS)
    for _ in range(3):
        once, grid = turned(once, grid, CHANNELS)
    np.testing.assert_array_equal(once, state)
    np.testing.assert_array_equal(grid.mask, GRID.mask)


def test_the_control_sees_vectors_that_were_not_turned(monkeypatch):
    import halocline.evaluate.ice.quarter_turn as module

    right = turned

    def forgotten(states, grid, channels):
        out, cells = right(states, grid, channels)
        out[..., 3:, :, :] = np.rot90(states, -1, axes=(-2, -1))[..., 3:, :, :]
        return out, cells

    monkeypatch.setattr(module, "turned", forgotten)
    assert rotation_control(toy_sample(GRID, 30, "turn")[None], GRID, CHANNELS) > 1e-3
