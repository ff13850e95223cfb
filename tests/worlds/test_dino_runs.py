"""Runs of the DINO world: tasks that are killed, ensembles in a store, what goes wrong."""

import importlib.util
import json
import os

import numpy as np
import pytest
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.data.store.store import open_store
from halocline.runtime.errors import HaloclineError, InputError, OutputError
from halocline.worlds.dino.forcing import ForcingPlan
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.job import Job, Leg, ModelTask, TaskFolder
from halocline.worlds.dino.parameters import NAMES, ForcingParameters
from halocline.worlds.dino.plan import runs_folder
from halocline.worlds.dino.presets import preset
from halocline.worlds.dino.run import simulate
from tests.worlds.dying_veros import killed_at_its_first_word

os.environ.setdefault("VEROS_LOGLEVEL", "error")
os.environ.setdefault("VEROS_DISKLESS_MODE", "1")
needs_veros = pytest.mark.skipif(importlib.util.find_spec("veros") is None, reason="Veros is not installed")

DINO = ForcingParameters()
GEOMETRY = make_geometry(preset("R8"))
SMALL = {"preset": "R8", "members": 4, "start_years": 1, "branch_years": 1, "years": 1, "jobs": 2, "quiet": True}


class _Killed(Exception):
    pass


def _task(folder, **changes):
    settings = {
        "name": "t",
        "folder": str(folder),
        "forcing": ForcingPlan(0, 1, DINO, ForcingParameters(warming=2.0), 30),
        "legs": (Leg("frozen", 0.25), Leg("synchronous", 0.5, diagnose_days=0.25), Leg("accelerated", 20, 8, 10)),
        "keep_end": True,
    }
    return ModelTask(**(settings | changes))


def _runner(words, restart_steps=1800, die_at=None):
    from halocline.worlds.dino.veros.runner import Runner
    from halocline.worlds.dino.veros.setup import use_dino_equation_of_state

    def say(word):
        words.append(word)
        if die_at is not None and word["day"] >= die_at:
            raise _Killed

    use_dino_equation_of_state()
    return Runner(GEOMETRY, say, restart_steps)


@needs_veros
def test_a_killed_task_continues_to_the_bit(tmp_path):
    whole, cut = TaskFolder(tmp_path / "whole"), TaskFolder(tmp_path / "cut")
    _runner([]).run(_task(whole.path))
    with pytest.raises(_Killed):
        _runner([], restart_steps=5, die_at=12.0).run(_task(cut.path))
    assert cut.restart.exists()
    assert not cut.done.exists()
    before = cut.clock_seconds()
    assert before > 0
    words = []
    _runner(words, restart_steps=5).run(_task(cut.path))
    assert words[0]["day"] > 9.0, "it did not begin again"
    assert cut.cpu_seconds() > before
    assert not cut.restart.exists()
    assert not cut.clock.exists()
    for a, b in zip(sorted(whole.samples.iterdir()), sorted(cut.samples.iterdir()), strict=True):
        assert a.read_bytes() == b.read_bytes()
    assert whole.read_series() == cut.read_series()
    with np.load(whole.end) as first, np.load(cut.end) as second:
        assert all(np.array_equal(first[k], second[k], equal_nan=True) for k in first.files)
    assert [line["day"] for line in whole.read_series()] == [0.25, 0.5, 0.75, 0.75, 10.75, 20.75]
    assert len(list(whole.samples.iterdir())) == 3


@needs_veros
def test_restarts_of_one_run_are_equal_to_the_byte_and_those_of_older_versions_go_on(tmp_path):
    folders = [TaskFolder(tmp_path / name) for name in ("a", "b")]
    for folder, steps in zip(folders, (5, 10), strict=True):
        with pytest.raises(_Killed):
            _runner([], restart_steps=steps, die_at=12.0).run(_task(folder.path))
    assert folders[0].restart.read_bytes() == folders[1].restart.read_bytes()
    old = folders[0]
    old.clock.unlink()
    with np.load(old.restart) as file:
        np.savez(old.restart, **{**file, "cursor:cpu_ms": np.asarray(77_000)})
    _runner([], restart_steps=5).run(_task(old.path))
    assert 77 < old.cpu_seconds() < 177


