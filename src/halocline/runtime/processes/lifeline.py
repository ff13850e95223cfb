"""A process that works for another ends with it: the system sees to it, or it looks whether it still has its parent."""

import contextlib
import ctypes
import os
import signal
import sys
import threading
import time
from multiprocessing.connection import Connection

LOOK_S = 0.5
"""Seconds between two looks at the parent."""
_PR_SET_PDEATHSIG = 1  # linux/prctl.h


def end_with(parent: int, ear: Connection | None = None, *, main_thread: bool = False) -> None:
    """Have this process end when its parent is gone, or closes its end of a pipe.

    Ctrl-C reaches every process of a terminal, and what a scheduler sends every process of a job; only the parent acts
    on them, and ends its workers. To be called in the main thread, before the work.

    Args:
        parent: Number of the process that this one works for.
        ear: A pipe's end to read from, on which nothing is ever sent; none to look at the parent's number alone.
        main_thread: Whether the parent's main thread has started this process. Linux then ends it at once, whatever it
            does and however busy the machine is; started by another thread, it would end with that thread.
    """
    for name in ("SIGINT", "SIGUSR1"):  # Windows has no SIGUSR1
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    if main_thread and sys.platform == "linux":
        with contextlib.suppress(OSError, AttributeError):  # no C library that can be asked
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(signal.SIGKILL), 0, 0, 0)
    watch(parent, ear)  # looks at once: the parent may have gone before


def in_main_thread() -> bool:
    """Return whether this is the main thread, which lives as long as its process: see ``end_with``."""
    return threading.current_thread() is threading.main_thread()


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
