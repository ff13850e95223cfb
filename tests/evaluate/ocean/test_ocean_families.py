"""Stability, water masses, spread, profiles, surface and copies of ocean states: known changes give known scores."""

import numpy as np
import pytest
from scipy.stats import wasserstein_distance

from halocline.constraints.level_means import means_of
from halocline.data.grids.grid_layout import GridLayout
from halocline.evaluate.ocean.families.copies import OceanCopyScores
from halocline.evaluate.ocean.families.profiles import ProfileScores
from halocline.evaluate.ocean.families.spread import SpreadScores
from halocline.evaluate.ocean.families.stability import StabilityScores
from halocline.evaluate.ocean.families.surface import SurfaceScores, surface
from halocline.evaluate.ocean.families.water import MASSES, WaterMassScores, boxes
from halocline.evaluate.ocean.levels import Levels, level_means
from halocline.evaluate.ocean.normalised import NormalisedSpace
from halocline.evaluate.ocean.states import OceanSet
from halocline.physics.eos import DINO_EOS
from halocline.physics.stability import TOLERANCES, density_error
from tests.ocean_toy import toy_dino_grid, toy_ocean, toy_ocean_grid

GRID = toy_ocean_grid()
LAYOUT = GridLayout.ocean(GRID)
WET = np.concatenate([GRID.wet, GRID.wet, GRID.wet[:1]])


def states(members, seed=0, noise=0.5):
    return np.nan_to_num(toy_ocean(GRID, members=members, seed=seed, noise=noise)).astype(np.float32)


def as_set(states):
    return OceanSet(states, LAYOUT, np.arange(len(states)))


def scores(family, a, b):
    found = family.scores(*(family.summary(x).mean(axis=0)[None] for x in (a, b)))[0]
    return {(label.score, label.variable, label.band): x for label, x in zip(family.labels, found, strict=True)}


def test_density_errors_are_those_of_physics():
    some = states(5, noise=0.8)
    found = scores(StabilityScores(LAYOUT), some, some)
    thetao, so = LAYOUT.select(some, "thetao", "so")
    for name, reference in (("surface", 0.0), ("local", "local")):
        for tolerance in TOLERANCES:
            band = "strict" if tolerance == 0 else f"> {tolerance:g} kg m-3"
            expected = density_error(thetao, so, GRID, DINO_EOS, tolerance=tolerance, reference=reference).mean()
            assert found["density error", "all", f"{name}, {band}"] == pytest.approx(expected)
    assert found["density error", "all", "surface, strict"] > found["density error", "all", "surface, > 0.01 kg m-3"]


def test_one_inverted_interface_is_counted_once():
    stable = states(1, noise=0.0)
    warm = stable.copy()
    k, y, x = 2, 3, 2
    warm[0, k, y, x] = warm[0, k - 1, y, x] + 0.01
    found = [scores(StabilityScores(LAYOUT), part, part) for part in (stable, warm)]
    assert found[0]["temperature inversions", "all", ""] == 0
    assert found[1]["temperature inversions", "all", ""] == pytest.approx(100 / GRID.wet[1:].sum())


def test_water_masses_are_volume_means_and_offsets_count_standard_deviations():
    real, other = states(40), states(8, seed=1)
    family = WaterMassScores.around(LAYOUT, real)
    found = scores(family, other, real)
    for mass, weight in boxes(GRID).items():
        assert found["water mass", "so", MASSES[mass]] == pytest.approx(
            np.average(other[:, GRID.levels : 2 * GRID.levels].mean(axis=0), weights=weight), rel=1e-6
        )
        numbers = np.array([np.average(state[: GRID.levels], weights=weight) for state in real])
        moved = real.copy()
        moved[:, : GRID.levels] += np.where(GRID.wet, 2.5 * numbers.std(), 0.0)
        assert scores(family, moved, real)["water-mass offset", "thetao", MASSES[mass]] == pytest.approx(2.5, rel=1e-3)
    surface_box = boxes(GRID)["surface"]
    assert surface_box[0].sum() > 0
    assert surface_box[1:].sum() == 0


def test_level_means_are_those_that_constraints_impose():
    some = states(3)
    assert level_means(some, LAYOUT) == pytest.approx(means_of(some, LAYOUT, "level-means"))
    levels = Levels.of(LAYOUT)
    assert levels.present == ("thetao", "so", "zos")
    assert len(levels.variables) == level_means(some, LAYOUT).shape[1]
    assert (np.diff(levels.depth) > 0).all()


def test_spreads_scale_with_the_anomalies():
    real = states(64)
    mean = real.mean(axis=0)
    half = mean + 0.5 * (real - mean)
    found = scores(SpreadScores.around(as_set(real)), half, real)
    assert found
    assert all(value == pytest.approx(0.5, rel=1e-3) for value in found.values())


