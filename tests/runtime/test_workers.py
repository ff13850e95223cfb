"""Worker processes end with their run, however it ends, and the run's place is kept until the last has gone."""

import ctypes
import importlib
import os
import signal
import subprocess
import sys
import threading
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

def write(path, go):
    with open(path, "a") as file:
        while True:
            file.write(f"{os.getpid()}\\n")
            file.flush()
            time.sleep(0.02)

def deaf(path, go):
    with open(path, "a") as file:
        file.write(f"{os.getpid()}\\n")
    ctypes.PyDLL(None).sleep(600)  # no thread of this process runs meanwhile

def outlive(path, go):
    ctypes.CDLL(None).prctl(1, 0, 0, 0, 0)  # not even the system ends it
    os._exit = lambda status: None
    with open(path, "a") as file:
        file.write(f"{os.getpid()}\\n")
    while not os.path.exists(go):
        time.sleep(0.02)
    os.kill(os.getpid(), 9)

if __name__ == "__main__":
    with orderly_signals(), only_run(sys.argv[1]), worker_pool(2) as pool:
        for k in range(2):
            pool.submit(globals()[sys.argv[2]], f"{sys.argv[1]}.{k}", f"{sys.argv[1]}.go")
        time.sleep(600)
"""
LIMIT_S = 120
"""Of what takes a second or two, for machines that are busy with other work."""


@pytest.fixture
def run(request, tmp_path):
    """A run at work with two workers, and their processes; the parameter is what the workers do."""
    what = getattr(request, "param", "write")
    program = tmp_path / "program.py"
    program.write_text(RUN)
    command = [sys.executable, str(program), str(tmp_path / "X"), what]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    files = [tmp_path / f"X.{k}" for k in range(2)]
    until = time.monotonic() + LIMIT_S
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
    return state not in "ZX"


def wait_until_gone(pids):
    until = time.monotonic() + LIMIT_S
    while any(map(lives, pids)):
        assert time.monotonic() < until
        time.sleep(0.01)


def death_signal():
    """Return the signal that the system sends this process when its parent ends; 0 for none."""
    number = ctypes.c_int()
    ctypes.CDLL(None).prctl(2, ctypes.byref(number), 0, 0, 0)  # PR_GET_PDEATHSIG
    return number.value


linux = pytest.mark.skipif(sys.platform != "linux", reason="looks for processes in /proc")


@linux
@pytest.mark.parametrize(
    ("number", "codes"), [(signal.SIGKILL, {-9}), (signal.SIGTERM, {143}), (signal.SIGINT, {-2, 130})]
)
def test_workers_end_with_their_run(run, number, codes):
    process, workers = run
    os.kill(process.pid, number)
    assert process.wait(LIMIT_S) in codes
    wait_until_gone(workers)


@linux
@pytest.mark.parametrize("run", ["deaf"], indirect=True)
def test_workers_end_with_their_run_whatever_they_do(run):
    process, workers = run
    process.kill()
    process.wait()
    wait_until_gone(workers)


@linux
def test_a_new_worker_imports_the_work_when_it_listens_already(tmp_path, monkeypatch):
    """What it is to do may take seconds to import; a parent that dies meanwhile takes it along."""
    (tmp_path / "slow_work.py").write_text(
        "import ctypes\nnumber = ctypes.c_int()\nctypes.CDLL(None).prctl(2, ctypes.byref(number), 0, 0, 0)\n"
        "def begin(): pass\ndef seen(): return number.value\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    slow_work = importlib.import_module("slow_work")
    with worker_pool(1, slow_work.begin) as pool:
        assert pool.submit(slow_work.seen).result() == signal.SIGKILL


@linux
def test_the_system_ends_the_workers_of_a_main_thread_alone():
    """It would end those of another thread together with that thread."""
    found = []

    def ask():
        with worker_pool(1) as pool:
            found.append(pool.submit(death_signal).result())

    ask()
    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert found == [signal.SIGKILL, 0]


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
    assert subprocess.run([sys.executable, "-c", code], timeout=LIMIT_S, check=False).returncode == 128 + number


@linux
@pytest.mark.parametrize("run", ["outlive"], indirect=True)
def test_the_next_run_waits_for_the_workers_of_a_killed_one(run, tmp_path, monkeypatch):
    """A worker that outlives its parent, against all precautions, still holds the place."""
    monkeypatch.setattr("halocline.runtime.disk.lock_file.PATIENCE_S", LIMIT_S)
    process, workers = run
    process.kill()
    process.wait()
    assert all(map(lives, workers))
    threading.Timer(0.3, (tmp_path / "X.go").touch).start()
    with only_run(tmp_path / "X"):
        assert (tmp_path / "X.go").exists()
        wait_until_gone(workers)


@linux
@pytest.mark.parametrize("run", ["outlive"], indirect=True)
def test_workers_that_do_not_end_are_not_waited_for_for_ever(run, tmp_path, monkeypatch):
    monkeypatch.setattr("halocline.runtime.disk.lock_file.PATIENCE_S", 0.5)
    process, _ = run
    process.kill()
    process.wait()
    with pytest.raises(OutputError, match="another run"), only_run(tmp_path / "X"):
        pytest.fail("two at once")


@linux
def test_the_next_run_waits_for_the_other_ranks_of_a_killed_one(tmp_path, monkeypatch):
    monkeypatch.setattr("halocline.runtime.disk.lock_file.PATIENCE_S", LIMIT_S)
    code = (
        "import sys, time; from pathlib import Path; from halocline.runtime.run_lock import beside_first_rank\n"
        "with beside_first_rank(Path(sys.argv[1])):\n"
        "    print('here', flush=True); time.sleep(0.5); Path(sys.argv[1] + '.left').touch()\n"
    )
    rank = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "X")], stdout=subprocess.PIPE, text=True)
    assert rank.stdout.readline() == "here\n"
    with only_run(tmp_path / "X"):
        assert (tmp_path / "X.left").exists()
    rank.wait()
    assert not list(tmp_path.glob(".X*"))


def test_work_that_is_under_way_is_broken_off_when_the_block_fails():
    def fail():
        with worker_pool(1) as pool:
            pool.submit(time.sleep, 10 * LIMIT_S)
            raise ZeroDivisionError

    began = time.monotonic()
    with pytest.raises(ZeroDivisionError):
        fail()
    assert time.monotonic() - began < LIMIT_S
