"""Signed drifts of two runs, and where they meet."""

import numpy as np
import pytest

from halocline.spinup.reference.secant import secant

END, MODE = np.array([3.0, -1.0, 2.0]), np.array([1.0, 0.5, -2.0])


def _at(amount, rate=0.1):
    """A state so far along the mode from the fixed point, and its change in a step."""
    return END + amount * MODE, -rate * amount * MODE


@pytest.mark.parametrize(("a", "b", "opposite"), [(-3.0, 1.0, True), (-3.0, -1.0, False), (2.0, 5.0, False)])
def test_one_mode_is_solved_from_both_sides_and_from_one(a, b, opposite):
    (x, dx), (y, dy) = _at(a), _at(b)
    found = secant(x, dx, y, dy)
    assert np.allclose(x + found.share * (y - x), END)
    assert found.rate == pytest.approx(0.1)
    assert found.opposite == opposite
    assert np.sign(found.a) == (1 if a < 0 else -1)


def test_what_is_not_along_the_difference_does_not_count():
    aside = np.array([2.0, 0.0, 1.0])
    assert aside @ MODE == 0
    (x, dx), (y, dy) = _at(-3.0), _at(1.0)
    found = secant(x, dx + aside, y, dy - 7 * aside)
    assert found.share == pytest.approx(0.75)
    weighed = secant(x, dx, y, dy, see=lambda d: d * [1.0, 0.0, 0.1])
    assert weighed.share == pytest.approx(0.75), "the norm is the caller's"


def test_runs_that_part_or_stand_in_one_place_do_not_meet():
    (x, dx), (y, dy) = _at(-3.0, rate=-0.1), _at(1.0, rate=-0.1)
    parting = secant(x, dx, y, dy)
    assert parting.rate < 0
    assert not parting.opposite
    same = secant(x, dx, x, dx)
    assert np.isnan(same.share)
    assert not same.opposite
