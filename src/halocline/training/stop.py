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
        number: The signal.
    """

    def __init__(self, folder: Path, number: int = signal.SIGINT) -> None:
        self.folder, self.status = folder, 128 + number
        super().__init__(f"Stopped; the checkpoint is in {folder}. The same command with --resume continues.")


@contextlib.contextmanager
def graceful_stop() -> Iterator[Callable[[], int]]:
    """Yield a function that tells by which signal a stop was asked for, 0 if none; a second signal stops at once."""
    asked = 0

    def handle(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        if asked:
            raise KeyboardInterrupt
        asked = number

    if threading.current_thread() is not threading.main_thread():
        yield lambda: 0
        return
    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield lambda: asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