@needs_veros
def test_a_run_from_a_state_starts_with_that_state_and_nothing_else(tmp_path):
    state = tmp_path / "state.npz"
    rng = np.random.default_rng(0)
    thetao = 5 + rng.random(GEOMETRY.wet.shape)
    np.savez(state, thetao=thetao, so=np.full(GEOMETRY.wet.shape, 35.0))
    task = _task(tmp_path / "t", start=str(state), legs=(Leg("synchronous", 1 / 24, 1, 1),))
    _runner([]).run(task)
    with np.load(TaskFolder(task.folder).sample(0.0)) as sample:
        assert np.allclose(sample["thetao"][GEOMETRY.wet], thetao[GEOMETRY.wet], atol=1e-6)
        assert not sample["zos"].any()
    assert TaskFolder(task.folder).read_series()[0]["kinetic_energy"] == 0.0


@needs_veros
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_a_model_that_blows_up_is_recorded_and_the_next_task_runs(tmp_path):
    state = tmp_path / "wild.npz"
    rng = np.random.default_rng(0)
    np.savez(state, thetao=30 * rng.random(GEOMETRY.wet.shape), so=30 + 10 * rng.random(GEOMETRY.wet.shape))
    runner = _runner([])
    runner.run(_task(tmp_path / "wild", start=str(state), legs=(Leg("accelerated", 300, diagnose_days=5),)))
    runner.run(_task(tmp_path / "calm", legs=(Leg("accelerated", 2),)))
    assert json.loads(TaskFolder(tmp_path / "wild").crash.read_text())["day"] <= 300
    assert TaskFolder(tmp_path / "calm").done.exists()


def test_jobs_survive_their_file(tmp_path):
    job = Job("R8", (_task(tmp_path / "a"), _task(tmp_path / "b", start="x.npz")), "numpy")
    job.write(tmp_path / "job.json")
    assert Job.read(tmp_path / "job.json") == job


@pytest.fixture(scope="module")
def ensemble_store(tmp_path_factory):
    if importlib.util.find_spec("veros") is None:
        pytest.skip("Veros is not installed")
    return simulate(tmp_path_factory.mktemp("dino") / "d.zarr", **SMALL)


def test_an_ensemble_is_a_store_with_its_parameters(ensemble_store, tmp_path):
    store = open_store(ensemble_store)
    assert store.channels[0] == "thetao_00"
    assert store.channels[-1] == "zos"
    assert list(store.parameters) == list(NAMES)
    assert store.roles == ("train", "validation", "interior", "end")
    assert {tuple(p) for p in store.attributes["splits"]["test"]} == {(2, 0), (3, 0)}
    assert store.day_of_year(1) == 73.0
    state = store.read(0, 2)
    wet = store.grid.wet
    assert -3 < state[:8][wet].min() < state[:8][wet].max() < 35
    area = store.grid.area[store.grid.mask]
    assert abs((state[-1][store.grid.mask] * area).sum() / area.sum()) < 1e-4, "the lid's pressure has mean zero"
    assert not runs_folder(ensemble_store).exists()
    assert simulate(ensemble_store, **SMALL) == ensemble_store, "complete: nothing to do"
    with pytest.raises(OutputError, match="seed"):
        simulate(ensemble_store, **(SMALL | {"seed": 1}))


@pytest.mark.slow
def test_killed_processes_are_named_and_the_same_command_continues(ensemble_store, tmp_path):
    out = tmp_path / "d.zarr"
    with killed_at_its_first_word("job-1.json"), pytest.raises(HaloclineError, match=r"SIGKILL(.|\n)*same command"):
        simulate(out, **SMALL)
    begun, others = (TaskFolder(runs_folder(out) / f"member-{member:03d}") for member in (1, 0))
    assert begun.samples.exists()
    assert not begun.done.exists()
    assert others.done.exists()
    simulate(out, **SMALL)
    assert open_store(out).fingerprint == open_store(ensemble_store).fingerprint


def test_without_veros_the_command_says_how_to_get_it(tmp_path, monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "veros" else real(name, *a))
    with pytest.raises(InputError, match="halocline\\[dino\\]"):
        simulate(tmp_path / "d.zarr", **SMALL)
    assert not (tmp_path / "d.zarr").exists()
    result = CliRunner().invoke(app, ["simulate", "dino", "--out", str(tmp_path / "e.zarr"), "--preset", "R8"])
    assert result.exit_code != 0


@pytest.mark.parametrize(
    ("change", "word"), [({"years": 0}, "years"), ({"members": 3}, "members"), ({"jobs": 0}, "jobs")]
)
def test_arguments_out_of_range_are_refused(tmp_path, change, word):
    with pytest.raises(HaloclineError, match=word):
        simulate(tmp_path / "d.zarr", **(SMALL | change))
