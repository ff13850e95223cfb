"""Courses: blocks, sharing, kills, extrapolations that break the model; the model is a toy that relaxes."""

import numpy as np
import pytest

from halocline.runtime.errors import OutputError
from halocline.spinup.accelerate import AndersonBetweenBlocks
from halocline.spinup.admissible import admissible
from halocline.spinup.anderson import Anderson, AndersonSettings
from halocline.spinup.run import InitialState, SpinupRun, adjustment
from halocline.worlds.dino.parameters import ForcingParameters
from tests.spinup.test_criterion import METRIC
from tests.spinup.toy_veros import GRID, ToySession, cold, equilibrium

FORCING = ForcingParameters(warming=1.0)
END = equilibrium(FORCING)


def _anderson():
    return AndersonBetweenBlocks(Anderson(AndersonSettings(memory=3, ridge=0.0, reach=1e3), METRIC.slow))


def _accelerated(folder, plain, **options):
    return SpinupRun(folder, FORCING, InitialState(), plain=plain, accelerate=_anderson, **options)


def _far(run):
    return METRIC.rms(run.blocks[-1].output - END)["thetao"]


def test_a_plain_course_is_the_model_s_own_run(tmp_path):
    run, session = SpinupRun(tmp_path / "cold", FORCING, InitialState()), ToySession()
    for _ in range(3):
        assert run.extend(session)
    deep = run.blocks[2].states[-1, :, 7] - END[:, 7]
    assert np.allclose(deep, 0.96**30 * (cold() - END)[:, 7], atol=1e-5)
    assert run.years == 30.0
    assert sum(block.cpu_seconds for block in run.blocks) == pytest.approx(30.0)
    assert [b.began for b in run.blocks] == ["start", "plain", "plain"]
    assert [line["day"] for line in run.blocks[1].series] == [360.0 * n for n in range(1, 11)]
    assert not (tmp_path / "cold" / "run-002" / "samples").exists(), "states are kept once"


def test_anderson_arrives_where_the_plain_course_has_hardly_moved(tmp_path):
    plain, session = SpinupRun(tmp_path / "cold", FORCING, InitialState()), ToySession()
    run = _accelerated(tmp_path / "anderson", plain)
    for _ in range(6):
        assert run.extend(session)
        assert len(plain.blocks) >= 6 or plain.extend(session)
    assert [b.began for b in run.blocks][:3] == ["start", "plain", "mixed"]
    assert len(plain.blocks) == 6
    assert run.blocks[1] is not plain.blocks[2]
    assert len({task.folder for task in session.tasks}) == 10, "two blocks are shared"
    assert _far(plain) > 0.2 > 0.001 > _far(run), "two rates are slow: five blocks"


def test_a_course_that_was_stopped_continues_to_the_bit(tmp_path):
    whole = _accelerated(tmp_path / "a", SpinupRun(tmp_path / "twin", FORCING, InitialState()))
    session = ToySession()
    for _ in range(5):
        whole.extend(session)
    killed = ToySession(die_after=3)
    cut = _accelerated(tmp_path / "b", SpinupRun(tmp_path / "twin-b", FORCING, InitialState()))
    for _ in range(3):
        cut.extend(killed)
    with pytest.raises(KeyboardInterrupt):
        cut.extend(killed)
    again = _accelerated(tmp_path / "b", SpinupRun(tmp_path / "twin-b", FORCING, InitialState()))
    assert len(again.blocks) == 3
    session = ToySession()
    while len(again.blocks) < 5:
        again.extend(session)
    assert len(session.tasks) == 2
    assert np.array_equal(whole.blocks[-1].states, again.blocks[-1].states)


def test_what_a_kill_left_undone_after_a_block_is_done(tmp_path):
    run, session = SpinupRun(tmp_path / "cold", FORCING, InitialState()), ToySession()
    for _ in range(5):
        assert run.extend(session)
    there = sorted(tmp_path.rglob("*"))
    for left in ("run-003", "run-004/samples"):
        (tmp_path / "cold" / left).mkdir()
    assert len(SpinupRun(tmp_path / "cold", FORCING, InitialState()).blocks) == 5
    assert sorted(tmp_path.rglob("*")) == there


def test_a_state_first_adjusts_to_the_model_and_to_the_first_of_january(tmp_path):
    start = InitialState(END + 0.5, day=300.0)
    run = SpinupRun(tmp_path / "state", FORCING, start)
    run.extend(ToySession())
    assert run.years == pytest.approx(10 + (30 + 60) / 360)
    legs = adjustment(300)
    assert [(leg.mode, leg.days) for leg in legs] == [("frozen", 30), ("synchronous", 10), ("accelerated", 50)]
    assert adjustment(350)[-1].mode == "synchronous"
    assert len(run.blocks[0].states) == 10
    with pytest.raises(OutputError, match="another state"):
        SpinupRun(tmp_path / "state", FORCING, InitialState(END + 0.4, day=300.0))


def test_an_extrapolation_that_breaks_the_model_is_undone_and_paid_for(tmp_path):
    run = _accelerated(
        tmp_path / "a", SpinupRun(tmp_path / "twin", FORCING, InitialState()), repair=lambda state: state + 50.0
    )
    session = ToySession()
    for _ in range(3):
        assert run.extend(session)
    assert run.blocks[2].began == "crashed"
    assert run.blocks[2].years == 10.5
    assert run.blocks[2].cpu_seconds == 12.0
    assert run.crash is None
    again = _accelerated(tmp_path / "a", SpinupRun(tmp_path / "twin", FORCING, InitialState()))
    assert again._proposal.kind == run._proposal.kind == "plain", "the memory begins again"


def test_a_start_that_breaks_the_model_is_the_end(tmp_path):
    run = SpinupRun(tmp_path / "wild", FORCING, InitialState(END + 100.0))
    assert not run.extend(ToySession())
    assert "180" in run.crash
    assert not run.extend(ToySession())


def test_what_is_extrapolated_becomes_plausible_and_stable():
    state = END.copy()
    state[0, 5] += 8.0  # warm under cold
    state[1, 0] -= 40.0
    before = np.where(GRID.wet, state, np.nan)
    after = admissible(state, GRID)
    assert after[1][GRID.wet].min() > 5.0 - 1e-9
    assert (after[:, ~GRID.wet] == 0).all()
    calm = before[1, 0] > 5
    heat = (GRID.thickness * (after[0] - np.nan_to_num(before[0]))).sum(axis=0)
    assert np.abs(heat[calm]).max(initial=0.0) < 1e-6
    assert np.array_equal(admissible(END, GRID), END), "a good state is left alone"
