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
import os, sys, time
from halocline.runtime.processes.pool import worker_pool
from halocline.runtime.processes.sigterm import orderly_sigterm
from halocline.runtime.run_lock import only_run

def write(path, forever):
    with open(path, "a") as file:
        while True:
            file.write(f"{os.getpid()}\\n")
            file.flush()
            time.sleep(0.02)

if __name__ == "__main__":
    with orderly_sigterm(), only_run(sys.argv[1]), worker_pool(2) as pool:
        for k in range(2):
            pool.submit(write, f"{sys.argv[1]}.{k}", True)
        time.sleep(60)
"""


@pytest.fixture
def run(tmp_path):
    """A run at work with two workers, and their processes."""
    program = tmp_path / "program.py"
    program.write_text(RUN)
    process = subprocess.Popen([sys.executable, str(program), str(tmp_path / "X")], stderr=subprocess.PIPE, text=True)
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


@linux
def test_the_next_run_waits_for_the_workers_of_a_killed_one(run, tmp_path):
    """A worker that is stopped cannot see that its parent has gone; it still holds the place."""
    process, workers = run
    os.kill(workers[0], signal.SIGSTOP)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    began = time.monotonic()
    watcher = subprocess.Popen([sys.executable, "-c", f"import os, time; time.sleep(1.5); os.kill({workers[0]}, 18)"])
    with only_run(tmp_path / "X"):
        assert time.monotonic() - began > 1.0
        assert not any(map(lives, workers))
    watcher.wait()


@linux
def test_workers_that_do_not_end_are_not_waited_for_for_ever(run, tmp_path, monkeypatch):
    monkeypatch.setattr("halocline.runtime.disk.lock_file.PATIENCE_S", 0.5)
    process, workers = run
    os.kill(workers[0], signal.SIGSTOP)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    with pytest.raises(OutputError, match="another run"), only_run(tmp_path / "X"):
        pytest.fail("two at once")


def test_work_that_is_under_way_is_broken_off_when_the_block_fails():
    began = time.monotonic()
    with pytest.raises(ZeroDivisionError), worker_pool(1) as pool:
        pool.submit(time.sleep, 60)
        assert pool.submit(int, 1) is not None
        1 / 0  # noqa: B018
    assert time.monotonic() - began < 30
