"""Lock an output path so that only one run writes to it, for as long as any process of the run lives."""

import contextlib
import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from pathlib import Path
from types import MappingProxyType
from typing import ParamSpec, TypeVar

from halocline.runtime.disk import lock_file
from halocline.runtime.disk.leftovers import clear_beside
from halocline.runtime.disk.write_errors import explain_full_disk, explain_write_errors
from halocline.runtime.limits import check_name

P = ParamSpec("P")
R = TypeVar("R")
_held: ContextVar[Mapping[Path, lock_file.Lock]] = ContextVar("locks of this run", default=MappingProxyType({}))


@contextlib.contextmanager
def only_run(out: Path) -> Iterator[None]:
    """Keep other runs out of ``out`` by a locked file beside it, ``.NAME.lock``, which goes when the block ends.

    The lock goes with the last of the processes that hold it, however they end: workers hold it too, see
    ``held_locks``. A block inside a block that has locked the same path has it already. What a killed run left beside
    ``out`` is removed. File systems without locks (some of clusters) get a file whose existence is the lock; one that a
    killed run left behind is removed by the next run on the same machine.

    Raises:
        OutputError: If another run is at work there, or the disk is full while the block writes.
    """
    out = Path(out)
    check_name(out)
    key = out.parent.absolute() / out.name
    if key in _held.get():
        yield
        return
    with explain_write_errors(out):
        out.parent.mkdir(parents=True, exist_ok=True)
        lock = lock_file.take(out)
    try:
        _held.set({**_held.get(), key: lock})
        with explain_write_errors(out):
            clear_beside(out)
        with explain_full_disk(out):
            yield
    finally:
        _held.set({path: other for path, other in _held.get().items() if path != key})
        lock.release()


@contextlib.contextmanager
def beside_first_rank(out: Path) -> Iterator[None]:
    """Keep the next run out of ``out`` as long as this further rank of a run lives, whose first rank has locked it."""
    with lock_file.shared(Path(out)):
        yield


def alone(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function that writes into its argument ``out``: see only_run."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        with only_run(signature.bind(*args, **kwargs).arguments["out"]):
            return function(*args, **kwargs)

    return guarded


def held_locks() -> list[int]:
    """Return the open files of the locks that are held here; every process that writes must inherit them."""
    return [lock.handle for lock in _held.get().values() if lock.handle is not None]
