"""A process that works for another ends with it: it listens to its parent, and looks whether it still has the same."""

import contextlib
import os
import signal
import threading
import time
from multiprocessing.connection import Connection

LOOK_S = 0.5
"""Seconds between two looks at the parent."""


def end_with(parent: int, ear: Connection | None = None) -> None:
    """Have this process end when its parent is gone, or closes its end of a pipe.

    Ctrl-C reaches every process of a terminal, and what a scheduler sends every process of a job; only the parent acts
    on them, and ends its workers. To be called in the
    main thread, before the work.

    Args:
        parent: Number of the process that this one works for.
        ear: A pipe's end to read from, on which nothing is ever sent; none to look at the parent's number alone.
    """
    for name in ("SIGINT", "SIGUSR1"):  # Windows has no SIGUSR1
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    watch(parent, ear)


def watch(parent: int, ear: Connection | None = None) -> None:
    """Do as ``end_with``, but leave signals as they are."""
    threading.Thread(target=_watch, args=(parent, ear), name="lifeline", daemon=True).start()


def _watch(parent: int, ear: Connection | None) -> None:
    while os.getppid() == parent:
        if ear is None:
            time.sleep(LOOK_S)
            continue
        with contextlib.suppress(OSError):
            if not ear.poll(LOOK_S):
                continue
        break
    os._exit(1)  # at once: what is half written is hidden, and cleared by the next run
