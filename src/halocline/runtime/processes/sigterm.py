"""SIGTERM ends a command as Ctrl-C does: workers are ended, what is half written is removed."""

import contextlib
import signal
import sys
from collections.abc import Iterator
from types import FrameType


@contextlib.contextmanager
def orderly_sigterm() -> Iterator[None]:
    """Have SIGTERM raise SystemExit with status 143 while the block runs; a second one ends the process at once."""

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(number, signal.SIG_DFL)
        sys.exit(128 + number)

    before = signal.signal(signal.SIGTERM, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
