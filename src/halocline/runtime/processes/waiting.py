"""Waiting for what other processes and threads do, in a way that signals end.

A signal that comes in the instant before the main thread begins to wait is acted on when the wait is over: a wait
without end would outlast it. So nothing here waits for longer than a second at a time.
"""

import contextlib
import subprocess
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, wait
from typing import TypeVar

T = TypeVar("T")
AT_A_TIME_S = 1.0


def as_they_end(futures: "Iterable[Future[T]]") -> "Iterator[Future[T]]":
    """Yield futures in the order in which they end."""
    left = set(futures)
    while left:
        done, left = wait(left, timeout=AT_A_TIME_S, return_when=FIRST_COMPLETED)
        yield from done


def wait_for(process: "subprocess.Popen[str]") -> int:
    """Return the exit status of a process once it has ended."""
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(AT_A_TIME_S)
