"""The pooled jump against linear algebra, and against maps that it must not follow."""

import numpy as np
import pytest

from halocline.runtime.errors import InputError
from halocline.spinup.jump.history import History, gaps
from halocline.spinup.jump.jump import Jump, JumpSettings
from halocline.spinup.jump.leave_one_out import leave_one_out
from halocline.spinup.jump.slow_map import SlowMapSettings, fit_slow_map

EXACT = SlowMapSettings(patterns=50, ridge=0.0, slowest=0.9999)
DIM = 5


def _normal(seed=0, values=(0.97, 0.9, 0.7, 0.4, 0.1)):
    q = np.linalg.qr(np.random.default_rng(seed).normal(size=(DIM, DIM)))[0]
    return q @ np.diag(values) @ q.T


def _sheared():
    """Eigenvalues as above and eigenvectors nearly parallel: the norm of A is far above 1."""
    return np.diag([0.97, 0.9, 0.7, 0.4, 0.1]) + np.triu(np.full((DIM, DIM), 2.0), 1)


def _runs(matrix, count=3, steps=4, seed=1, shape=(DIM,), noise=0.0):
    """Runs of one map about fixed points of their own: histories, fixed points."""
    rng = np.random.default_rng(seed)
    histories, ends = [], {}
    for k in range(count):
        end, x = 10 * rng.normal(size=DIM), 10 * rng.normal(size=DIM)
        means = [x]
        for _ in range(steps):
            means.append(end + matrix @ (means[-1] - end))
        means = [(m + noise * rng.normal(size=DIM)).reshape(shape) for m in means]
        histories.append(History(f"run {k}", means))
        ends[f"run {k}"] = end.reshape(shape)
    return histories, ends


@pytest.mark.parametrize("matrix", [_normal(), _sheared(), _normal(values=(0.95, -0.6, 0.5, 0.2, 0.0))])
def test_equilibria_cancel_and_one_jump_arrives(matrix):
    """Three runs about three fixed points teach the map; a fourth, about a fourth, is solved from one change."""
    slow = fit_slow_map(_runs(matrix)[0], EXACT)
    assert np.allclose(np.sort(np.abs(slow.eigenvalues)), np.sort(np.abs(np.linalg.eigvals(matrix))), atol=1e-6)
    (history,), ends = _runs(matrix, count=1, steps=1, seed=7)
    (change,) = history.changes
    proposal = Jump(JumpSettings(reach=1e6)).propose(slow, history.means[-1], change)
    assert proposal.kind == "jump"
    assert np.abs(proposal.state - ends["run 0"]).max() < 1e-5
    assert np.abs(history.means[-1] - ends["run 0"]).max() > 1.0, "the run itself is far away"


def test_a_rotation_that_decays_is_solved():
    turn = 0.98 * np.array([[np.cos(1.0), -np.sin(1.0)], [np.sin(1.0), np.cos(1.0)]])
    matrix = np.zeros((DIM, DIM))
    matrix[:2, :2], matrix[2:, 2:] = turn, np.diag([0.9, 0.5, 0.2])
    slow = fit_slow_map(_runs(matrix)[0], EXACT)
    (history,), ends = _runs(matrix, count=1, steps=1, seed=3)
    assert np.abs(history.means[-1] + slow.remaining(history.changes[0]).field - ends["run 0"]).max() < 1e-5


def test_fields_of_any_shape_are_carried_along_with_what_is_seen():
    """The norm sees two sums; what it cannot see moves with the patterns as it did in the runs."""
    matrix = np.diag([0.9, 0.5])
    mix = np.array([[1.0, 0.0], [0.0, 1.0], [2.0, -3.0]])  # a third number that follows from the two

    def run(end, x, name):
        means = [x]
        for _ in range(4):
            means.append(end + matrix @ (means[-1] - end))
        return History(name, [(mix @ m).reshape(3, 1) for m in means]), (mix @ end).reshape(3, 1)

    one, _ = run(np.array([1.0, 2.0]), np.array([5.0, -4.0]), "a")
    two, end = run(np.array([-3.0, 0.5]), np.array([9.0, 1.0]), "b")
    slow = fit_slow_map([one], EXACT, see=lambda f: np.ravel(f)[:2] * [1.0, 0.3])
    assert slow.fields.shape == (2, 3, 1)
    assert np.abs(two.means[1] + slow.remaining(two.changes[0]).field - end).max() < 1e-9


def test_the_gap_between_two_runs_of_one_fixed_point_teaches_the_slowest_mode():
    """Two means of a slow mode drown in their noise as a change, and stand out of it as a gap."""
    rng, end, noise = np.random.default_rng(2), np.array([1.0, -1.0]), 0.01
    runs = []
    for name, start in (("a", np.array([-8.0, 3.0])), ("b", np.array([9.0, -2.0]))):
        means = [end + np.array([0.99, 0.5]) ** k * (start - end) + noise * rng.normal(size=2) for k in range(12)]
        runs.append(History(name, means))
    settings = SlowMapSettings(patterns=2, ridge=0.0, slowest=0.9999)
    with_gaps, without = (abs(fit_slow_map(runs, settings, gaps=g).eigenvalues[0] - 0.99) for g in ([gaps(*runs)], []))
    assert with_gaps < 0.002 < 0.004 < without, (with_gaps, without)
    assert fit_slow_map([], settings, gaps=[gaps(*runs)]).eigenvalues[0] == pytest.approx(0.99, abs=0.002)


