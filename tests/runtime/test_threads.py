"""OpenMP's threads wait as we choose, where the user has not chosen; OpenMP itself is asked what it read."""

import os
import re
import subprocess
import sys

import pytest

from halocline.runtime import threads
from halocline.runtime.threads import CHOICES, SPINS, choose_waiting, cores_taken

linux = pytest.mark.skipif(sys.platform != "linux", reason="GNU OpenMP is what PyTorch brings on Linux")
CODE = """
import sys
import halocline
assert "torch" not in sys.modules
import torch
torch.ones(1 << 20).exp().sum()
"""


def read_by_openmp(**settings):
    """Return what GNU OpenMP says it read in a process that imports halocline, then torch."""
    env = {name: value for name, value in os.environ.items() if name not in CHOICES}
    env |= {"OMP_DISPLAY_ENV": "VERBOSE"} | settings
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    return dict(re.findall(r"(\w+) = '(.*)'", done.stderr))


@pytest.fixture
def before_torch(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(4)), raising=False)
    monkeypatch.setattr(threads, "cores_taken", lambda: 0.0)


@pytest.mark.parametrize("name", CHOICES)
def test_a_user_who_has_chosen_keeps_the_choice(before_torch, name):
    environ = {name: "3"}
    choose_waiting(environ)
    assert environ == {name: "3"}


@pytest.mark.parametrize(("taken", "spins"), [(0.0, SPINS), (1.8, SPINS), (2.0, 0), (9.0, 0)])
def test_threads_sleep_at_once_where_half_the_cores_are_taken(before_torch, monkeypatch, taken, spins):
    monkeypatch.setattr(threads, "cores_taken", lambda: taken)
    environ = {}
    choose_waiting(environ)
    assert environ == {"GOMP_SPINCOUNT": str(spins)}


def test_nothing_is_set_too_late_or_on_another_system(before_torch, monkeypatch):
    environ = {}
    monkeypatch.setitem(sys.modules, "torch", object())
    choose_waiting(environ)
    monkeypatch.delitem(sys.modules, "torch")
    monkeypatch.setattr(sys, "platform", "darwin")
    choose_waiting(environ)
    assert environ == {}


def test_others_are_counted_without_us(tmp_path):
    load = tmp_path / "loadavg"
    load.write_text("2.76 4.50 3.19 4/116 16361\n")
    assert cores_taken(source=load) == 3.0
    load.write_text("2.76 4.50 3.19 0/0 0\n")
    assert cores_taken(source=load) == 0.0
    load.write_text("strange\n")
    assert cores_taken(source=load) == 0.0
    assert cores_taken(source=tmp_path / "absent") == 0.0


@linux
def test_busy_loops_are_seen():
    loops = [
        subprocess.Popen([sys.executable, "-c", "print(1, flush=True)\nwhile True: pass"], stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    try:
        for loop in loops:
            loop.stdout.readline()
        assert any(cores_taken() >= 2.0 for _ in range(100))
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@linux
def test_openmp_reads_the_choice_before_its_threads_start():
    assert read_by_openmp()["GOMP_SPINCOUNT"] in {"0", str(SPINS)}


@linux
def test_openmp_reads_the_users_choice():
    assert read_by_openmp(GOMP_SPINCOUNT="77")["GOMP_SPINCOUNT"] == "77"
    found = read_by_openmp(OMP_WAIT_POLICY="ACTIVE")
    assert found["OMP_WAIT_POLICY"] == "ACTIVE"
    assert int(found["GOMP_SPINCOUNT"]) > SPINS
