"""A finished file or folder gets its name, and never takes that of another."""

import errno
import os
from pathlib import Path

from halocline.runtime.errors import OutputError
from halocline.runtime.limits import check_name

_NO_LINKS = {errno.EPERM, errno.EMLINK, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP}
"""How file systems say that a file cannot have two names."""


def require_absent(path: Path, *, field: str = "output") -> None:
    """Raise OutputError if ``path`` exists already, or is no name of its own."""
    check_name(path)
    if path.exists() or path.is_symlink():
        raise OutputError(
            f"{field} {path}",
            found="it exists already",
            expected="a path that does not exist yet",
            remedy="Choose another path, or move the old one away. Where the command has --overwrite, it replaces "
            "the old one, once the new one is complete.",
        )


def give_name(made: Path, path: Path) -> None:
    """Rename a file or a folder to ``path``, unless something is there, however lately it came.

    A folder is renamed: the system refuses where anything but an empty folder lies. A file gets a second name, which
    fails if the name is taken, and loses its first.

    Raises:
        OutputError: If ``path`` exists; ``made`` is left where it is.
    """
    try:
        if made.is_dir():
            require_absent(path)
            os.rename(made, path)
        else:
            _link(made, path)
    except OSError as error:
        if error.errno not in (errno.EEXIST, errno.ENOTEMPTY, errno.ENOTDIR):
            raise
        require_absent(path)
        raise


def _link(made: Path, path: Path) -> None:
    try:
        os.link(made, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        require_absent(path)
        os.rename(made, path)
        return
    os.unlink(made)
