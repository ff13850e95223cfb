"""Places of one fixed point correct a map that is wrong for it: linear and nonlinear toys, and safeguards."""

import numpy as np
import pytest

from halocline.spinup.jump.history import History
from halocline.spinup.jump.jump import Jump, JumpSettings
from halocline.spinup.jump.own_stretches import Passed, ahead
from halocline.spinup.jump.slow_map import SlowMapSettings, fit_slow_map

EXACT = SlowMapSettings(patterns=50, ridge=0.0, slowest=0.9999)
TURN = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
END = np.array([10.0, -2.0, 3.0])


def _linear(values):
    matrix = TURN @ np.diag(values) @ TURN.T
    return lambda x: END + matrix @ (x - END)


def _map(values=(0.98, 0.8, 0.5)):
    """The others' map: of runs about other fixed points."""
    step, histories = _linear(values), []
    for k in range(3):
        means = [END + np.random.default_rng(k).normal(size=3)]
        for _ in range(3):
            means.append(step(means[-1]))
        histories.append(History(f"run {k}", means))
    return fit_slow_map(histories, EXACT)


def _jumps(step, slow, start, count, plain=3, **kind):
    """Distances from the fixed point after each jump: a jump, then ``plain`` steps."""
    jump, x, out = Jump(JumpSettings(growth=10.0), **kind), start, []
    for _ in range(count):
        for _ in range(plain):
            x, before = step(x), x
        x = jump.propose(slow, x, x - before).state
        out.append(x - END)
    return out


def _alone(step, slow, start, count):
    """The same by the map alone."""
    x, out = start, []
    for _ in range(count):
        for _ in range(3):
            x, before = step(x), x
        x = x + slow.remaining(x - before).field
        out.append(x - END)
    return out


def test_a_map_that_is_too_slow_swings_and_own_stretches_end_it():
    """The others' slowest mode has 0.98, this one's 0.95: the map's 49 changes are 19 here, and every jump turns."""
    step, slow, start = _linear((0.95, 0.8, 0.5)), _map(), END + 4.0 * TURN[:, 0]
    swings = [float(TURN[:, 0] @ d) for d in _alone(step, slow, start, 4)]
    assert (np.sign(swings) == [-1, 1, -1, 1]).all()
    assert min(np.abs(swings)) > 3.0, "no end of it"
    learns = [np.linalg.norm(d) for d in _jumps(step, slow, start, 4)]
    assert learns[0] > 3.0, "the first one cannot know"
    assert learns[1] < 0.05 * learns[0]
    assert learns[3] < 5e-3


def test_a_map_that_is_too_fast_is_lengthened():
    step, slow, start = _linear((0.995, 0.8, 0.5)), _map(), END + 4.0 * TURN[:, 0]
    alone, learns = _alone(step, slow, start, 4), _jumps(step, slow, start, 4)
    assert np.linalg.norm(learns[3]) < 0.2 < 1.2 < np.linalg.norm(alone[3])


def test_several_wrong_modes_need_as_many_stretches():
    step, slow = _linear((0.95, 0.93, 0.6)), _map((0.98, 0.97, 0.9))
    start = END + TURN @ np.array([4.0, -3.0, 1.0])
    assert np.linalg.norm(_jumps(step, slow, start, 5)[-1]) < 0.02
    assert np.linalg.norm(_alone(step, slow, start, 5)[-1]) > 2.0


def test_a_slow_mode_that_the_map_does_not_know_is_found_from_own_stretches():
    """The others moved in two patterns; the third, of 0.97, is outside of their map."""
    step, start = _linear((0.8, 0.5, 0.97)), END + TURN @ np.array([1.0, 0.5, 4.0])
    plane, histories = _linear((0.8, 0.5, 0.0)), []
    for k in range(2):
        means = [END + TURN @ np.array([1.0 + k, 1.0 - k, 0.0])]
        for _ in range(3):
            means.append(plane(means[-1]))
        histories.append(History(f"run {k}", means))
    slow = fit_slow_map(histories, EXACT)
    assert slow.remaining(TURN[:, 2]).unseen > 0.99
    assert np.linalg.norm(_alone(step, slow, start, 5)[-1]) > 2.0, "plain decay"
    assert np.linalg.norm(_jumps(step, slow, start, 5)[-1]) < 0.5


def test_a_right_map_is_left_alone():
    step, slow, start = _linear((0.98, 0.8, 0.5)), _map(), END + np.array([4.0, 1.0, -2.0])
    assert np.linalg.norm(_jumps(step, slow, start, 1)[0]) < 1e-6
    here, other = (Passed(x, x - step_back) for x, step_back in ((step(s), s) for s in (start, END - 3.0)))
    assert np.allclose(here.mean + ahead(slow, here, [other]).field, END, atol=1e-6)


def _curved(x):
    """A step whose slow mode takes three times as long above the fixed point as below it."""
    amount = float(TURN[:, 0] @ (x - END))
    rest = x - END - amount * TURN[:, 0]
    return END + 0.5 * rest + amount * np.exp(-0.06 + 0.03 * np.tanh(amount)) * TURN[:, 0]


def test_two_sides_that_drift_against_each_other_are_interpolated():
    """By a map that is too slow for both sides of a curved velocity."""
    pattern, slow, sides = TURN[:, 0], _map((0.99, 0.5, 0.5)), [END + 2.0 * TURN[:, 0], END - 3.0 * TURN[:, 0]]
    places = [Passed(_curved(x), _curved(x) - x) for x in sides]
    alone = [float(pattern @ (p.mean + slow.remaining(p.change).field - END)) for p in places]
    together = [float(pattern @ (p.mean + ahead(slow, p, [q]).field - END)) for p, q in (places, places[::-1])]
    assert alone[0] < -3.0, "the map leads the one beyond the other"
    assert alone[1] > 2.0, "and back"
    assert max(map(abs, together)) < 0.85 * min(map(abs, alone))
    assert all(-3.0 < t < 2.0 for t in together), "between the sides"


def test_a_curved_velocity_is_solved_where_the_map_alone_swings():
    slow, start = _map((0.99, 0.5, 0.5)), END - 3.0 * TURN[:, 0]
    swings = [float(TURN[:, 0] @ d) for d in _alone(_curved, slow, start, 6)]
    assert (np.sign(swings) == [1, -1, 1, -1, 1, -1]).all()
    assert min(map(abs, swings)) > 2.0
    assert np.linalg.norm(_jumps(_curved, slow, start, 6)[-1]) < 0.05


@pytest.mark.parametrize("far", [1e-4, 1e4])
def test_places_that_are_too_near_or_too_far_say_nothing(far):
    slow, change = _map(), 0.1 * TURN[:, 0]
    here = Passed(np.zeros(3), change)
    other = Passed(far * TURN[:, 1], (1.0 + far) * change)
    plain, told = slow.remaining(change).field, ahead(slow, here, [other]).field
    assert np.linalg.norm(told - plain) < 0.1 * np.linalg.norm(plain)


def test_no_place_or_no_change_is_the_map_alone():
    slow = _map()
    here = Passed(np.ones(3), 0.1 * TURN[:, 0])
    plain = slow.remaining(here.change).field
    assert np.array_equal(ahead(slow, here, []).field, plain)
    assert np.array_equal(ahead(slow, here, [here]).field, plain)
    still = Passed(np.zeros(3), np.zeros(3))
    assert np.allclose(ahead(slow, still, [here]).field, 0.0)
