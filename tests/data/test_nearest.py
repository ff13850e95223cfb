"""Distances between members: of forcing by the trained range or by fixed widths, of the season, of states."""

import numpy as np
import pytest

from halocline.data.store import nearest

TRAINED = np.array([[0.0, 10.0, 5.0], [2.0, 30.0, 5.0]])


def test_forcing_is_scaled_by_the_trained_range():
    values, target = np.array([[1.0, 10.0, 5.0], [0.0, 20.0, 8.0]]), np.array([0.0, 10.0, 5.0])
    assert nearest.scaled(values, TRAINED) == pytest.approx(np.array([[0.5, 0.0, 0.0], [0.0, 0.5, 0.0]]))
    assert nearest.trained_range(values, target, TRAINED) == pytest.approx([0.5, 0.5])
    assert nearest.trained_width_squared(values, target, TRAINED) == pytest.approx([0.25, 0.25 + 9.0])


def test_fixed_widths_give_the_rms():
    values, target = np.array([[1.0, 3.0]]), np.array([0.0, 0.0])
    assert nearest.fixed_range(values, target, np.array([1.0, 3.0])) == pytest.approx([1.0])


def test_the_season_goes_the_shorter_way_round():
    assert nearest.season(np.array([350.0, 170.0]), 10.0, 360.0) == pytest.approx([20 / 360, 160 / 360])


def test_states_are_weighted_by_volume():
    a, b = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.0, 2.0], [3.0, 0.0]])
    weight = np.sqrt(np.array([0.25, 0.75]))
    assert nearest.state_squared(a, b, np.array([[1.0], [2.0]]), weight) == pytest.approx(0.25 + 4.0 * 0.75)
