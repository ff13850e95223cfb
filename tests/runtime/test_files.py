"""Files appear whole or not at all."""

import errno
import os
import subprocess
import sys
import time

import pytest

from halocline.runtime import files
from halocline.runtime.errors import OutputError


def test_write_bytes_replaces_whole(tmp_path):
    file = tmp_path / "a"
    files.write_bytes(file, b"one")
    files.write_bytes(file, b"two")
    assert file.read_bytes() == b"two"
    assert os.listdir(tmp_path) == ["a"]


def test_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    file = tmp_path / "a"
    files.write_bytes(file, b"old")

    def full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OutputError, match="disk is full"):
        files.write_bytes(file, b"new" * 1000)
    assert file.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["a"]


def test_new_path_refuses_what_exists(tmp_path):
    (tmp_path / "a").write_text("mine")
    with pytest.raises(OutputError, match="exists already"), files.new_path(tmp_path / "a"):
        pytest.fail("the block must not run")
    assert (tmp_path / "a").read_text() == "mine"


def test_new_path_leaves_nothing_after_an_error(tmp_path):
    def write_half():
        with files.new_path(tmp_path / "folder") as hidden:
            hidden.mkdir()
            (hidden / "part").write_text("half")
            raise ValueError

    with pytest.raises(ValueError):
        write_half()
    assert os.listdir(tmp_path) == []


def test_no_permission_is_explained(tmp_path, monkeypatch):
    def denied(*args, **kwargs):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", denied)
    with pytest.raises(OutputError, match="no permission"):
        files.write_bytes(tmp_path / "a", b"x")


def test_no_partial_file_is_visible_through_kills(tmp_path):
    """A process that rewrites one file for ever is killed ten times; the file is always one of the whole versions."""
    code = (
        "import sys; from pathlib import Path; from halocline.runtime import files\n"
        "n = 0\n"
        "while True:\n"
        "    n += 1; files.write_bytes(Path(sys.argv[1]), bytes([n % 256]) * 200_000)\n"
        "    if n == 1: print('here', flush=True)\n"
    )
    file = tmp_path / "a"
    for trial in range(10):
        process = subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE, text=True)
        assert process.stdout.readline() == "here\n"
        time.sleep(0.003 * trial)
        process.kill()
        process.wait()
        content = file.read_bytes()
        assert len(content) == 200_000
        assert len(set(content)) == 1
