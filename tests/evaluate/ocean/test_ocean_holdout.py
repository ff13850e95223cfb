"""Baselines and errors on a linear toy, where every answer is known."""

import numpy as np
import pytest
from benchmarks.ocean.member_holdout import (
    TrainingRuns,
    cell_spread,
    held_out,
    matching_times,
    read_member,
    state_rmse,
    training_runs,
)

from halocline.data.grids.grid_layout import GridLayout
from halocline.data.store.nearest import scaled
from halocline.evaluate.ocean.states import OceanSet
from tests.ocean_toy import toy_ocean, toy_ocean_grid

GRID = toy_ocean_grid()
LAYOUT = GridLayout.ocean(GRID)
WET = np.concatenate([GRID.wet, GRID.wet, GRID.wet[:1]])
BASE = np.nan_to_num(toy_ocean(GRID, members=1, noise=0.0)[0])
SLOPE = np.where(WET, 1.0, 0.0)
"""Every wet value rises by 1 where the first parameter rises by 1; the second changes nothing."""


def state(parameters):
    return BASE + parameters[0] * SLOPE


def runs():
    parameters = np.array([[0.0, 5.0], [1.0, 5.0], [2.0, 5.0], [4.0, 5.0]])
    return TrainingRuns(parameters, np.stack([state(p) for p in parameters]))


def test_baselines_of_a_linear_toy():
    target = np.array([1.25, 5.0])
    errors = {name: state_rmse(found, state(target), LAYOUT) for name, found in runs().baselines(target).items()}
    assert errors["mean state"] == pytest.approx([0.5] * 3)  # the mean parameter is 1.75
    assert errors["nearest run"] == pytest.approx([0.25] * 3)
    weights = 1 / np.array([1.25, 0.25, 0.75, 2.75])
    average = (weights * [0, 1, 2, 4]).sum() / weights.sum()
    assert errors["neighbour average"] == pytest.approx([abs(average - 1.25)] * 3)


def test_neighbours_are_found_in_scaled_parameters():
    """A parameter in large units does not drown one in small units; a constant one does not divide by zero."""
    parameters = np.array([[0.1, 1000.0, 7.0], [0.2, 2000.0, 7.0], [0.3, 1000.0, 7.0]])
    found = TrainingRuns(parameters, np.zeros((3, 1, 1, 1)))
    assert found.nearest(np.array([0.19, 1500.0, 7.0])) == 1
    assert found.nearest(np.array([0.29, 1400.0, 7.0])) == 2
    assert scaled(np.array([0.2, 1500.0, 7.0]), found.parameters) == pytest.approx([0.5, 0.5, 0.0])
    assert found.neighbour_weights(parameters[1], 2) == pytest.approx([0.0, 1.0, 0.0])
    assert found.neighbour_weights(np.array([0.2, 1000.0, 7.0]), 2) == pytest.approx([0.5, 0.0, 0.5])


def test_errors_are_weighted_by_volume_and_dry_cells_do_not_count():
    other = BASE.copy()
    other[1] += 2.0 * WET[1]
    other[~WET] = 99.0
    expected = 2.0 * np.sqrt(GRID.volume[1].sum() / GRID.volume.sum())
    assert state_rmse(other, BASE, LAYOUT) == pytest.approx([expected, 0.0, 0.0])


def test_an_ensemble_with_a_known_offset_and_spread():
    rng = np.random.default_rng(0)
    target = np.array([1.25, 5.0])
    noise = 0.3 * rng.standard_normal((40, *WET.shape)) * WET
    truth = OceanSet(
        (state(target) + noise - noise.mean(axis=0)).astype(np.float32), LAYOUT, np.full(40, 5), (), np.arange(40) // 10
    )
    draws = 0.6 * rng.standard_normal((32, *WET.shape)) * WET
    draws -= draws.mean(axis=0)
    found = held_out((state(target) + 0.1 * SLOPE + draws).astype(np.float32), truth, runs(), target)
    assert found.member == 5
    assert found.predictions["generated"].rmse == pytest.approx([0.1] * 3, rel=1e-3)
    assert found.predictions["nearest run"].rmse == pytest.approx([0.25] * 3, rel=1e-3)
    assert found.predictions["mean state"].low == found.predictions["mean state"].rmse
    assert found.single[:2] == pytest.approx([np.hypot(0.1, 0.6)] * 2, rel=0.05)
    assert found.spread[:2] == pytest.approx([0.6] * 2, rel=0.05)
    assert found.true_spread[:2] == pytest.approx([0.3] * 2, rel=0.05)
    own = found.predictions["real states"]
    assert 0.3 / np.sqrt(40) < own.rmse[0] < 3 * 0.3 / np.sqrt(20)
    for name in ("generated", "real states"):
        p = found.predictions[name]
        assert all(low <= value <= high for low, value, high in zip(p.low, p.rmse, p.high, strict=True))
    assert found.predictions["generated"].profile < found.predictions["nearest run"].profile


def test_the_spread_is_unbiased():
    rng = np.random.default_rng(1)
    found = [cell_spread(2.0 * rng.standard_normal((3, *WET.shape)) * WET, LAYOUT)[0] ** 2 for _ in range(200)]
    assert np.mean(found) == pytest.approx(4.0, rel=0.05)


def test_a_store_gives_its_runs_members_and_days(ocean_store):
    found = training_runs(ocean_store)
    assert found.parameters.shape == (3, 3)
    member = read_member(ocean_store, 1)
    assert found.means[1] == pytest.approx(member.values.mean(axis=0, dtype=np.float64), abs=1e-4)
    times = matching_times(ocean_store, 12)
    assert sorted(ocean_store.day_of_year(k) for k in times) == [30.0 * k for k in range(12)]
    assert np.bincount(matching_times(ocean_store, 48)).tolist() == [2] * 24
