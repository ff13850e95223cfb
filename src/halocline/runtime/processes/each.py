"""Independent pieces of work: done here one by one, in processes of this machine, or by a dask cluster."""

import contextlib
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError, Executor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from halocline.runtime.errors import ConfigError, HaloclineError
from halocline.runtime.extras import require_extra
from halocline.runtime.processes.pool import worker_pool
from halocline.runtime.processes.waiting import as_they_end

CONNECT_S = 30
"""How long a cluster may take to answer, seconds."""
_ONE = threading.Lock()


def each(
    function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]], *, jobs: int = 1, dask: str | None = None
) -> Iterator[int]:
    """Call a function with the arguments of each task, and yield the task's number as it is done, in any order.

    See ``results``; what the function returns is left.
    """
    yield from (number for number, _ in results(function, tasks, jobs=jobs, dask=dask))


def results(
    function: Callable[..., Any],
    tasks: Sequence[tuple[Any, ...]],
    *,
    shared: tuple[Any, ...] = (),
    jobs: int = 1,
    dask: str | None = None,
) -> Iterator[tuple[int, Any]]:
    """Call a function with the arguments of each task, and yield number and result as each is done, in any order.

    What is not begun when one fails is not begun any more.

    Args:
        function: Of a module, so that other processes find it; it writes where all of them see it.
        tasks: Arguments.
        shared: Arguments that come before those of every task; a process is told them once, and so is a cluster.
        jobs: Processes of this machine; with one, the work is done here, in order.
        dask: Address of a dask scheduler, e.g. ``tcp://host:8786``, whose workers do it, each a piece at a time.

    Raises:
        ConfigError: If the cluster cannot be reached.
        HaloclineError: What a task raises, or that a process was ended from outside.
    """
    if dask is None and jobs == 1:
        for number, task in enumerate(tasks):
            yield number, function(*shared, *task)
        return
    with _explain_ended(), _pool(shared, len(tasks), jobs, dask) as (pool, asked):
        futures = {pool.submit(*asked, function, *task): number for number, task in enumerate(tasks)}
        for future in as_they_end(futures):
            yield futures[future], future.result()


@contextlib.contextmanager
def _pool(
    shared: tuple[Any, ...], tasks: int, jobs: int, dask: str | None
) -> Iterator[tuple[Executor, tuple[Any, ...]]]:
    """Yield a pool that was told what is shared, and what it is asked to call with function and task."""
    if dask is None:
        with worker_pool(min(jobs, tasks), _hold, shared) as pool:
            yield pool, (_with_held,)
        return
    with cluster_pool(dask) as (pool, held):
        yield pool, (alone, _joined, held(shared) if shared else ())


_held: tuple[Any, ...] = ()


def _hold(*shared: Any) -> None:
    """Keep, in a process of a pool, what all its tasks share."""
    global _held
    _held = shared


def _with_held(function: Callable[..., Any], *task: Any) -> Any:
    return function(*_held, *task)


def _joined(shared: tuple[Any, ...], function: Callable[..., Any], *task: Any) -> Any:
    return function(*shared, *task)


def _same(things: Any) -> Any:
    return things


def alone(function: Callable[..., Any], *task: Any) -> Any:
    """Call a function with a task when no other thread of this process is at one.

    Workers of a cluster have several threads by default, and the libraries of NetCDF and HDF5 end a process in which
    two threads read at the same time.
    """
    with _ONE:
        return function(*task)


@contextlib.contextmanager
def cluster_pool(address: str) -> Iterator[tuple[Executor, Callable[[Any], Any]]]:
    """Yield the workers of a dask cluster as a pool, and a function that sends them a thing once.

    Work that is not done when the block fails is called off.

    Args:
        address: Of its scheduler.

    Raises:
        ConfigError: If it cannot be reached.
    """
    require_extra("dask", "working on a dask cluster")
    from distributed import Client

    try:
        client = Client(address, timeout=CONNECT_S, set_as_default=False)
    except (OSError, ValueError, TimeoutError) as error:
        raise ConfigError(
            f"--dask {address}",
            found=f"no scheduler that answers ({type(error).__name__}: {error})",
            expected="the address of a dask scheduler, e.g. tcp://host:8786",
            remedy="Start one (dask scheduler; dask worker ADDRESS), and see that this machine reaches it.",
        ) from error
    with client:
        pool = client.get_executor(pure=False, retries=0)
        try:
            yield pool, lambda thing: _sent(client, thing)
        finally:
            pool.shutdown(wait=False)  # a future that nobody holds is called off


def _sent(client: Any, thing: Any) -> Any:
    """Return a future of the thing, for the arguments of what is submitted."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Sending large graph", UserWarning)
        return client.submit(_same, thing, pure=False)


@contextlib.contextmanager
def _explain_ended() -> Iterator[None]:
    try:
        yield
    except HaloclineError:
        raise
    except Exception as error:
        if not isinstance(error, (BrokenProcessPool, CancelledError)) and type(error).__name__ != "KilledWorker":
            raise
        raise HaloclineError(
            "a worker process",
            found="it was ended from outside (killed, or out of memory)",
            expected="it works to its end",
            remedy="Run the same command again, with fewer --jobs, or fewer workers a machine, for less memory.",
        ) from error
