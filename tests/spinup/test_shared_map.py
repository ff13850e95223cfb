"""One map for two quantities: what two runs of equal density do not show, and what they do."""

import numpy as np
import pytest

from halocline.spinup.jump.history import History, gaps
from halocline.spinup.jump.shared_map import fit_shared_map
from halocline.spinup.jump.slow_map import SlowMapSettings, fit_slow_map

EXACT = SlowMapSettings(patterns=50, ridge=0.0, slowest=0.9999)
SCALES = (1.0, 0.125)
A = np.diag([0.985, 0.9, 0.5, 0.2]) + np.diag([0.1, 0.1, 0.1], 1)
END = np.array([[4.0, 3.0, 2.0, 1.0], [35.0, 34.9, 34.8, 34.7]])


def _run(name, start, steps=5, noise=0.0):
    means = [END + start]
    rng = np.random.default_rng(0)
    for _ in range(steps):
        means.append(END + (means[-1] - END) @ A.T)
    return History(name, [m + noise * rng.normal(size=m.shape) for m in means])


def test_runs_of_one_density_teach_what_a_change_of_temperature_alone_does():
    """Sides that differ in temperature and salinity by one ratio; a third run is off in temperature only."""
    spice = np.outer([1.0, 0.225], [1.0, 1.0, 1.0, 1.0])
    sides = [_run("cold", -spice), _run("warm", 0.7 * spice)]
    third = _run("third", np.outer([1.0, 0.0], [1.0, 0.5, 0.0, 0.0]))
    step, change = third.means[-1], third.changes[-1]
    shared = fit_shared_map(sides, EXACT, np.ravel, SCALES, [gaps(*sides)])
    assert np.abs(step + shared.remaining(change).field - END).max() < 1e-6
    assert shared.remaining(change).unseen < 1e-6
    apart = fit_slow_map(sides, EXACT, lambda d: np.ravel(d / np.array(SCALES)[:, None]), [gaps(*sides)])
    assert np.abs(step + apart.remaining(change).field - END).max() > 0.1, "one vector of both knows one ratio only"


def test_scales_make_quantities_alike_and_are_given_back():
    shared = fit_shared_map([_run("a", np.outer([1.0, -0.2], [1.0, 2.0, 3.0, 4.0]))], EXACT, np.ravel, SCALES)
    assert shared.eigenvalues[0] == pytest.approx(0.985, abs=1e-6)
    assert shared.longest == pytest.approx(0.985 / 0.015, rel=1e-4)
    change = np.array([[0.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]])
    assert np.allclose(shared.see(change), [0, 0, 0, 0, 8, 0, 0, 0])
    assert np.allclose(shared.remaining(change).field[1], [0.985 / 0.015, 0, 0, 0], rtol=1e-4)
    assert np.allclose(shared.remaining(change).field[0], 0)


def test_what_is_outside_the_patterns_is_told():
    line = np.array([1.0, 0.0, 0.0, 0.0])
    histories = [History("a", [END + np.outer([1.0, 0.1], 0.9**k * line) for k in range(4)])]
    shared = fit_shared_map(histories, EXACT, np.ravel, SCALES)
    off = np.array([[0.6, 0.0, 0.0, 0.0], [0.0, 0.1, 0.0, 0.0]])
    assert shared.remaining(off).unseen == pytest.approx(0.8)
    assert shared.remaining(np.zeros((2, 4))).unseen == 0.0
