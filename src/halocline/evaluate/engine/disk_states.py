"""States in a temporary file: a set that need not fit in memory, read in batches of states or in blocks of cells."""

import os
import tempfile
import threading
from collections.abc import Iterable, Iterator
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from halocline.runtime.disk.write_errors import explain_write_errors
from halocline.runtime.errors import InputError
from halocline.runtime.places.address import scratch

BATCH_VALUES = 4_000_000
"""Most numbers of a batch of states (16 MB as float32); a larger state is a batch of its own."""

_EVEN = 32  # networks take so many states at a time


class DiskStates:
    """States (sample, channel, y, x) float32 in a file of the scratch folder, which is gone when nobody holds them.

    They are indexed as an array is, and read at every look; ``np.asarray`` reads them all. Those that lie in a folder
    of the caller's can be told to other processes, which see it.

    Args:
        shape: (sample, channel, y, x).
        path: File to open; a new one without a name if None.

    Raises:
        OutputError: If the scratch folder cannot be written, or has no room.
    """

    dtype, ndim = np.dtype(np.float32), 4

    def __init__(self, shape: tuple[int, ...], path: Path | None = None) -> None:
        self.shape, self.path, self._lock = tuple(int(n) for n in shape), path, threading.Lock()
        self._opened: Any = None if path else _nameless()

    @classmethod
    def of(cls, shape: tuple[int, ...], batches: Iterable[np.ndarray], folder: Path | None = None) -> "DiskStates":
        """Write batches (sample, channel, y, x), which together have ``shape``, as they come.

        Args:
            shape: Of all.
            batches: The states.
            folder: Where the file is to have a name; the caller removes it.
        """
        if folder is None:
            states = cls(shape)
        else:
            number, name = tempfile.mkstemp(prefix="states-", dir=folder)
            states = cls(shape, Path(name))
            states._opened = os.fdopen(number, "r+b", buffering=0)
        with explain_write_errors(folder or scratch()):
            for batch in batches:
                states._write(np.ascontiguousarray(batch, np.float32))
        return states

    def __reduce__(self) -> tuple[Any, ...]:
        if self.path is None:
            raise TypeError("states in a file without a name cannot be told to another process")
        return DiskStates, (self.shape, self.path)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> np.ndarray:
        """Return states as indexing an array of them would."""
        if isinstance(index, tuple):
            first, rest = index[0], index[1:]
            if first is Ellipsis or not isinstance(first, slice):
                return np.asarray(np.asarray(self)[index])
            return np.asarray(self[first][(slice(None), *rest)])
        if isinstance(index, slice) and index.step in (None, 1):
            start, stop, _ = index.indices(len(self))
            return self._read(start, max(0, stop - start))
        chosen = np.arange(len(self))[index]
        if chosen.ndim == 0:
            return self._read(int(chosen), 1)[0]
        if not len(chosen):
            return np.empty((0, *self.shape[1:]), np.float32)
        return np.concatenate([self._read(int(k), 1) for k in chosen])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        found = self[:]
        return found if dtype is None else found.astype(dtype, copy=False)

    def cells(self, channel: int, part: slice) -> np.ndarray:
        """Return some cells of a channel, of all states (sample, cell); cells are counted along x, then y."""
        channels, plane = self.shape[1], prod(self.shape[2:])
        found = np.empty((len(self), part.stop - part.start), np.float32)
        for k, row in enumerate(found):
            self._fill(row, (k * channels + channel) * plane + part.start)
        return found

    def _read(self, start: int, number: int) -> np.ndarray:
        found = np.empty((number, *self.shape[1:]), np.float32)
        if found.size:
            self._fill(found, start * prod(self.shape[1:]))
        return found

    def _fill(self, target: np.ndarray, at: int) -> None:
        """Read numbers from a place, counted in numbers, on."""
        rest, done = target.reshape(-1).view(np.uint8).data, 0
        with self._lock:
            file = self._file()
            file.seek(at * self.dtype.itemsize)
            while done < len(rest):
                got = file.readinto(rest[done:])
                if not got:
                    raise EOFError("states were looked at before they were written")
                done += got

    def _write(self, values: np.ndarray) -> None:
        rest, done = values.reshape(-1).view(np.uint8).data, 0
        while done < len(rest):
            done += self._opened.write(rest[done:])

    def _file(self) -> Any:
        if self._opened is None:
            assert self.path is not None
            try:
                self._opened = open(self.path, "rb", buffering=0)  # noqa: SIM115
            except FileNotFoundError as error:
                raise InputError(
                    f"states to score in {self.path.parent}",
                    found="no such file where this worker looks",
                    expected="a folder that the command and all workers see",
                    remedy="Name one by the environment variable HALOCLINE_SCRATCH of the command.",
                ) from error
        return self._opened


def _nameless() -> Any:
    folder = scratch()
    with explain_write_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        return tempfile.TemporaryFile(prefix="halocline-states-", dir=folder, buffering=0)


States = np.ndarray | DiskStates
"""States (sample, channel, y, x), in memory or on disk."""


def batches(states: States) -> Iterator[slice]:
    """Yield the batches of states, which are the same in memory and on disk, so that sums are rounded alike."""
    yield from batches_of(*states.shape)


def batches_of(number: int, *shape: int) -> Iterator[slice]:
    """Yield the batches of ``number`` states of a shape (channel, y, x), of ``BATCH_VALUES`` numbers at most."""
    most = max(1, BATCH_VALUES // prod(shape))
    most -= most % _EVEN if most > _EVEN else 0
    for start in range(0, number, most):
        yield slice(start, min(number, start + most))
