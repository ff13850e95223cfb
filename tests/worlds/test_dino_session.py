"""A Veros process that is kept: several tasks, states put into a run, a process that dies."""

import subprocess

import numpy as np
import pytest

from halocline.runtime.errors import HaloclineError
from halocline.worlds.dino.forcing import ForcingPlan
from halocline.worlds.dino.job import Leg, ModelTask
from halocline.worlds.dino.parameters import ForcingParameters
from halocline.worlds.dino.session import Session

pytest.importorskip("veros")

DINO = ForcingParameters()
CALM = ForcingPlan(0, -1, DINO, DINO, 0)


def _task(folder, start=None, replace=None):
    return ModelTask(folder.name, str(folder), CALM, (Leg("accelerated", 5, 0, 5),), start, True, replace)


def test_one_process_runs_tasks_that_follow_from_each_other(tmp_path):
    heard = []
    with Session("R8", tmp_path / "jobs", lambda name, day: heard.append((name, day))) as session:
        first = session.run(_task(tmp_path / "first"))
        process = session._process().pid
        thetao, so = first.end_state()
        np.savez(tmp_path / "warmer.npz", thetao=thetao + 0.5, so=so)
        second = session.run(_task(tmp_path / "second", str(first.end), str(tmp_path / "warmer.npz")))
        assert session._process().pid == process, "compiled once"
        assert session.start_seconds > 0 < second.cpu_seconds()
        before, after = first.read_series()[-1], second.read_series()[0]
        assert after["thetao_mean"] == pytest.approx(before["thetao_mean"] + 0.5, abs=1e-9)
        assert after["acc"] == before["acc"] != 0.0, "the velocities stay"
        assert heard[-1] == ("second", 5.0)

        subprocess.run(["kill", "-9", str(process)], check=True)
        with pytest.raises(HaloclineError, match=r"SIGKILL(.|\n)*same command"):
            session.run(_task(tmp_path / "third"))
        assert session.run(_task(tmp_path / "third")).done.exists(), "a new process takes over"
    assert session._popen is None
    with Session("R8", tmp_path / "jobs") as session:
        assert session.run(_task(tmp_path / "second")).done.exists()
        assert session._popen is None, "what is finished starts no process"
