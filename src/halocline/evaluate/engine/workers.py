"""Who works out scores: this process, processes of this machine, or the workers of a dask cluster."""

import contextlib
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from halocline.evaluate.engine.disk_states import DiskStates, States, batches
from halocline.evaluate.engine.family import Family, InTwoSteps
from halocline.runtime.places.address import scratch
from halocline.runtime.processes.each import results

_PIECES = 32
T = TypeVar("T")


@dataclass(frozen=True)
class Workers:
    """Where scores are worked out; the numbers are the same wherever.

    Attributes:
        jobs: Processes of this machine.
        dask: Address of a dask scheduler.
    """

    jobs: int = 1
    dask: str | None = None

    @property
    def apart(self) -> bool:
        """Whether other processes do it."""
        return self.jobs > 1 or self.dask is not None

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path | None]:
        """Yield a folder for files that others read, which is removed at the end; None where nobody else does."""
        if not self.apart:
            yield None
            return
        scratch().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="halocline-score-", dir=scratch()) as folder:
            yield Path(folder)

    def summaries(
        self, families: Sequence[Family | InTwoSteps], sets: Sequence[States], progress: Callable[[float], None]
    ) -> list[list[np.ndarray]]:
        """Return the summaries (sample, k) of each family and each set of states.

        Args:
            families: The families; their summaries of a state depend on that state alone.
            sets: The sets.
            progress: Called after each piece with the share done, 0..1.
        """
        places = [(k, some) for k, states in enumerate(sets) for some in pieces(list(batches(states)))]
        whole: list[dict[int, np.ndarray]] = [{} for _ in families]
        with self.folder() as folder:
            told = sets if folder is None else [_on_disk(states, folder) for states in sets]
            shared = (tuple(families), tuple(told))
            found = results(summaries_of, places, shared=shared, jobs=self.jobs, dask=self.dask)
            for done, (number, made) in enumerate(found, 1):
                k, some = places[number]
                for family, summary in zip(whole, made, strict=True):
                    if k not in family:
                        family[k] = np.empty((len(sets[k]), *summary.shape[1:]), summary.dtype)
                    family[k][some[0].start : some[-1].stop] = summary
                progress(done / len(places))
        return [[family[k] for k in range(len(sets))] for family in whole]

    def in_order(
        self,
        function: Callable[..., Any],
        tasks: Sequence[tuple[Any, ...]],
        shared: tuple[Any, ...] = (),
        progress: Callable[[float], None] = lambda done: None,
    ) -> list[Any]:
        """Return what a function of a module gives for each task, in the order of the tasks; see ``results``."""
        found: dict[int, Any] = {}
        for number, result in results(function, tasks, shared=shared, jobs=self.jobs, dask=self.dask):
            found[number] = result
            progress(len(found) / len(tasks))
        return [found[number] for number in range(len(tasks))]


HERE = Workers()
"""This process."""


def _on_disk(states: States, folder: Path) -> States:
    """Return states where other processes find them: those in memory are written once, not sent to each."""
    if not isinstance(states, np.ndarray):
        return states
    return DiskStates.of(states.shape, (states[part] for part in batches(states)), folder)


def summaries_of(
    families: Sequence[Family | InTwoSteps], sets: Sequence[States], which: int, parts: Sequence[slice]
) -> list[np.ndarray]:
    """Return the summaries (sample, k) of each family of some batches of a set; the work of another process."""
    found: list[list[np.ndarray]] = [[] for _ in families]
    for part in parts:
        batch = sets[which][part]
        for family, made in zip(families, found, strict=True):
            made.append(family.summary(batch))
    return [np.concatenate(made) for made in found]


def pieces(things: Sequence[T]) -> list[Sequence[T]]:
    """Cut things into at most 32 pieces, in order."""
    size = max(1, -(-len(things) // _PIECES))
    return [things[start : start + size] for start in range(0, len(things), size)]
