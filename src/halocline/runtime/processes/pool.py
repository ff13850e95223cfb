"""Worker processes that never outlive their run: they end with it however it ends, and hold its lock until then."""

import contextlib
import functools
import multiprocessing
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import reduction
from multiprocessing.connection import Connection
from typing import Any

from halocline.runtime.processes.lifeline import end_with, in_main_thread
from halocline.runtime.run_lock import held_locks


@contextlib.contextmanager
def worker_pool(
    jobs: int, initializer: Callable[..., None] | None = None, initargs: tuple[Any, ...] = ()
) -> Iterator[ProcessPoolExecutor]:
    """Yield a pool of ``jobs`` fresh processes; none of them is left when the block has ended.

    If the block fails, or a signal ends it, work that is under way is broken off. Work is submitted by the thread that
    runs the block: it starts the processes.

    Args:
        jobs: How many processes.
        initializer: Called in each before its first work.
        initargs: Its arguments.
    """
    context = multiprocessing.get_context("spawn")
    ear, mouth = context.Pipe(duplex=False)
    later: Any = _Later(initializer, initargs)
    told = (ear, os.getpid(), in_main_thread(), _Handles(held_locks()), later)
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=_begin, initargs=told)
    try:
        yield pool
    except BaseException:
        mouth.close()  # each worker ends at once
        raise
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        mouth.close()
        ear.close()


def _begin(
    ear: Connection,
    parent: int,
    main_thread: bool,
    locks: "_Handles",
    later: Any,
) -> None:
    end_with(parent, ear, main_thread=main_thread)
    initializer, initargs = later()
    if initializer is not None:
        initializer(*initargs)


class _Later:
    """What a new process unpacks when it listens to its parent already: the imports that it takes can last seconds."""

    def __init__(self, *content: Any) -> None:
        self._content = content

    def __reduce__(self) -> tuple[Any, ...]:
        return functools.partial, (reduction.ForkingPickler.loads, bytes(reduction.ForkingPickler.dumps(self._content)))


class _Handles:
    """Open files that a process which is told of them holds open for as long as it lives."""

    def __init__(self, handles: Sequence[int]) -> None:
        self._handles = handles

    def __reduce__(self) -> tuple[Any, ...]:
        return _received, tuple(reduction.DupFd(handle) for handle in self._handles)


def _received(*duplicates: Any) -> _Handles:
    return _Handles([each.detach() for each in duplicates])