def test_growing_modes_are_refused_and_decaying_ones_beside_them_are_not():
    matrix = np.diag([1.05, 0.9, 0.7, 0.4, 0.1])
    slow = fit_slow_map(_runs(matrix)[0], EXACT)
    (history,), ends = _runs(matrix, count=1, steps=1, seed=5)
    after = history.means[-1] + slow.remaining(history.changes[0]).field
    assert np.abs(after - ends["run 0"])[1:].max() < 1e-6
    assert after[0] == pytest.approx(history.means[-1][0], abs=1e-6), "no step along the mode that grows"
    alone = np.eye(DIM)[0]
    told = slow.remaining(alone)
    assert np.abs(told.field).max() < 1e-6
    assert told.unseen == pytest.approx(1.0)


def test_modes_beyond_the_cap_are_taken_to_decay_at_it():
    matrix = np.diag([0.999, 0.9, 0.7, 0.4, 0.1])
    slow = fit_slow_map(_runs(matrix)[0], SlowMapSettings(patterns=5, ridge=0.0, slowest=0.98))
    step = slow.remaining(np.eye(DIM)[0]).field
    assert step[0] == pytest.approx(0.98 / 0.02, rel=1e-4), "49 changes, not 999"
    assert slow.remaining(np.eye(DIM)[1]).field[1] == pytest.approx(9.0, rel=1e-4), "others are not touched"


def test_no_jump_is_longer_than_the_reach():
    slow = fit_slow_map(_runs(_normal())[0], EXACT)
    mean, change = np.zeros(DIM), np.ones(DIM)
    far = Jump(JumpSettings(reach=2.0)).propose(slow, mean, change)
    assert far.kind == "shortened"
    assert np.linalg.norm(far.state) == pytest.approx(2.0 * np.linalg.norm(change))
    whole = Jump(JumpSettings(reach=1e9)).propose(slow, mean, change)
    assert np.allclose(far.state / np.linalg.norm(far.state), whole.state / np.linalg.norm(whole.state))


def test_a_change_that_grows_is_no_ground_to_jump_from():
    slow, jump = fit_slow_map(_runs(_normal())[0], EXACT), Jump(JumpSettings(growth=2.0))
    assert jump.propose(slow, np.zeros(DIM), 0.1 * np.ones(DIM)).kind != "fallen back"
    back = jump.propose(slow, np.full(DIM, 3.0), np.ones(DIM))
    assert back.kind == "fallen back"
    assert np.array_equal(back.state, np.full(DIM, 3.0))
    assert jump.propose(slow, np.zeros(DIM), 0.9 * np.ones(DIM)).kind != "fallen back", "it begins again"


def test_the_ridge_makes_jumps_shorter():
    histories, _ = _runs(_normal())
    change = histories[0].changes[-1]
    steps = [
        np.linalg.norm(fit_slow_map(histories, SlowMapSettings(50, ridge, 0.9999)).remaining(change).field)
        for ridge in (0.0, 1e-3, 1e-1, 1e6)
    ]
    assert steps == sorted(steps, reverse=True)
    assert steps[-1] < 1e-3 * np.linalg.norm(change)


def test_histories_that_teach_nothing_are_refused():
    short = [History("a", [np.zeros(2), np.ones(2)]), History("b", [np.ones(2)])]
    with pytest.raises(InputError, match="three consecutive means"):
        fit_slow_map(short, EXACT)
    with pytest.raises(InputError, match="none with three"):
        fit_slow_map([], EXACT)
    still = History("c", [np.ones(2)] * 4)
    with pytest.raises(InputError, match="three consecutive means"):
        fit_slow_map([still], EXACT)


def _fit(histories):
    return fit_slow_map(histories, EXACT)


def test_left_out_runs_are_solved_by_the_others_and_the_gain_is_told_for_each():
    histories, ends = _runs(_normal(), count=4)
    gains = leave_one_out(histories, ends, _fit, reach=1e6)
    assert [(g.run, g.step) for g in gains] == [(f"run {k}", n) for k in range(4) for n in (1, 2, 3, 4)]
    assert min(g.removed for g in gains) > 0.999
    other, far = _runs(_normal(seed=9), count=1, seed=11)  # of another map: the others teach it nothing
    rows = [*histories, History("other", other[0].means)]
    wrong = leave_one_out(rows, {"other": far["run 0"]}, _fit, reach=1e6)
    assert {g.run for g in wrong} == {"other"}
    assert min(g.removed for g in wrong) < 0.9


def test_what_is_left_out_is_not_fitted():
    """The run's own changes would solve it; the others' rates are wrong for it, and the gain shows it."""
    (slow,), end = _runs(0.95 * np.eye(DIM), count=1)
    fast, _ = _runs(0.5 * np.eye(DIM), count=3, seed=4)
    histories = [History("slow", slow.means), *fast]
    gains = leave_one_out(histories, {"slow": end["run 0"]}, _fit, reach=1e6)
    assert max(g.removed for g in gains) < 0.1
    pairs = [History("a/one", slow.means), History("a/two", slow.means), History("b/one", fast[0].means)]
    ends = {"a/one": end["run 0"], "a/two": end["run 0"]}
    assert leave_one_out(pairs, ends, _fit, reach=1e6)[0].removed > 0.999, "its twin teaches it"
    together = leave_one_out(pairs, ends, _fit, reach=1e6, group=lambda run: run[0])
    assert max(g.removed for g in together) < 0.1


def test_stretches_of_one_run_are_counted_through():
    histories, ends = _runs(_normal(), count=2)
    cut = [History("run 0", histories[0].means[:2]), History("run 0", histories[0].means[2:]), histories[1]]
    assert [g.step for g in leave_one_out(cut, {"run 0": ends["run 0"]}, _fit, reach=1e6)] == [1, 3, 4]


def test_one_run_cannot_be_left_out():
    histories, ends = _runs(_normal(), count=1)
    with pytest.raises(InputError, match="at least two"):
        leave_one_out(histories, ends, _fit, reach=10.0)
