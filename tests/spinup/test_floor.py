"""Small changes teach a map as much as large ones, if noise is small."""

import numpy as np
import pytest

from halocline.spinup.jump.history import History
from halocline.spinup.jump.slow_map import SlowMapSettings, fit_slow_map

DECAY = np.diag([0.95, 0.7, 0.9])


def _history(name, away, steps=6):
    means, state = [], np.asarray(away, float)
    for _ in range(steps):
        means.append(state)
        state = DECAY @ state
    return History(name, means)


FAR, NEAR = _history("far", [10.0, 3.0, 0.0]), _history("near", [0.0, 0.0, 0.01])


def _missed(floor):
    slow = fit_slow_map([FAR, NEAR], SlowMapSettings(patterns=2, ridge=1e-6, floor=floor))
    change = NEAR.changes[-1]
    return np.linalg.norm(NEAR.means[-1] + slow.remaining(change).field) / np.linalg.norm(NEAR.means[-1])


def test_a_floor_lets_runs_that_began_near_their_end_teach():
    assert _missed(0.0) > 0.9, "two patterns go to the run that was far away"
    three = fit_slow_map([FAR, NEAR], SlowMapSettings(patterns=3, ridge=0.0, floor=1e-4))
    for history in (FAR, NEAR):
        there = history.means[-1] + three.remaining(history.changes[-1]).field
        assert there == pytest.approx(np.zeros(3), abs=1e-6), "linear maps stay exact"
    assert _missed(1e-5) < 0.2
    assert _missed(10.0) > 0.9, "all of it below the floor: as without one"
