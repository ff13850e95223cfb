"""SIGTERM and Ctrl-C end a command: workers end, what is half written is removed, and it takes seconds at most."""

import contextlib
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType

GRACE_S = 5.0
"""Until a process ends by force; an exception that a library swallows would end nothing."""


@contextlib.contextmanager
def orderly_signals() -> Iterator[None]:
    """Have SIGTERM raise SystemExit with status 143, and SIGINT KeyboardInterrupt, while the block runs.

    A block that lives ``GRACE_S`` seconds later ends by force, and a second signal ends it at once.
    """
    timers: list[threading.Timer] = []

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        timers.append(end_by_force(128 + number))
        if number == signal.SIGINT:
            raise KeyboardInterrupt
        sys.exit(128 + number)

    before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for number, handler in before.items():
            signal.signal(number, handler)


def end_by_force(status: int) -> threading.Timer:
    """Have this process end with ``status`` in ``GRACE_S`` seconds, whatever it then waits for, unless cancelled."""
    force = threading.Timer(GRACE_S, os._exit, (status,))
    force.daemon = True
    force.start()
    return force
