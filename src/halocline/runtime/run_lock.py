"""One run at a time in a place: a second one is told so, instead of spoiling what the first writes."""

import contextlib
import errno
import functools
import inspect
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ParamSpec, TypeVar

from halocline.runtime.errors import OutputError
from halocline.runtime.files import explain_write_errors

try:
    import fcntl
except ImportError:  # not a POSIX system: runs are not kept apart there
    fcntl = None  # type: ignore[assignment]

P = ParamSpec("P")
R = TypeVar("R")
_UNSUPPORTED = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP}


@contextlib.contextmanager
def only_run(out: Path) -> Iterator[None]:
    """Keep other runs out of ``out`` by a locked file beside it, ``.NAME.lock``, which goes when the block ends.

    The lock goes with the process, however it ends. File systems without locks keep nobody out.

    Raises:
        OutputError: If another run is at work there.
    """
    out = Path(out)
    path = out.parent / f".{out.name}.lock"
    if fcntl is None:
        yield
        return
    with explain_write_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = _locked(path, out)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        os.close(handle)


def alone(function: Callable[P, R]) -> Callable[P, R]:
    """Decorate a function that writes into its argument ``out``: see only_run."""
    signature = inspect.signature(function)

    @functools.wraps(function)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        with only_run(signature.bind(*args, **kwargs).arguments["out"]):
            return function(*args, **kwargs)

    return guarded


def _locked(path: Path, out: Path) -> int:
    """Return a locked handle of the file that has the name; one that was renamed or removed meanwhile is no lock."""
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in _UNSUPPORTED:
                return handle
            holder = os.read(handle, 20).decode().strip() or "unknown"
            os.close(handle)
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise
            raise OutputError(
                f"output {out}",
                found=f"another run at work there, process {holder}",
                expected="one run at a time",
                remedy="Wait until it ends or stop it, then give the same command again; or choose another --out.",
            ) from None
        with contextlib.suppress(FileNotFoundError):
            if os.stat(path).st_ino == os.fstat(handle).st_ino:
                os.ftruncate(handle, 0)
                os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
                return handle
        os.close(handle)
