"""A start that fails leaves nothing behind that would stand in the way of the corrected one."""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

from halocline.runtime.disk.remove import remove


@contextlib.contextmanager
def clean_start(gained: Callable[[], bool], *made: Path) -> Iterator[None]:
    """Remove what a run has made if the block fails before anything is gained; Ctrl-C and SIGTERM leave it.

    Args:
        gained: Tells whether there is something from which a further run would go on.
        made: Files and folders of the run, and of no other.
    """
    try:
        yield
    except Exception:
        if not gained():
            for path in made:
                remove(path)
        raise
