"""Batches made ahead of their steps in other processes: what a step sees is a function of its number alone."""

import os
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch.utils.data import DataLoader, Dataset

from halocline.runtime.device import Compute
from halocline.runtime.errors import HaloclineError
from halocline.runtime.processes.lifeline import end_with, in_main_thread

_AHEAD = 4  # batches of each process that wait for their step


def batches(make: Callable[[int], Any], steps: Sequence[int], compute: Compute) -> Iterator[Any]:
    """Yield ``make(step)`` for each step in order, made ahead by ``compute.workers`` processes, or here without any.

    The batches are the same bits with any number of processes. They are forked, so that they share what ``make`` has
    in memory; they must not touch the accelerator. For CUDA the batches lie in pinned memory.
    """
    if not compute.workers or not steps:
        yield from map(make, steps)
        return
    parent, main_thread = os.getpid(), in_main_thread()
    loader: DataLoader[Any] = DataLoader(
        _ByStep(make),
        batch_size=None,
        sampler=steps,
        num_workers=compute.workers,
        prefetch_factor=_AHEAD,
        collate_fn=lambda batch: batch,
        pin_memory=compute.device.type == "cuda",
        worker_init_fn=lambda worker: end_with(parent, main_thread=main_thread),
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
