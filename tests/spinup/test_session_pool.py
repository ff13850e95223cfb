"""Ctrl-C ends the sessions of a pool at once: their threads do not wait for what the model is doing."""

import os
import signal
import threading
import time

import pytest

from halocline.runtime.processes import signals
from halocline.runtime.processes.signals import orderly_signals
from halocline.spinup import session_pool

LIMIT_S = 120


class Endless:
    """A session whose model runs until somebody ends it; the second one that runs sends this process a signal."""

    number, both = signal.SIGTERM, threading.Barrier(2)

    def __init__(self, preset, folder):
        self._ended = threading.Event()

    def run(self, task):
        if self.both.wait() == 0:
            os.kill(os.getpid(), self.number)
        self._ended.wait(LIMIT_S)
        raise RuntimeError("ended from outside")

    def close(self):
        self._ended.set()


@pytest.mark.parametrize(("number", "error"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, SystemExit)])
def test_a_signal_ends_all_sessions(tmp_path, monkeypatch, number, error):
    monkeypatch.setattr(session_pool, "Session", Endless)
    monkeypatch.setattr(Endless, "number", number)
    monkeypatch.setattr(Endless, "both", threading.Barrier(2))
    monkeypatch.setattr(signals, "GRACE_S", 2 * LIMIT_S)  # the process that would end by force is this one

    def work(unit):
        with pool.session() as session:
            session.run(unit)

    pool = session_pool.SessionPool("R8", tmp_path, 2)
    began = time.monotonic()
    with orderly_signals(), pool, pytest.raises(error):
        pool.map(work, range(4))
    assert time.monotonic() - began < LIMIT_S
