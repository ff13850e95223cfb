"""Removing a file or a folder, whatever lies there: never by halves under its own name."""

import os
import shutil
from pathlib import Path

from halocline.runtime.disk.hidden import hidden_beside, is_hidden


def remove(path: Path) -> None:
    """Remove a file or a folder, or nothing if it is absent.

    A folder first gets a hidden name, so that a kill leaves no part of it that would be taken for the whole.
    """
    if not path.is_dir() or path.is_symlink():
        path.unlink(missing_ok=True)
        return
    if not is_hidden(path.name):
        hidden = hidden_beside(path)
        os.rename(path, hidden)
        path = hidden
    shutil.rmtree(path)
