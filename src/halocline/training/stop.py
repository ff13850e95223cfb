"""Ctrl-C, SIGTERM and SIGUSR1 finish the step at hand and write a checkpoint."""

import contextlib
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

_PATIENCE = 2.0
"""Seconds within which a second Ctrl-C is the same one: torchrun hands on what the terminal has sent already."""


class StopRequested(Exception):
    """The user stopped a run; nothing is lost.

    Args:
        folder: Where the checkpoint lies.
        number: The signal.
    """

    def __init__(self, folder: Path, number: int = signal.SIGINT) -> None:
        self.folder, self.status = folder, 128 + number
        super().__init__(f"Stopped; the checkpoint is in {folder}. The same command with --resume continues.")


@contextlib.contextmanager
def graceful_stop() -> Iterator[Callable[[], int]]:
    """Yield a function that tells by which signal a stop was asked for, 0 if none; a second Ctrl-C stops at once.

    SIGTERM and SIGUSR1 are what schedulers send before a job's time is over, some of them more than once.
    """
    asked, since = 0, 0.0

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal asked, since
        now = time.monotonic()
        if number == signal.SIGINT and asked and now - since > _PATIENCE:
            raise KeyboardInterrupt
        if not asked:
            asked, since = number, now

    if threading.current_thread() is not threading.main_thread():
        yield lambda: 0
        return
    names = ("SIGINT", "SIGTERM", "SIGUSR1")  # Windows has no SIGUSR1
    before = {n: signal.signal(n, handle) for n in (getattr(signal, name, None) for name in names) if n is not None}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
