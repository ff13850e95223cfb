"""Runs: killed and continued bit-identically, independent of jobs, honest about what is there already."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from halocline.data.store.statistics import verify_store
from halocline.data.store.store import open_store
from halocline.runtime.errors import ConfigError, InputError, OutputError
from halocline.runtime.seals.zarr_group import change_attributes
from halocline.worlds.arctic import run
from halocline.worlds.arctic.member import final_restart, restart_folder
from halocline.worlds.arctic.model import ArcticModel
from halocline.worlds.arctic.run import simulate
from tests.half_sealed import leave_half_sealed

PROGRAM = """
import sys
from pathlib import Path
from halocline.worlds.arctic import member
member.RESTART_EVERY = 40
from halocline.worlds.arctic import run
run.YEAR_HOURS = 24 * 40
run.simulate(Path(sys.argv[1]), years=1, members=2, spinup_years=1, interval_hours=24, seed=5, quiet=True)
"""
SETTINGS = {"years": 1, "members": 2, "spinup_years": 1, "interval_hours": 24, "seed": 5, "quiet": True}


@pytest.fixture(autouse=True, scope="module")
def short_year():
    """A year of 40 days, so that the tests take seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "YEAR_HOURS", 24 * 40)
        yield


@pytest.fixture(scope="module")
def straight(short_year, tmp_path_factory):
    """One short year of two members, in one process, never interrupted."""
    return simulate(tmp_path_factory.mktemp("runs") / "straight.zarr", **SETTINGS)


def contents(path):
    store = open_store(path)
    return np.stack([[store.read(m, k) for k in range(len(store.hours))] for m in range(store.members)])


def launch(path):
    return subprocess.Popen([sys.executable, "-c", PROGRAM, str(path)], start_new_session=True)


def test_killed_at_several_points_and_continued_is_bit_identical(straight, tmp_path):
    path = tmp_path / "killed.zarr"
    restarts = restart_folder(path)
    kills = (
        lambda: path.exists(),  # the store is there, no restart yet
        lambda: (restarts / "member-0.safetensors").exists(),
        lambda: (restarts / "member-1.safetensors").exists(),
    )
    for ready in kills:
        process = launch(path)
        deadline = time.monotonic() + 400
        while not ready() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.002)
        time.sleep(0.05)  # into the next stretch, between two restarts
        assert process.poll() is None, "the run ended before it could be killed"
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        assert not open_store(path, require_complete=False).attributes["complete"]
    assert launch(path).wait() == 0
    np.testing.assert_array_equal(contents(path), contents(straight))
    assert open_store(path).fingerprint == open_store(straight).fingerprint


def test_members_do_not_depend_on_jobs(straight, tmp_path):
    both = simulate(tmp_path / "both.zarr", **SETTINGS, jobs=2)
    assert open_store(both).fingerprint == open_store(straight).fingerprint
    for member in (0, 1):
        assert final_restart(both, member).read_bytes() == final_restart(straight, member).read_bytes()


def test_members_differ(straight):
    first, second = contents(straight)[:, 20]
    assert np.abs(first - second)[8:10].max() > 1.0


def test_complete_store_is_left_alone(straight, capsys, monkeypatch):
    before = open_store(straight).fingerprint
    monkeypatch.setattr(run, "_run_members", interrupt)
    simulate(straight, **{**SETTINGS, "quiet": False})
    assert "complete already" in capsys.readouterr().out
    assert open_store(straight).fingerprint == before


def test_a_kill_at_the_very_end_leaves_the_seal_of_an_undisturbed_run(straight, tmp_path):
    copy = Path(shutil.copytree(straight, tmp_path / "copy.zarr"))
    leave_half_sealed(copy)
    assert (copy / "seal" / "zarr.json").read_bytes() != (straight / "seal" / "zarr.json").read_bytes()
    simulate(copy, **SETTINGS)
    assert (copy / "seal" / "zarr.json").read_bytes() == (straight / "seal" / "zarr.json").read_bytes()


def test_other_settings_are_refused(straight):
    with pytest.raises(OutputError, match="seed = 5"):
        simulate(straight, **{**SETTINGS, "seed": 6})


