"""What a killed run leaves behind: hidden files and folders that never got their name. The next run clears them."""

import os
from pathlib import Path

from halocline.runtime.disk.hidden import is_hidden, is_partial_chunk, prefix_of
from halocline.runtime.disk.remove import remove


def clear_beside(out: Path) -> None:
    """Remove what was to become ``out``; only the run that holds its lock may."""
    with os.scandir(out.parent) as entries:
        found = [e.name for e in entries if e.name.startswith(prefix_of(out)) and is_hidden(e.name)]
    for name in found:
        remove(out.parent / name)


def clear_inside(folder: Path) -> None:
    """Remove what killed runs left anywhere in a folder that is ours; only the run that holds its lock may."""
    for root, folders, names in os.walk(folder):
        for name in names:
            if is_hidden(name) or is_partial_chunk(name):
                remove(Path(root, name))
        for name in [name for name in folders if is_hidden(name)]:
            folders.remove(name)
            remove(Path(root, name))
