"""The operating system's errors of writing, said in words."""

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from halocline.runtime.errors import OutputError, from_system

_NO_PLACE = {errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EEXIST, errno.EINVAL}


@contextlib.contextmanager
def explain_full_disk(path: Path) -> Iterator[None]:
    """Turn the operating system's errors of a full disk or a limit of size into an OutputError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise OutputError(
                f"output {path}",
                found=f"the disk is full ({_free(path)})",
                expected="room for the output",
                remedy="Free some space or write elsewhere, then run the same command again; "
                "what was there before is unchanged.",
            ) from error
        if error.errno == errno.EFBIG:
            remedy = "Write to another file system, or raise the limit (ulimit -f), then run the same command again."
            raise OutputError(
                f"output {path}", found="a file as large as it may be", expected="room for the output", remedy=remedy
            ) from error
        raise


@contextlib.contextmanager
def explain_write_errors(path: Path) -> Iterator[None]:
    """Turn the system's errors of writing (full disk, limit, no permission, no such place) into an OutputError."""
    try:
        with explain_full_disk(path):
            yield
    except RuntimeError as error:  # HDF5 tells no reason
        if not str(error).startswith("NetCDF: "):
            raise
        remedy = "Free some space or write elsewhere, then run the same command again."
        raise OutputError(
            f"output {path}",
            found=f"writing failed ({error}), {_free(path)}",
            expected="room for the output",
            remedy=remedy,
        ) from error
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            remedy = "Write elsewhere or change the folder's permissions."
            raise OutputError(
                f"output {path}", found="no permission to write", expected="a folder you may write to", remedy=remedy
            ) from error
        if error.errno in _NO_PLACE:
            why = from_system(error)
            raise OutputError(
                f"output {path}", found=f"{why.found} ({why.field})", expected="a path to write to", remedy=why.remedy
            ) from error
        raise


def _free(path: Path) -> str:
    """Return how much room there is where a path lies or would lie."""
    place = path.absolute()
    return f"{shutil.disk_usage(next(p for p in (place, *place.parents) if p.exists())).free / 1e6:.0f} MB free"
