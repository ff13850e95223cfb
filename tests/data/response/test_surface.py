"""Response surfaces: exact where the truth is one, honest where it is not, and blind to what was left out."""

import numpy as np
import pytest

from halocline.data.response.ridge import fit_ridge
from halocline.data.response.surface import ResponseSurface, fit_members, gram, left_out
from halocline.data.response.terms import scaled, terms_of
from halocline.runtime.errors import InputError

RNG = np.random.default_rng(3)
Z = RNG.uniform(-1, 1, (40, 3))
FIELDS = RNG.normal(size=(4, 2, 5))


def _truth(z, curved=0.5):
    scores = np.stack([2 * z[:, 0], z[:, 1], z[:, 2], curved * z[:, 0] * z[:, 1] + curved * z[:, 2] ** 2], axis=1)
    return 7.0 + np.tensordot(scores, FIELDS, axes=1)


def test_terms_are_linear_then_quadratic():
    assert terms_of(np.array([[2.0, 3.0]])).tolist() == [[2, 3, 4, 6, 9]]
    values = np.array([[1.0, 5.0], [3.0, 5.0], [2.0, 5.0]])
    assert scaled(values, values).tolist() == [[-1, 0], [1, 0], [0, 0]]


def test_a_quadratic_truth_is_found_everywhere():
    surface = ResponseSurface.fit(Z, _truth(Z))
    new = RNG.uniform(-1, 1, (5, 3))
    assert np.abs(surface(new) - _truth(new)).max() < 1e-3
    again = ResponseSurface(**surface.arrays())
    assert np.array_equal(again(new), surface(new))


def test_press_is_what_leaving_out_says():
    """The hat matrix gives the errors of left-out members that fitting without each of them gives."""
    x = terms_of(Z)
    y = (Z[:, [0]] + 0.3 * RNG.normal(size=(40, 1))) - 0.0
    y = y - y.mean(axis=0)
    found = fit_ridge(x, y, 3)
    assert found.press[0] < (y**2).mean()
    left, errors = np.arange(40), []
    for k in left:
        o = left != k
        inner = fit_ridge(x[o], y[o] - y[o].mean(axis=0), 3)
        errors.append((inner(x[[k]]) + y[o].mean(axis=0) - y[k]).item())
    assert np.mean(np.square(errors)) == pytest.approx(found.press[0], rel=0.35), "but for the choice of the strength"
    exact = fit_ridge(x, 5 * x[:, [1]] - 5 * x[:, 1].mean(), 3)
    assert np.sqrt(exact.press[0]) < 1e-3


def test_what_follows_no_parameter_is_answered_by_its_mean():
    noise = RNG.normal(size=(40, 1))
    found = fit_ridge(terms_of(Z), noise - noise.mean(), 3)
    said = found(terms_of(Z))
    assert said.std() < 0.5 * noise.std(), "40 members cannot teach nine terms of nothing"


def test_left_out_members_are_not_looked_at():
    states = _truth(Z) + 0.1 * RNG.normal(size=(40, 2, 5))
    weights = left_out(gram(states), Z)
    assert np.all(np.diag(weights) == 0)
    assert weights.sum(axis=1) == pytest.approx(np.ones(40))
    honest = np.tensordot(weights, states, axes=1)
    changed = states.copy()
    changed[0] += 5.0
    again = np.tensordot(left_out(gram(changed), Z), changed, axes=1)
    assert np.allclose(again[0], honest[0], atol=1e-9), "what is said of a member does not depend on it"
    others = np.arange(1, 40)
    alone = ResponseSurface.fit(Z[others], states[others])(Z[[0]])
    assert np.allclose(alone[0], honest[0], atol=1e-9), "weights of members and fields of patterns say the same"
    error = np.sqrt(((honest - states) ** 2).mean())
    assert 0.1 < error < 0.2


def test_weights_decide_what_the_patterns_hold():
    states = _truth(Z, curved=0.0)
    states[:, 1] += 100 * RNG.normal(size=(40, 5))
    weight = np.ones((2, 5))
    weight[1] = 0.0
    new = RNG.uniform(-1, 1, (5, 3))
    one = ResponseSurface.fit(Z, states, weight, patterns=3)(new)[:, 0]
    assert np.abs(one - _truth(new, 0.0)[:, 0]).max() < 1e-3


def test_few_members_are_refused():
    with pytest.raises(InputError, match="at least 4"):
        fit_members(np.eye(3), Z[:3])
