"""Ctrl-C and SIGTERM finish the step at hand and write a checkpoint."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType


class StopRequested(Exception):
    """The user stopped a run; nothing is lost.

    Args:
        folder: Where the checkpoint lies.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        super().__init__(f"Stopped; the checkpoint is in {folder}. The same command with --resume continues.")


@contextlib.contextmanager
def graceful_stop() -> Iterator[Callable[[], bool]]:
    """Yield a function that tells whether a stop was asked for; a second signal stops at once."""
    asked = False

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = True

    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
