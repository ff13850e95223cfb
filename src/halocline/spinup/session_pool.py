"""A pool of persistent Veros processes."""

import contextlib
import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import TypeVar

from halocline.runtime.processes.waiting import as_they_end
from halocline.worlds.dino.session import Session

_Work = TypeVar("_Work")
_Result = TypeVar("_Result")


class SessionPool(contextlib.AbstractContextManager["SessionPool"]):
    """Keeps ``jobs`` sessions; a context manager that ends them.

    Args:
        preset: Name of the grid.
        folder: Where their job files and logs lie.
        jobs: How many.
    """

    def __init__(self, preset: str, folder: Path, jobs: int) -> None:
        self._sessions = [Session(preset, folder / str(number)) for number in range(jobs)]
        self._free: queue.SimpleQueue[Session] = queue.SimpleQueue()
        for session in self._sessions:
            self._free.put(session)
        self._stopped = threading.Event()

    def __exit__(self, *error: object) -> None:
        self._end()

    @property
    def start_seconds(self) -> float:
        """CPU seconds of set-up and compiling so far."""
        return sum(session.start_seconds for session in self._sessions)

    def map(self, do: Callable[[_Work], _Result], work: Sequence[_Work]) -> list[_Result]:
        """Do all the work, ``jobs`` at a time; what fails is raised when the others are done."""
        with ThreadPoolExecutor(len(self._sessions)) as pool:
            try:
                futures = [pool.submit(copy_context().run, do, unit) for unit in work]  # a context knows its locks
                for _ in as_they_end(futures):
                    pass
                return [future.result() for future in futures]
            except Exception:
                raise
            except BaseException:  # Ctrl-C, SIGTERM
                pool.shutdown(wait=False, cancel_futures=True)
                self._end()
                raise

    def _end(self) -> None:
        self._stopped.set()
        for session in self._sessions:
            session.close()

    @contextlib.contextmanager
    def session(self) -> Iterator[Session]:
        """Lend a session."""
        if self._stopped.is_set():
            raise KeyboardInterrupt
        session = self._free.get()
        try:
            yield session
        finally:
            self._free.put(session)
