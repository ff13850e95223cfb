"""What a kill leaves is cleared; a name that was taken meanwhile is not taken over; what is removed goes at once."""

import os
import signal
import subprocess
import sys
import time

import pytest

from halocline.runtime import files
from halocline.runtime.disk import naming
from halocline.runtime.disk.clean_start import clean_start
from halocline.runtime.disk.leftovers import clear_inside
from halocline.runtime.errors import OutputError
from halocline.runtime.overwrite import replacing
from halocline.runtime.run_lock import only_run

FILL = """
import sys, time
from pathlib import Path
from halocline.runtime import files
with files.new_folder(Path(sys.argv[1])) as folder:
    files.write_text(folder / "part", "half")
    print("here", flush=True)
    time.sleep(60)
"""


def killed_while_filling(path):
    process = subprocess.Popen([sys.executable, "-c", FILL, str(path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "here\n"
    process.kill()
    process.wait()


def test_the_next_run_clears_what_a_killed_one_has_left(tmp_path):
    killed_while_filling(tmp_path / "X")
    assert len(os.listdir(tmp_path)) == 2, "a hidden folder and the lock"
    with files.new_folder(tmp_path / "X"):
        pass
    assert os.listdir(tmp_path) == ["X"]


def test_only_what_is_hidden_by_us_and_zarrs_half_chunks_are_cleared(tmp_path):
    left = [".a.json.x1_y2z3w.tmp", "c/0/0.0123456789abcdef0123456789abcdef.partial", ".r.npy.01ab23cd.tmp.npy"]
    kept = ["a.json", "c/0/0", ".hidden", "mine.partial", "notes.tmp", ".a.new.zarr"]
    for name in left + kept:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / ".folder.0123abcd.tmp").mkdir()
    clear_inside(tmp_path)
    assert sorted(str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()) == sorted(kept)
    assert not (tmp_path / ".folder.0123abcd.tmp").exists()


@pytest.mark.parametrize("folder", [False, True])
@pytest.mark.parametrize("links", [True, False])
def test_what_came_between_the_last_look_and_the_name_stays(tmp_path, monkeypatch, folder, links):
    """The look is made blind: whoever comes after it must not lose anything."""
    out = tmp_path / "out"
    monkeypatch.setattr(naming, "require_absent", lambda path: None if links or not out.exists() else _taken(path))
    if not links:
        monkeypatch.setattr(os, "link", lambda *names: _no_links())

    def fill(path, words):
        if folder:
            path.mkdir()
        (path / "part" if folder else path).write_text(words)

    def make():
        with files.new_path(out) as hidden:
            fill(hidden, "ours")
            fill(out, "theirs")

    with pytest.raises((OutputError, OSError)):
        make()
    assert (out / "part" if folder else out).read_text() == "theirs"
    assert os.listdir(tmp_path) == ["out"]


def _taken(path):
    raise OutputError(str(path), found="it exists already", expected="", remedy="")


def _no_links():
    raise OSError(1, "Operation not permitted")


def test_a_folder_that_is_removed_is_never_half_there(tmp_path, monkeypatch):
    whole = tmp_path / "whole"
    whole.mkdir()
    (whole / "part").write_text("part")
    monkeypatch.setattr("shutil.rmtree", lambda path: pytest.fail("killed") if path == whole else None)
    files.remove(whole)
    assert not whole.exists()
    monkeypatch.undo()
    with only_run(whole):
        pass
    assert not os.listdir(tmp_path)


@pytest.mark.parametrize("moment", ["before", "between", "after"])
def test_a_replacement_that_was_killed_is_brought_to_its_end(tmp_path, moment):
    out, new, old = tmp_path / "M", tmp_path / ".M.new", tmp_path / ".M.old"
    there = {"before": (out, new), "between": (old, new), "after": (out, old)}[moment]
    for path in there:
        path.mkdir()
        (path / "card.json").write_text("new" if path == new or (moment == "after" and path == out) else "old")
    with replacing(out, "a model", overwrite=moment == "before") as target:
        assert (out / "card.json").read_text() == ("old" if moment == "before" else "new")
        assert target == (new if moment == "before" else out)
    assert not old.exists()


def test_a_failing_start_leaves_nothing_and_a_stop_leaves_what_there_is(tmp_path):
    def start(error, gained):
        (tmp_path / "work").mkdir()
        with pytest.raises(error), clean_start(lambda: gained, tmp_path / "work"):
            raise error
        there = (tmp_path / "work").exists()
        files.remove(tmp_path / "work")
        return there

    assert not start(ValueError, False)
    assert start(ValueError, True)
    assert start(KeyboardInterrupt, False)
    assert start(SystemExit, False)


def test_generate_and_score_keep_another_run_out(tmp_path, monkeypatch):
    """What the commands lock is the output itself, from their first look on; a run that lives is not waited for."""
    monkeypatch.setattr("halocline.runtime.disk.lock_file.PATIENCE_S", 600.0)
    code = (
        "import sys, time; from pathlib import Path; from halocline.runtime.overwrite import replacing\n"
        "with replacing(Path(sys.argv[1]), 'a file of states', overwrite=False):\n"
        "    print('here', flush=True); time.sleep(600)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "s.nc")], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "here\n"
        began = time.monotonic()
        with pytest.raises(OutputError, match=f"process {process.pid}"), files.new_path(tmp_path / "s.nc"):
            pytest.fail("two at once")
        assert time.monotonic() - began < 300
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
