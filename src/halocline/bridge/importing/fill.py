"""The slabs of an import: each is read, brought to the store's cells and written, in this process or in others."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from halocline.bridge.importing.cells import Cells
from halocline.bridge.importing.chunk_cache import small_chunk_cache
from halocline.bridge.importing.records import SourceFiles, words_of
from halocline.bridge.importing.slabs import Run, runs
from halocline.bridge.importing.timeline import Timeline
from halocline.data.fields.layout import Field, Layout
from halocline.data.grids.remap.regrid import OtherCells
from halocline.data.reading.notes import Notes
from halocline.data.reading.read import Reading
from halocline.data.store.filling import Block
from halocline.data.store.stacking import states_of
from halocline.data.store.writer import StoreWriter
from halocline.runtime.errors import InputError


def write_slab(slabs: "Slabs", store: Path, member: int, number: int) -> None:
    """Write a slab to a store; the work of another process."""
    with small_chunk_cache():
        slabs.write(store, member, number)


class Slabs:
    """The slabs of an import.

    Args:
        files: The files.
        cells: On which cells.
        note: Keeps the notes of the slab at a place in the order of samples.
        line: The records in order of time.
        packed: How many records of each part are packed together.

    Attributes:
        runs: The records of each slab.
        layout: Of their states.
        grid: On which they are stored.
        opening: The first slab as it was read.
        notes: What was done to the cells, in words.
    """

    def __init__(
        self, files: SourceFiles, cells: Cells, note: Callable[[int, Notes], None], line: Timeline, packed: list[int]
    ) -> None:
        self._files, self._note, self._times = files, note, len(line.hours)
        probe = self._files.read(int(line.part[0]), int(line.index[0]), int(line.index[0]) + 1, 0, None)
        self._names = probe.names
        sizes = probe.dataset[list(probe.names)].sizes
        self.layout = Layout(
            *(Field(n, sizes["depth"] if "depth" in probe.dataset[n].dims else None) for n in probe.names)
        )
        self.runs = list(runs(line, 4 * len(self.layout) * sizes["y"] * sizes["x"], packed))
        self.opening = self._read(self.runs[0], 0, None)
        source = self.opening.grid
        self._changes: list[OtherCells] = list(cells.changes(source, self.opening.dataset))
        self.grid = self._changes[-1].target if self._changes else source
        self.notes = [note for change in self._changes for note in change.notes]

    def blocks(self, members: int) -> Iterator[Block]:
        """Yield all samples in the order in which a store is filled."""
        for member in range(members):
            for run in self.runs:
                yield Block(member, run.at, run.size, lambda run=run, member=member: self._states(run, member))  # type: ignore[misc]

    def apart(self, note: Callable[[int, Notes], None]) -> "Slabs":
        """Return what another process needs to read a slab: all but the states of the first.

        Args:
            note: Keeps notes there.
        """
        found = copy.copy(self)
        first = self.opening
        place = first.dataset.drop_vars([*first.names, "time"], errors="ignore")
        found.opening, found._note = Reading(place, first.names, Notes(), first.place), note
        return found

    def write(self, store: Path, member: int, number: int) -> None:
        """Read a slab that is not the first, and write its notes and then its states."""
        writer, run = StoreWriter(store), self.runs[number]
        for index, states in enumerate(self._states(run, member), run.at):
            writer.write(member, index, states)
        writer.flush()
        self._files.close()

    def _states(self, run: Run, member: int) -> Iterator[np.ndarray]:
        opens = run.at == 0 and member == 0
        reading = self.opening if opens else self._read(run, member, self.opening)
        self._note(member * self._times + run.at, reading.notes)
        for states in states_of(reading.dataset, self.layout, words_of(self._files.parts[run.part].files)):
            for change in self._changes:
                states = change(states, self.layout.channels)
            yield states

    def _read(self, run: Run, member: int, before: Reading | None) -> Reading:
        reading = self._files.read(run.part, run.first, run.first + run.size, member, before)
        if reading.names != self._names:
            raise InputError(
                f"variables of {words_of(self._files.parts[run.part].files)}",
                found=", ".join(reading.names),
                expected=f"{', '.join(self._names)}, as in the file before it in time",
                remedy="Import files of the same variables; a mapping can name fewer of them.",
            )
        return reading
