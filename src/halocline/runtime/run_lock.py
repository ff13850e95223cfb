"""Lock an output path so that only one run writes to it."""

import contextlib
import errno
import functools
import inspect
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ParamSpec, TypeVar

from filelock import BaseFileLock, FileLock, SoftFileLock, Timeout

from halocline.runtime.errors import OutputError
from halocline.runtime.files import explain_write_errors
from halocline.runtime.limits import check_name

P = ParamSpec("P")
R = TypeVar("R")
_UNSUPPORTED = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP}


@contextlib.contextmanager
def only_run(out: Path) -> Iterator[None]:
    """Keep other runs out of ``out`` by a locked file beside it, ``.NAME.lock``, which goes when the block ends.

    The lock goes with the process, however it ends. File systems without locks (some of clusters) get a file whose
    existence is the lock; one that a killed run left behind is removed by the next run on the same machine.

    Raises:
        OutputError: If another run is at work there.
    """
    out = Path(out)
    check_name(out)
    path = out.parent / f".{out.name}.lock"
    with explain_write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = _locked(path, out)
    try:
        yield
    finally:
        if not isinstance(lock, SoftFileLock):  # a soft lock removes its file itself
            with contextlib.suppress(OSError):  # Windows removes no open file
                path.unlink()
        lock.release()


def alone(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function that writes into its argument ``out``: see only_run."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        with only_run(signature.bind(*args, **kwargs).arguments["out"]):
            return function(*args, **kwargs)

    return guarded


def _locked(path: Path, out: Path) -> BaseFileLock:
    lock: BaseFileLock = FileLock(path, blocking=False, fallback_to_soft=False)
    try:
        try:
            lock.acquire()
            path.write_text(f"{os.getpid()}\n", encoding="ascii")
        except OSError as error:
            if error.errno not in _UNSUPPORTED:
                raise
            path.unlink(missing_ok=True)  # it locks nothing here
            lock = SoftFileLock(path.with_suffix(".softlock"), blocking=False)
            lock.acquire()  # writes the process into its file
    except Timeout:
        raise OutputError(
            f"output {out}",
            found=f"another run at work there, process {_holder(lock)}",
            expected="one run at a time",
            remedy="Wait until it ends or stop it, then give the same command again; or choose another --out.",
        ) from None
    return lock


def _holder(lock: BaseFileLock) -> str:
    """Return the process that the lock's file names on its first line."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        lines = Path(lock.lock_file).read_text(encoding="utf-8").split()
        if lines and lines[0].isdigit():
            return lines[0]
    return "unknown"
