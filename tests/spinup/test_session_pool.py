"""Ctrl-C ends the sessions of a pool at once: their threads do not wait for what the model is doing."""

import os
import signal
import threading
import time

import pytest

from halocline.runtime.processes.signals import orderly_signals
from halocline.spinup import session_pool


class Endless:
    """A session whose model runs until somebody ends it."""

    def __init__(self, preset, folder):
        self._ended = threading.Event()

    def run(self, task):
        self._ended.wait(60)
        raise RuntimeError("ended from outside")

    def close(self):
        self._ended.set()


@pytest.mark.parametrize(("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_a_signal_ends_all_sessions(tmp_path, monkeypatch, number, error):
    monkeypatch.setattr(session_pool, "Session", Endless)

    def work(unit):
        with pool.session() as session:
            session.run(unit)

    pool = session_pool.SessionPool("R8", tmp_path, 2)
    timer = threading.Timer(0.3, os.kill, (os.getpid(), number))
    began = time.monotonic()
    timer.start()
    with orderly_signals(), pool, pytest.raises(error):
        pool.map(work, range(4))
    assert time.monotonic() - began < 5.0
