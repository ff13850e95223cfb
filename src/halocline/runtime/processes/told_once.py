"""An error that several processes of a run have is told by one of them."""

import contextlib
import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from halocline.runtime.processes.joining import processes

TOLD = timedelta(seconds=10)
"""How long a process waits until another one has told the error that both have."""


@contextlib.contextmanager
def told_once(text: str) -> Iterator[bool]:
    """Yield whether this process is the one to tell an error, joined or not; it tells it in the block.

    Where torchrun keeps notes for its processes, the first one that has a text tells it. The others wait for that, and
    tell it themselves if it does not come: torchrun ends all once one has ended, and the first may not have told it
    yet. Without such notes each tells.
    """
    notes, mine = _notes_of_torchrun(), True
    if notes is not None:
        with contextlib.suppress(RuntimeError):  # of the wait, too: then it is this one's
            if notes.add(text, 1) > 1:
                notes.wait([f"{text} told"], TOLD)
                mine = False
    yield mine
    if notes is not None:
        with contextlib.suppress(RuntimeError):
            notes.set(f"{text} told", "")


def _notes_of_torchrun() -> Any:
    if processes() == 1 or os.environ.get("TORCHELASTIC_USE_AGENT_STORE") != str(True):
        return None
    import torch.distributed

    with contextlib.suppress(RuntimeError, ValueError):
        address, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
        store = torch.distributed.TCPStore(address, port, is_master=False, timeout=TOLD)
        return torch.distributed.PrefixStore(f"halocline {os.environ.get('TORCHELASTIC_RESTART_COUNT')}", store)
    return None
