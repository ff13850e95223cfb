"""Anderson acceleration against linear algebra, and against maps that it must not follow blindly."""

import numpy as np
import pytest

from halocline.spinup.anderson import Anderson, AndersonSettings

EXACT = {"ridge": 0.0, "reach": 1e12, "growth": 1e12}


def _linear(dim, seed=0, slowest=0.999, fastest=0.3):
    rng = np.random.default_rng(seed)
    q = np.linalg.qr(rng.normal(size=(dim, dim)))[0]
    return q @ np.diag(np.linspace(slowest, fastest, dim)) @ q.T, rng.normal(size=dim)


def _solve(apply, start, steps, settings, residual=lambda x, g: g - x, see=np.ravel):
    anderson, x, kinds = Anderson(settings, see), start, []
    for _ in range(steps):
        g = apply(x)
        proposal = anderson.propose(g, residual(x, g))
        kinds.append(proposal.kind)
        x = proposal.state
    return x, kinds


@pytest.mark.parametrize("dim", [1, 3, 6])
def test_linear_maps_are_solved_in_dim_plus_one_applications(dim):
    matrix, fixed = _linear(dim)
    x, kinds = _solve(
        lambda x: fixed + matrix @ (x - fixed), np.zeros(dim), dim + 1, AndersonSettings(memory=dim, **EXACT)
    )
    assert np.abs(x - fixed).max() < 1e-6 * np.abs(fixed).max()
    assert kinds == ["plain"] + ["mixed"] * dim
    plain = fixed + np.linalg.matrix_power(matrix, dim + 1) @ (-fixed)
    assert np.abs(plain - fixed).max() > 0.1 * np.abs(fixed).max(), "the plain iteration is nowhere near"


def test_any_linear_measure_of_the_distance_serves_as_residual():
    """A trend along the orbit, not output minus argument; a norm with weights; fields of any shape."""
    matrix, fixed = _linear(4)
    fixed, steps = fixed.reshape(2, 2), 10

    def orbit(x):
        out = [x]
        for _ in range(steps):
            out.append(fixed + (matrix @ (out[-1] - fixed).ravel()).reshape(2, 2))
        return out

    anderson = Anderson(AndersonSettings(memory=4, **EXACT), lambda f: np.ravel(f) * [1, 2, 3, 4])
    x = np.zeros((2, 2))
    for _ in range(5):
        states = orbit(x)
        x = anderson.propose(states[-1], np.mean(states[6:], axis=0) - np.mean(states[1:6], axis=0)).state
    assert np.abs(x - fixed).max() < 1e-6


def test_a_map_that_diverges_by_itself_is_solved():
    matrix, fixed = _linear(3, slowest=1.2)
    x, _ = _solve(lambda x: fixed + matrix @ (x - fixed), np.zeros(3), 4, AndersonSettings(memory=3, **EXACT))
    assert np.abs(x - fixed).max() < 1e-6


def test_an_extrapolation_that_fails_is_given_up_and_the_iteration_arrives_all_the_same():
    """Far out the map walks in steps of nearly one length, whose small differences point anywhere."""

    def bent(x):
        return np.where(np.abs(x) < 3, 1 + 0.9 * (x - 1), x - np.sign(x) * (0.5 + 0.01 * np.sin(40 * x)))

    x, kinds = _solve(bent, np.array([40.0]), 200, AndersonSettings(memory=3, ridge=0.0, reach=50.0, growth=1.5))
    assert np.abs(x - 1).max() < 1e-6
    assert "shortened" in kinds
    assert "fallen back" in kinds


def test_no_step_is_longer_than_the_reach():
    anderson = Anderson(AndersonSettings(ridge=0.0, reach=4.0))
    anderson.propose(np.array([0.0]), np.array([1.0]))
    far = anderson.propose(np.array([1.0]), np.array([0.999]))  # the secant says: 999 away
    assert far.kind == "shortened"
    assert far.state[0] == pytest.approx(1.0 + 4.0 * 0.999)
    assert far.predicted < 1e-9 < far.residual


def test_a_residual_that_grows_empties_the_memory():
    anderson = Anderson(AndersonSettings(growth=2.0))
    anderson.propose(np.zeros(2), np.array([1.0, 0.0]))
    anderson.propose(np.ones(2), np.array([0.5, 0.1]))
    back = anderson.propose(np.full(2, 9.0), np.array([2.0, 0.0]))
    assert back.kind == "fallen back"
    assert np.array_equal(back.state, [9.0, 9.0])
    assert anderson.propose(np.full(2, 8.0), np.array([1.9, 0.0])).kind == "mixed", "it begins again"


def test_the_ridge_leads_from_the_exact_step_to_none():
    steps = []
    for ridge in (0.0, 1e-2, 1.0, 1e9):
        anderson = Anderson(AndersonSettings(ridge=ridge, reach=1e9))
        anderson.propose(np.array([0.5, 0.0]), np.array([1.0, 0.2]))
        steps.append(anderson.propose(np.array([0.9, 0.1]), np.array([0.8, 0.1])).state[0] - 0.9)
    assert steps == sorted(steps, reverse=True)
    assert steps[0] > 1.0
    assert abs(steps[-1]) < 1e-6