def test_foreign_folder_is_refused(tmp_path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(OutputError, match="no store of states"):
        simulate(tmp_path / "photos", years=1, quiet=True)


def test_end_states_are_kept_and_extend_a_run(straight, tmp_path):
    for member in (0, 1):
        assert final_restart(straight, member).exists()
    longer = simulate(
        tmp_path / "longer.zarr", years=1, interval_hours=24, seed=9, start=final_restart(straight, 1), quiet=True
    )
    last, first = open_store(straight).read(1, 39), open_store(longer).read(0, 0)
    ice = last[1] > 0.5
    assert np.corrcoef(last[0][ice], first[0][ice])[0, 1] > 0.995  # a day apart


@pytest.mark.parametrize(
    ("setting", "match"),
    [
        ({"resolution_km": 12}, "resolution"),
        ({"rheology": "bbn"}, "Did you mean 'bbm'"),
        ({"interval_hours": 7}, "interval-hours"),
        ({"years": 0}, "years"),
        ({"members": 0}, "members"),
        ({"jobs": 0}, "jobs"),
        ({"spinup_years": -1}, "spinup-years"),
        ({"warming": float("nan")}, "warming"),
        ({"physics": {"dynamics.air_drg": 1e-3}}, "Did you mean 'dynamics.air_drag'"),
        ({"physics": {"dynamics.air_drag": -1e-3}}, "not negative"),
        ({"physics": {"dynamics.mevp_iterations": 0.5}}, "a number like 120"),
        ({"physics": {"thermodynamics.freezing": 270.0}}, "thermodynamics.freezing"),
    ],
)
def test_settings_out_of_range(setting, match, tmp_path):
    with pytest.raises(ConfigError, match=match):
        simulate(tmp_path / "a.zarr", **setting)
    assert not list(tmp_path.iterdir())


def test_a_failed_member_in_a_process_is_reported_and_blocks_no_corrected_start(straight, tmp_path):
    other, start = tmp_path / "b.zarr", tmp_path / "start.safetensors"
    shutil.copyfile(final_restart(straight, 0), start)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "_run_members", interrupt)
        with pytest.raises(KeyboardInterrupt):
            simulate(other, **SETTINGS, start=start)
    assert other.exists()
    start.unlink()
    with pytest.raises(InputError, match=r"start\.safetensors"):
        simulate(other, **SETTINGS, start=start, jobs=2)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("complete", "damage"), [(True, "lost"), (False, "cut")])
def test_what_is_counted_is_looked_at_and_what_is_bad_is_made_again(straight, tmp_path, complete, damage):
    """A sample behind a restart, also behind the end's, and in a store that calls itself complete."""
    copy = tmp_path / "copy.zarr"
    for path, to in ((straight, copy), (restart_folder(straight), restart_folder(copy))):
        shutil.copytree(path, to)
    change_attributes(copy, {"complete": complete})
    chunk = copy.joinpath("states", "c", "1", "7", "0", "0", "0")
    chunk.unlink() if damage == "lost" else chunk.write_bytes(chunk.read_bytes()[:-9])
    before = final_restart(copy, 0).stat().st_mtime_ns
    simulate(copy, **SETTINGS)
    assert open_store(copy).attributes["complete"]
    assert verify_store(copy)
    np.testing.assert_array_equal(contents(copy), contents(straight))
    assert final_restart(copy, 0).stat().st_mtime_ns == before, "the sound member was left alone"


def test_a_restart_that_cannot_be_read_is_made_again(straight, tmp_path):
    copy = tmp_path / "copy.zarr"
    for path, to in ((straight, copy), (restart_folder(straight), restart_folder(copy))):
        shutil.copytree(path, to)
    change_attributes(copy, {"complete": False})
    final_restart(copy, 1).write_bytes(b"no restart")
    latest = restart_folder(copy) / "member-0.safetensors"
    shutil.copyfile(final_restart(copy, 0), latest)  # a kill came between the end and the tidying up
    simulate(copy, **SETTINGS)
    assert not latest.exists()
    assert final_restart(copy, 1).read_bytes() == final_restart(straight, 1).read_bytes()


def interrupt(*_):
    raise KeyboardInterrupt


def test_restarts_of_another_run_are_not_taken_up(tmp_path):
    restart_folder(tmp_path / "c.zarr").mkdir()
    with pytest.raises(OutputError, match="restarts"):
        simulate(tmp_path / "c.zarr", **SETTINGS)
    assert not (tmp_path / "c.zarr").exists()


def test_constants_of_a_run_can_be_changed_and_stand_in_its_provenance(straight, tmp_path):
    """More drag, faster ice; also in a run that goes on from a restart; the store of other constants does not go on."""
    one = {**SETTINGS, "members": 1, "spinup_years": 0}
    plain = simulate(tmp_path / "plain.zarr", **one)
    windy = {"dynamics.air_drag": 3e-3}
    path = simulate(tmp_path / "windy.zarr", **one, physics=windy)
    speed = [np.hypot(*np.moveaxis(contents(p)[0, 5:, 3:5], 1, 0)).mean() for p in (plain, path)]
    assert speed[1] > 1.2 * speed[0]
    assert open_store(path).attributes["provenance"]["physics"] == windy
    assert "physics" not in open_store(plain).attributes["provenance"]
    with pytest.raises(OutputError, match="physics"):
        simulate(path, **one)


def test_a_killed_run_goes_on_with_its_own_constants(tmp_path, monkeypatch):
    monkeypatch.setattr("halocline.worlds.arctic.member.RESTART_EVERY", 40)
    one = {**SETTINGS, "members": 1, "spinup_years": 0, "physics": {"thermodynamics.lead_closing": 0.9}}
    whole = simulate(tmp_path / "whole.zarr", **one)
    kept = ArcticModel.advance

    def advance(self):
        if self.step == 100:
            raise KeyboardInterrupt
        kept(self)

    with monkeypatch.context() as patch:
        patch.setattr(ArcticModel, "advance", advance)
        with pytest.raises(KeyboardInterrupt):
            simulate(tmp_path / "cut.zarr", **one)
    assert open_store(simulate(tmp_path / "cut.zarr", **one)).fingerprint == open_store(whole).fingerprint
