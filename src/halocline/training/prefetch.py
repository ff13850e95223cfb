"""Batches made ahead of their steps in other processes: what a step sees is a function of its number alone."""

import signal
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from halocline.runtime.device import Compute
from halocline.runtime.errors import HaloclineError

_AHEAD = 4  # batches of each process that wait for their step


def batches(make: Callable[[int], Any], steps: Sequence[int], compute: Compute) -> Iterator[Any]:
    """Yield ``make(step)`` for each step in order, made ahead by ``compute.workers`` processes, or here without any.

    The batches are the same bits with any number of processes. They are forked, so that they share what ``make`` has
    in memory; they must not touch the accelerator. For CUDA the batches lie in pinned memory.
    """
    if not compute.workers or not steps:
        yield from map(make, steps)
        return
    loader: DataLoader[Any] = DataLoader(
        _ByStep(make),
        batch_size=None,
        sampler=steps,
        num_workers=compute.workers,
        prefetch_factor=_AHEAD,
        collate_fn=lambda batch: batch,
        pin_memory=compute.device.type == "cuda",
        worker_init_fn=_leave_signals_to_the_parent,
        multiprocessing_context="fork",
        generator=torch.Generator(),
    )
    for batch in loader:
        if isinstance(batch, HaloclineError):
            raise batch
        yield batch


class _ByStep(Dataset[Any]):
    def __init__(self, make: Callable[[int], Any]) -> None:
        self._make = make

    def __getitem__(self, step: int) -> Any:
        try:
            return self._make(step)
        except HaloclineError as error:  # handed over as it is: the loader would raise another with a traceback inside
            return error


def _leave_signals_to_the_parent(worker: int) -> None:
    """Ctrl-C reaches every process of a terminal; only the training may act on it, and it ends its helpers.

    So does what a scheduler sends to all processes of a job.
    """
    for name in ("SIGINT", "SIGUSR1"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
