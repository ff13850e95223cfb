"""The work of an import: the axis of time, the grid, an empty store, then slab by slab."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from halocline.bridge.importing.cells import Cells
from halocline.bridge.importing.records import SourceFiles, words_of
from halocline.bridge.importing.slabs import Run, runs
from halocline.bridge.importing.timeline import Gaps, Records, Timeline, timeline
from halocline.data.fields.layout import Field, Layout
from halocline.data.grids.remap.regrid import OtherCells
from halocline.data.reading.notes import Notes
from halocline.data.reading.read import Reading
from halocline.data.store.begin import begin_store
from halocline.data.store.filling import Block, fill_store
from halocline.data.store.from_dataset import table_of
from halocline.data.store.ocean_statistics import check_ranges
from halocline.data.store.share_out import Splits
from halocline.data.store.stacking import states_of
from halocline.data.store.store import open_store
from halocline.runtime.errors import InputError
from halocline.runtime.progress import progress
from halocline.runtime.seals.zarr_group import change_attributes
from halocline.runtime.version import __version__


@dataclass(frozen=True)
class Job:
    """What is to be done.

    Attributes:
        files: The files.
        store: Where the store is made; it may lie there in part.
        note: Keeps the notes of the slab at a place in the order of samples.
        cells: On which cells.
        quiet: No progress.
    """

    files: SourceFiles
    store: Path
    note: Callable[[int, Notes], None]
    cells: Cells
    quiet: bool

    def run(
        self,
        calendar: str | None,
        splits: Splits,
        gap_days: float | None,
        gaps: Gaps | None,
        about: dict[str, Any],
        notes: Callable[[], Notes],
    ) -> None:
        """Make the store whole.

        Args:
            calendar: See ``import_files``.
            splits: See ``import_files``.
            gap_days: See ``import_files``.
            gaps: See ``import_files``.
            about: Of the provenance: where the states come from.
            notes: Returns the notes that were kept.
        """
        records, members = self._records(), self.files.members()
        line = timeline(records, [words_of(part.files) for part in self.files.parts], calendar, gaps or self.files.gaps)
        slabs = _Slabs(self, line, [each.packed for each in records])
        if not self.store.exists():
            begin_store(
                self.store,
                slabs.grid,
                slabs.layout,
                line.hours,
                line.calendar,
                members=members,
                table=table_of(self.files.along_members()),
                splits=splits,
                gap_days=gap_days,
                provenance={"made by": f"halocline {__version__}, import", **about},
            )
        with progress("store", members * len(line.hours), quiet=self.quiet) as report:
            fill_store(self.store, slabs.blocks(members), report)
        told = open_store(self.store).attributes["provenance"]
        done = [*line.notes, *slabs.notes, *notes().lines()]
        change_attributes(self.store, {"provenance": {**told, "notes": done}})
        check_ranges(open_store(self.store))

    def _records(self) -> list[Records]:
        number, found = len(self.files.parts), list[Records]()
        with progress("files", number, quiet=self.quiet or number < 100) as report:
            for part in range(number):
                found.append(self.files.records(part))
                report(part + 1, "")
        return found


class _Slabs:
    """The slabs of a job.

    Attributes:
        layout: Of their states.
        grid: On which they are stored.
        opening: The first slab as it was read.
        notes: What was done to the cells, in words.
    """

    def __init__(self, job: Job, line: Timeline, packed: list[int]) -> None:
        self._files, self._note, self._times = job.files, job.note, len(line.hours)
        probe = self._files.read(int(line.part[0]), int(line.index[0]), int(line.index[0]) + 1, 0, None)
        self._names = probe.names
        sizes = probe.dataset[list(probe.names)].sizes
        self.layout = Layout(
            *(Field(n, sizes["depth"] if "depth" in probe.dataset[n].dims else None) for n in probe.names)
        )
        self._runs = list(runs(line, 4 * len(self.layout) * sizes["y"] * sizes["x"], packed))
        self.opening = self._read(self._runs[0], 0, None)
        source = self.opening.grid
        self._changes: list[OtherCells] = list(job.cells.changes(source, self.opening.dataset))
        self.grid = self._changes[-1].target if self._changes else source
        self.notes = [note for change in self._changes for note in change.notes]

    def blocks(self, members: int) -> Iterator[Block]:
        """Yield all samples in the order in which a store is filled."""
        for member in range(members):
            for run in self._runs:
                yield Block(member, run.at, run.size, lambda run=run, member=member: self._states(run, member))  # type: ignore[misc]

    def _states(self, run: Run, member: int) -> Iterator[np.ndarray]:
        opens = run is self._runs[0] and member == 0
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
