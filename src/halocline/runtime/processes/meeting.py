"""Where the processes of one machine wait for each other by counting in memory that all see: in microseconds."""

import os
import select
import time
import weakref
from collections.abc import Callable, Sequence

import numpy as np

SPIN_S = 0.005
"""For how long a process asks without a pause, though it lets others have its core."""
_PAUSE_S, _LONG_PAUSE_S = 0.0002, 0.002
_LOOK_S = 0.2
"""Seconds between two looks whether the others are still there."""


class Meeting:
    """A point that each process reaches again and again, and leaves when all have reached it as often.

    What a process has written into shared memory before, the others see after. That holds where the processor keeps
    the order of stores (x86); see ``open_boards``.

    Args:
        counts: Of each process, how often it has been here (1,) int64, in memory that all share.
        rank: Which one is this process's.
        processes: Handles of the processes (pidfd), which the meeting closes.
        failed: Says whether another process has failed; asked now and then. What it raises, so does the meeting.
        limit: Seconds after which waiting is in vain.
    """

    def __init__(
        self,
        counts: Sequence[np.ndarray],
        rank: int,
        processes: Sequence[int],
        failed: Callable[[], bool],
        limit: float,
    ) -> None:
        self._counts, self._rank, self._failed, self._limit = counts, rank, failed, limit
        self._ended = select.poll()
        for handle in processes:
            self._ended.register(handle, select.POLLIN)
        weakref.finalize(self, _close, tuple(processes))

    def wait(self) -> None:
        """Wait until all have been here as often as this process.

        Raises:
            RuntimeError: If another process has ended or failed, or does not come.
        """
        mine = int(self._counts[self._rank][0]) + 1
        self._counts[self._rank][0] = mine
        late = [count for count in self._counts if count[0] < mine]
        began = looked = time.monotonic()
        while late:
            waited = time.monotonic() - began
            if waited < SPIN_S:
                os.sched_yield()
            else:
                time.sleep(_PAUSE_S if waited < 1.0 else _LONG_PAUSE_S)
                if time.monotonic() - looked > _LOOK_S:
                    looked = time.monotonic()
                    self._look(waited, late, mine)
            late = [count for count in late if count[0] < mine]

    def _look(self, waited: float, late: Sequence[np.ndarray], mine: int) -> None:
        gone = self._ended.poll(0) or self._failed() or waited > self._limit
        if gone and any(count[0] < mine for count in late):  # who came and ended since is no loss
            raise RuntimeError("another process has ended, or does not come")


def _close(handles: Sequence[int]) -> None:
    for handle in handles:
        os.close(handle)
