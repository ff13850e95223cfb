"""One run at a time: a second one is refused with the first one's number, and a killed one keeps nobody out."""

import errno
import fcntl
import os
import signal
import subprocess
import sys
import threading

import pytest

from halocline.runtime.errors import OutputError
from halocline.runtime.run_lock import alone, only_run

HOLD = """
import sys, time
from halocline.runtime.run_lock import only_run
with only_run(sys.argv[1]):
    print("here", flush=True)
    time.sleep(60)
"""


def hold(out):
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(out)], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "here\n"
    return process


def test_a_second_run_is_refused_and_a_killed_one_frees_the_place(tmp_path):
    out = tmp_path / "deep" / "X.zarr"
    process = hold(out)
    try:
        with pytest.raises(OutputError, match=f"process {process.pid}"), only_run(out):
            pytest.fail("two runs at once")
        with only_run(out.with_name("Y.zarr")):
            pass
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    with only_run(out):
        pass
    assert not list(out.parent.iterdir())


def test_the_place_is_free_after_an_error(tmp_path):
    for _ in range(2):
        with pytest.raises(ZeroDivisionError), only_run(tmp_path / "X"):
            1 / 0  # noqa: B018
    assert not list(tmp_path.iterdir())


def test_never_two_at_a_time(tmp_path):
    """Runs that come and go, and remove the locked file as they go, never meet."""
    inside, met, refused = [], [], []

    @alone
    def run(number, out):
        inside.append(number)
        met.append(len(inside))
        inside.remove(number)

    def several(number):
        for _ in range(200):
            try:
                run(number, out=tmp_path / "X")
            except OutputError:
                refused.append(number)

    threads = [threading.Thread(target=several, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(met) == {1}
    assert len(met) + len(refused) == 800
    assert not list(tmp_path.iterdir())


def test_a_decorated_function_keeps_its_name_and_finds_out_by_position(tmp_path):
    @alone
    def run(out, more=0):
        return out.name, more

    assert run(tmp_path / "X", 2) == ("X", 2)
    assert run.__name__ == "run"


@pytest.mark.parametrize("code", [errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK])
def test_without_locks_of_the_file_system_the_file_itself_keeps_others_out(tmp_path, monkeypatch, code):
    def unsupported(handle, operation):
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", unsupported)
    out, met = tmp_path / "X.zarr", []

    def another():
        try:
            with only_run(out):
                met.append("two runs at once")
        except OutputError as error:
            met.append(str(error))

    with only_run(out):
        thread = threading.Thread(target=another)
        thread.start()
        thread.join()
    assert f"process {os.getpid()}" in met[0]
    with only_run(out):
        pass
    assert not list(tmp_path.iterdir())