def test_a_shift_of_level_means_alone_changes_their_spread_and_hardly_that_of_cells():
    """Cells vary independently: adding c_k to a level adds Var(c) to both variances, exactly."""
    real = states(400)
    levels = Levels.of(LAYOUT)
    rng = np.random.default_rng(0)
    k, sd = 1, 0.3
    moved = real.copy()
    moved[:, k] += (sd * rng.standard_normal(400).astype(np.float32))[:, None, None] * GRID.wet[k]
    found = scores(SpreadScores.around(as_set(real)), moved, real)
    name = levels.names[k]
    before = level_means(real, LAYOUT)[:, k].std()
    after = level_means(moved, LAYOUT)[:, k].std()
    assert found["spread of level means", "thetao", name] == pytest.approx(after / before, rel=1e-4)
    weights = GRID.volume[k] / GRID.volume[k].sum()
    cells = [np.sqrt((part[:, k].var(axis=0) * weights).sum()) for part in (moved, real)]
    assert found["spread of cells", "thetao", name] == pytest.approx(cells[0] / cells[1], rel=1e-4)
    assert found["spread of cells", "thetao", levels.names[k + 1]] == pytest.approx(1.0)
    ratios = [found["spread of level means", "thetao", n] for n in levels.names[: len(levels.depth)]]
    assert found["spread of level means", "thetao", "mean over levels"] == pytest.approx(np.mean(ratios))


def test_a_level_mean_held_constant_has_no_ratio():
    real = states(20)
    area = np.where(GRID.wet[0], GRID.area, 0.0)
    real[:, -1] -= ((real[:, -1] * area).sum(axis=(1, 2)) / area.sum())[:, None, None] * GRID.wet[0]
    family = SpreadScores.around(as_set(real))
    assert ("spread of level means", "zos") not in {(label.score, label.variable) for label in family.labels}
    assert ("spread of cells", "zos") in {(label.score, label.variable) for label in family.labels}


def test_profile_distances_are_those_of_scipy():
    real, other = states(12), states(9, seed=3)
    other[:, : GRID.levels] += np.where(GRID.wet, 0.4, 0.0).astype(np.float32)
    found = scores(ProfileScores.over(as_set(real), as_set(other)), other, real)
    levels = Levels.of(LAYOUT)
    places = levels.of_variable("thetao")
    a, b = (level_means(part, LAYOUT)[:, places] for part in (other, real))
    wet = GRID.wet.any(axis=(1, 2))
    thickness = GRID.volume[wet].sum(axis=(1, 2)) / (GRID.wet[wet] * GRID.area).sum(axis=(1, 2))
    expected = wasserstein_distance(a.ravel(), b.ravel(), np.tile(thickness, len(a)), np.tile(thickness, len(b)))
    assert found["profile distance (W1)", "thetao", ""] == pytest.approx(expected, rel=0.01)
    rms = np.sqrt(np.average((a.mean(axis=0) - b.mean(axis=0)) ** 2, weights=levels.volume))
    assert found["profile error", "thetao", ""] == pytest.approx(rms, rel=1e-4)


def test_surface_errors_of_a_planted_zonal_offset():
    grid = toy_dino_grid()
    layout = GridLayout.ocean(grid)
    rng = np.random.default_rng(1)
    real = np.where(layout.wet, rng.normal(size=(30, 11, 8, 8)), 0)
    real = real.astype(np.float32)
    moved = real.copy()
    moved[:, 0, 3] += 2.0 * grid.mask[3]
    found = scores(SurfaceScores.around(grid, layout, real), moved, real)
    rows = np.where(grid.mask, grid.area, 0).sum(axis=1)
    expected = 2.0 * np.sqrt(rows[3] / rows.sum())
    assert found["zonal-mean error", "thetao", "surface"] == pytest.approx(expected, rel=1e-4)
    assert found["mean map error", "thetao", "surface"] == pytest.approx(expected, rel=1e-4)
    assert found["standard-deviation map error", "thetao", "surface"] == pytest.approx(0.0, abs=1e-3)
    assert found["zonal-mean error", "so", "surface"] == 0
    uneven = real.copy()
    columns = np.flatnonzero(grid.mask[3])[:2]
    uneven[:, 0, 3, columns[0]] += 1.0
    uneven[:, 0, 3, columns[1]] -= 1.0
    found = scores(SurfaceScores.around(grid, layout, real), uneven, real)
    assert found["zonal-mean error", "thetao", "surface"] == pytest.approx(0.0, abs=1e-5)
    assert found["mean map error", "thetao", "surface"] > 0.1


def test_surface_takes_the_first_level():
    some = states(2)
    top = surface(some, LAYOUT)
    assert np.array_equal(top, some[:, [0, GRID.levels, 2 * GRID.levels]])


def test_copies_are_found_and_a_members_own_states_are_left_out():
    training = states(24)
    space = NormalisedSpace.of(LAYOUT, np.ones(len(LAYOUT.fields)))
    members = np.repeat([0, 1, 2, 3], 6)
    pairs = tuple((int(m), k % 6) for k, m in enumerate(members))
    hours = np.arange(6) * 24 * 30
    family = OceanCopyScores.against(space, OceanSet(training, LAYOUT, members, pairs), hours)
    copied = training[4:6] + 1e-4 * WET.astype(np.float32)
    found = family.summary(np.concatenate([copied, states(2, seed=9)]))
    assert found[:, 0].tolist() == [1, 1, 0, 0]
    assert found[2:, 1] == pytest.approx(1.0, abs=0.3)
    own = family.summary(training, own=members)
    assert not own[:, 0].any()
    alone = OceanCopyScores.against(space, OceanSet(training[:6], LAYOUT, np.zeros(6, int), pairs[:6]), hours * 12)
    assert not alone.summary(training[:6], own=np.zeros(6, int))[:, 0].any()
