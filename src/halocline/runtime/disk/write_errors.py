"""The operating system's errors of writing, said in words."""

import contextlib
import errno
import shutil
from collections.abc import Iterator
from pathlib import Path

from halocline.runtime.errors import OutputError


@contextlib.contextmanager
def explain_full_disk(path: Path) -> Iterator[None]:
    """Turn the operating system's errors of a full disk or a limit of size into an OutputError."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            place = path.absolute()
            free = shutil.disk_usage(next(p for p in (place, *place.parents) if p.exists())).free
            raise OutputError(
                f"output {path}",
                found=f"the disk is full ({free / 1e6:.0f} MB free)",
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
    """Turn the operating system's errors of writing (full disk, limit, no permission) into an OutputError."""
    try:
        with explain_full_disk(path):
            yield
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            remedy = "Write elsewhere or change the folder's permissions."
            raise OutputError(
                f"output {path}", found="no permission to write", expected="a folder you may write to", remedy=remedy
            ) from error
        raise
