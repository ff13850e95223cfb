"""What a task's end or restart counts is looked at: a lost state, a cut series, a damaged end are made again."""

import json

import numpy as np
import pytest

from halocline.worlds.dino.forcing import ForcingPlan
from halocline.worlds.dino.job import Leg, ModelTask, TaskFolder
from halocline.worlds.dino.parameters import ForcingParameters
from halocline.worlds.dino.presets import preset
from halocline.worlds.dino.schedule import diagnosed_days, sampled_days
from halocline.worlds.dino.seen import looked_at

DINO = ForcingParameters()
LEGS = (Leg("frozen", 0.25), Leg("synchronous", 0.5, diagnose_days=0.25), Leg("accelerated", 20, 8, 10))


def test_the_days_are_those_of_a_run(tmp_path):
    """As Veros's process keeps them, see test_dino_runs.py."""
    task = ModelTask("t", str(tmp_path), ForcingPlan(0, -1, DINO, DINO, 0), LEGS)
    assert diagnosed_days(task, preset("R8")) == [0.25, 0.5, 0.75, 0.75, 10.75, 20.75]
    assert sampled_days(task, preset("R8")) == [0.75, 8.75, 16.75]


def finished(path, reached=np.inf):
    """A task that is done, or has a restart of day 10.75 of its third leg."""
    task = ModelTask("t", str(path), ForcingPlan(0, -1, DINO, DINO, 0), LEGS, keep_end=True)
    folder = TaskFolder(path)
    folder.samples.mkdir(parents=True)
    for day in sampled_days(task, preset("R8")):
        if day <= reached:
            np.savez(folder.sample(day), thetao=np.arange(5.0))
    lines = [json.dumps({"day": day}) + "\n" for day in diagnosed_days(task, preset("R8")) if day <= reached]
    folder.series.write_text("".join(lines))
    if reached < np.inf:
        np.savez(folder.restart, **{"cursor:leg": 2, "cursor:step": 10, "field:temp": np.zeros(3)})
    else:
        np.savez(folder.end, **{"state:thetao": np.zeros(3)})
        folder.done.write_text(json.dumps({"days": task.days, "cpu_seconds": 1.0}))
    return task, folder


def cut(path, by=20):
    path.write_bytes(path.read_bytes()[:-by])


DAMAGE = {
    "nothing": lambda folder: None,
    "a state": lambda folder: folder.sample(8.75).unlink(),
    "half a state": lambda folder: cut(folder.sample(0.75)),
    "a line": lambda folder: folder.series.write_text("".join(folder.series.read_text().splitlines(True)[1:])),
    "half a line": lambda folder: cut(folder.series, 5),
    "the series": lambda folder: folder.series.unlink(),
    "half the end": lambda folder: cut(folder.end if folder.end.exists() else folder.restart, 300),
}


@pytest.mark.parametrize("damage", DAMAGE)
@pytest.mark.parametrize("reached", [np.inf, 10.75])
def test_what_is_missing_makes_a_task_run_anew(tmp_path, damage, reached):
    task, folder = finished(tmp_path / "t", reached)
    DAMAGE[damage](folder)
    found = looked_at(task, "R8")
    sound = damage == "nothing" or (damage == "half a line" and reached < np.inf)  # that day comes again
    assert found.has_begun == sound
    assert len(found.read_series()) <= 6


def test_a_restart_beside_an_end_is_removed(tmp_path):
    """A kill came between the end and the tidying up."""
    task, folder = finished(tmp_path / "t")
    folder.restart.write_bytes(b"")
    assert looked_at(task, "R8").finished
    assert not folder.restart.exists()


def test_a_damaged_clock_makes_a_task_run_anew_and_one_without_a_restart_goes(tmp_path):
    task, folder = finished(tmp_path / "t", 10.75)
    folder.note_clock(3.5)
    assert looked_at(task, "R8").clock_seconds() == 3.5
    folder.clock.write_bytes(folder.clock.read_bytes().replace(b"3.5", b"4.5"))
    assert not looked_at(task, "R8").has_begun
    assert not folder.clock.exists()
    folder.note_clock(1.0)  # a kill came before its restart
    looked_at(task, "R8")
    assert not folder.clock.exists()


def test_a_task_that_has_not_begun_is_left_alone(tmp_path):
    task, folder = finished(tmp_path / "t")
    folder.done.unlink()
    assert not looked_at(task, "R8").has_begun
    assert folder.sample(0.75).exists()
