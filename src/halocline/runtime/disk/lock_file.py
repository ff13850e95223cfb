"""A lock that is a file: held by the system as long as any process has it open, or, without that, by its existence."""

import contextlib
import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

from filelock import SoftFileLock, Timeout

from halocline.runtime.errors import OutputError

try:
    import fcntl
except ImportError:  # no POSIX
    fcntl = None  # type: ignore[assignment]

PATIENCE_S = 10.0
"""How long a run waits for the workers of a killed one; they end within 2 s."""

_UNSUPPORTED = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP}


class Lock(Protocol):
    """A lock that is held."""

    @property
    def handle(self) -> int | None:
        """The open file whose last holder's end is the lock's; None if it is the file's existence."""

    def release(self) -> None:
        """Give it up."""


def take(out: Path) -> Lock:
    """Take the lock of an output; wait for the workers and the ranks of a run that was killed.

    Raises:
        OutputError: If another run is at work there.
    """
    path, until = out.parent / f".{out.name}.lock", time.monotonic() + PATIENCE_S
    try:
        while (handle := _try(path)) is None:
            holder = _holder(path)
            if holder is None or _lives(holder) or time.monotonic() > until:
                raise _refused(out, holder)
            time.sleep(0.1)
    except OSError as error:
        if error.errno not in _UNSUPPORTED:
            raise
        path.unlink(missing_ok=True)  # it locks nothing here
        return _ExistingFile(path.with_suffix(".softlock"), out)
    lock = _LockedFile(path, handle)
    try:
        _wait_for_ranks(out, until)
    except BaseException:
        lock.release()
        raise
    return lock


@contextlib.contextmanager
def shared(out: Path) -> Iterator[None]:
    """Hold the place of a further rank of the run that has the lock of ``out``; the next run waits for all of them."""
    path, handle = _ranks(out), None
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        if handle is not None:
            os.close(handle)


class _LockedFile:
    def __init__(self, path: Path, handle: int) -> None:
        self._path, self.handle = path, handle
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        self._path.unlink(missing_ok=True)
        os.close(self.handle)


class _ExistingFile:
    handle = None

    def __init__(self, path: Path, out: Path) -> None:
        holder = _holder(path)
        if holder is not None and not _lives(holder):
            time.sleep(2.0)  # its workers, which hold nothing, have ended by then
        self._lock = SoftFileLock(path, blocking=False)
        try:
            self._lock.acquire()  # writes the process into its file
        except Timeout:
            raise _refused(out, _holder(path)) from None

    def release(self) -> None:
        self._lock.release()


def _try(path: Path) -> int | None:
    """Return the open file if it could be locked; None if another process holds it."""
    if fcntl is None:
        raise OSError(errno.ENOSYS, "no locks here")
    while True:
        handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BaseException as error:
            os.close(handle)
            if isinstance(error, BlockingIOError):
                return None
            raise
        if os.fstat(handle).st_nlink:
            return handle
        os.close(handle)  # its last holder has removed it since


def _wait_for_ranks(out: Path, until: float) -> None:
    path = _ranks(out)
    while path.exists():
        if (handle := _try(path)) is not None:
            path.unlink(missing_ok=True)
            os.close(handle)
        elif time.monotonic() > until:
            raise _refused(out, None)
        else:
            time.sleep(0.1)


def _refused(out: Path, holder: int | None) -> OutputError:
    return OutputError(
        f"output {out}",
        found=f"another run at work there, process {'unknown' if holder is None else holder}",
        expected="one run at a time",
        remedy="Wait until it ends or stop it, then give the same command again; or choose another --out.",
    )


def _holder(path: Path) -> int | None:
    """Return the process that the lock's file names on its first line."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        lines = path.read_text(encoding="utf-8").split()
        if lines and lines[0].isdigit():
            return int(lines[0])
    return None


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except OSError as error:
        return error.errno != errno.ESRCH
    return True


def _ranks(out: Path) -> Path:
    return out.parent / f".{out.name}.ranks.lock"
