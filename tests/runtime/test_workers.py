"""Worker processes end with their run, however it ends, and the run's place is kept until the last has gone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from halocline.runtime.errors import OutputError
from halocline.runtime.processes.pool import worker_pool
from halocline.runtime.run_lock import only_run

RUN = """
import ctypes, os, sys, time
from halocline.runtime.processes.pool import worker_pool
from halocline.runtime.processes.signals import orderly_signals
from halocline.runtime.run_lock import only_run

def write(path, deaf):
    with open(path, "a") as file:
        while True:
            file.write(f"{os.getpid()}\\n")
            file.flush()
            ctypes.PyDLL(None).sleep(deaf)  # no thread of this process runs meanwhile
            time.sleep(0.02)

if __name__ == "__main__":
    with orderly_signals(), only_run(sys.argv[1]), worker_pool(2) as pool:
        for k in range(2):
            pool.submit(write, f"{sys.argv[1]}.{k}", int(sys.argv[2]))
        time.sleep(60)
"""


@pytest.fixture
def run(request, tmp_path):
    """A run at work with two workers, and their processes; the workers are deaf for some seconds at a time."""
    deaf = getattr(request, "param", 0)
    program = tmp_path / "program.py"
    program.write_text(RUN)
    command = [sys.executable, str(program), str(tmp_path / "X"), str(deaf)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    files = [tmp_path / f"X.{k}" for k in range(2)]
    until = time.monotonic() + 60
    while not all(file.exists() and file.stat().st_size for file in files) and time.monotonic() < until:
        time.sleep(0.01)
    workers = [int(file.read_text().split()[0]) for file in files]
    yield process, workers
    for pid in (process.pid, *workers):
        if lives(pid):
            os.kill(pid, signal.SIGKILL)
    process.wait()


def lives(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def seconds_until_gone(pids):
    began = time.monotonic()
    while any(map(lives, pids)):
        assert time.monotonic() - began < 10
        time.sleep(0.01)
    return time.monotonic() - began


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@linux
@pytest.mark.parametrize(("number", "code"), [(signal.SIGKILL, -9), (signal.SIGTERM, 143), (signal.SIGINT, -2)])
def test_workers_end_with_their_run(run, number, code):
    process, workers = run
    os.kill(process.pid, number)
    assert process.wait(10) == code
    assert seconds_until_gone(workers) < 2.0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_that_a_library_swallows_still_ends_the_process(number):
    code = (
        "import os, time; from halocline.runtime.processes import signals\n"
        "signals.GRACE_S = 0.3\n"
        "with signals.orderly_signals():\n"
        "    try:\n"
        f"        os.kill(os.getpid(), {int(number)}); time.sleep(60)\n"
        "    except BaseException: pass\n"
        "    time.sleep(60)\n"
    )
    assert subprocess.run([sys.executable, "-c", code], timeout=50, check=False).returncode == 128 + number


@linux
@pytest.mark.parametrize("run", [2], indirect=True)
def test_the_next_run_waits_for_the_workers_of_a_killed_one(run, tmp_path):
    """A worker that cannot see that its parent has gone still holds the place."""
    process, workers = run
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert any(map(lives, workers))
    with only_run(tmp_path / "X"):
        assert not any(map(lives, workers))


@linux
@pytest.mark.parametrize("run", [5], indirect=True)
def test_workers_that_do_not_end_are_not_waited_for_for_ever(run, tmp_path, monkeypatch):
    monkeypatch.setattr("halocline.runtime.disk.lock_file.PATIENCE_S", 0.5)
    process, _ = run
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with pytest.raises(OutputError, match="another run"), only_run(tmp_path / "X"):
        pytest.fail("two at once")


@linux
def test_the_next_run_waits_for_the_other_ranks_of_a_killed_one(tmp_path):
    code = (
        "import sys, time; from pathlib import Path; from halocline.runtime.run_lock import beside_first_rank\n"
        "with beside_first_rank(Path(sys.argv[1])):\n"
        "    print('here', flush=True); time.sleep(1)\n"
    )
    rank = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "X")], stdout=subprocess.PIPE, text=True)
    assert rank.stdout.readline() == "here\n"
    began = time.monotonic()
    with only_run(tmp_path / "X"):
        assert time.monotonic() - began > 0.5
    rank.wait()
    assert not list(tmp_path.glob(".X*"))


def test_work_that_is_under_way_is_broken_off_when_the_block_fails():
    def fail():
        with worker_pool(1) as pool:
            pool.submit(time.sleep, 60)
            raise ZeroDivisionError

    began = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        fail()
    assert time.monotonic() - began < 30
