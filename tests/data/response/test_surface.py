"""Response surfaces: exact where the truth is one, honest where it is not, and blind to what was left out."""

import numpy as np
import pytest

from halocline.data.response import surface as surface_module
from halocline.data.response.kriging import Kriging, fit_kernel, fit_kriging
from halocline.data.response.polynomial import Polynomial, terms_of
from halocline.data.response.scaling import scaled
from halocline.data.response.surface import ResponseSurface, fit_members, gram, left_out
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
    again = ResponseSurface.from_arrays(surface.fields() | surface.numbers())
    assert np.array_equal(again(new), surface(new))
    assert surface.parameters == again.parameters == 3
    stored = {name: values.astype(np.float32) for name, values in surface.fields().items()}
    assert np.abs(ResponseSurface.from_arrays(stored | surface.numbers())(new) - surface(new)).max() < 1e-4


def test_surfaces_of_former_versions_open():
    centre, coefficients = terms_of(Z).mean(axis=0), RNG.normal(size=(9, 2))
    arrays = {"mean": np.zeros((2, 5)), "patterns": FIELDS[:2], "centre": centre, "coefficients": coefficients}
    surface = ResponseSurface.from_arrays(arrays)
    assert isinstance(surface.scores, Polynomial)
    assert surface.parameters == 3
    assert surface(Z) == pytest.approx(np.tensordot((terms_of(Z) - centre) @ coefficients, FIELDS[:2], axes=1))
    assert surface.numbers().keys() == {"centre", "coefficients"}


def test_press_is_what_leaving_out_says():
    """The inverse gives the errors of left-out members that fitting without each of them gives."""
    y = np.sin(3 * Z[:, [0]]) + 0.3 * RNG.normal(size=(40, 1))
    found = fit_kriging(Z, y, fit_kernel(Z, y))
    assert found.press[0] < y.var()
    errors = []
    for k in range(40):
        o = np.arange(40) != k
        errors.append((_same_noise(found, o, y)(Z[[k]]) - y[k]).item())
    assert np.mean(np.square(errors)) == pytest.approx(found.press[0], rel=1e-6)


def _same_noise(found, o, y):
    """The same kernel and noise without a member, by solving again."""
    k = found.kernel
    for times in (1.0, 10.0, 100.0, 1000.0):  # which one was chosen shows in the weights
        matrix = np.ones((41, 41))
        matrix[:40, :40], matrix[40, 40] = k(Z, Z) + times * k.noise * np.eye(40), 0.0
        if np.allclose(np.linalg.solve(matrix, np.append(y, 0.0))[:40], found.weights[:, 0]):
            break
    inner = np.ones((40, 40))
    inner[:39, :39], inner[39, 39] = k(Z[o], Z[o]) + times * k.noise * np.eye(39), 0.0
    solved = np.linalg.solve(inner, np.append(y[o], 0.0))
    return Kriging(Z[o], k, solved[:39, None], solved[39:], found.press)


def test_what_bends_is_followed_where_a_polynomial_cannot():
    truth = np.tanh(4 * Z[:, [0]])
    found = fit_kriging(Z, truth, fit_kernel(Z, truth))
    new = RNG.uniform(-0.9, 0.9, (200, 3))
    terms = np.concatenate([np.ones((40, 1)), terms_of(Z)], axis=1)
    coefficients = np.linalg.lstsq(terms, truth, rcond=None)[0]
    polynomial = np.concatenate([np.ones((200, 1)), terms_of(new)], axis=1) @ coefficients
    errors = [np.sqrt(np.mean((said - np.tanh(4 * new[:, [0]])) ** 2)) for said in (found(new), polynomial)]
    assert errors[0] < 0.3 * errors[1]


def test_a_parameter_that_does_not_matter_is_found_out():
    y = np.tanh(3 * Z[:, [0]]) + 0.01 * RNG.normal(size=(40, 1))
    scales = fit_kernel(Z, y).scales
    assert scales[1:].max() < 0.1 * scales[0]


def test_what_follows_no_parameter_is_answered_by_its_mean():
    signal, noise = Z[:, [0]] + Z[:, [1]] ** 2, RNG.normal(size=(40, 1))
    y = np.concatenate([signal, 0.3 * noise], axis=1)
    found = fit_kriging(Z, y, fit_kernel(Z, y))
    said = found(Z)[:, 1]
    assert said.std() < 0.5 * 0.3 * noise.std(), "40 members cannot teach anything of nothing"
    assert found.press[1] <= ((y[:, 1] - y[:, 1].mean()) ** 2).mean() * (40 / 39) ** 2 * (1 + 1e-9)
    assert np.abs(found(Z)[:, 0] - signal[:, 0]).max() < 0.1


def test_of_many_members_the_kernel_is_sought_once(monkeypatch):
    states, asked = _truth(Z) + 0.1 * RNG.normal(size=(40, 2, 5)), []
    monkeypatch.setattr(surface_module, "fit_kernel", lambda *a: asked.append(1) or fit_kernel(*a))
    exact = left_out(gram(states), Z)
    assert len(asked) == 40
    monkeypatch.setattr(surface_module, "KEPT_FROM", 40)
    kept = left_out(gram(states), Z)
    assert len(asked) == 41
    errors = [np.sqrt(((np.tensordot(w, states, axes=1) - states) ** 2).mean()) for w in (exact, kept)]
    assert errors[1] == pytest.approx(errors[0], rel=0.1)


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
