"""The work of an import: the axis of time, the grid, an empty store, then slab by slab."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from halocline.bridge.importing.cells import Cells
from halocline.bridge.importing.fill import Slabs, write_slab
from halocline.bridge.importing.records import SourceFiles, words_of
from halocline.bridge.importing.timeline import Gaps, Records, timeline
from halocline.data.reading.notes import Notes
from halocline.data.store.begin import begin_store
from halocline.data.store.filling import fill_store, written
from halocline.data.store.from_dataset import table_of
from halocline.data.store.ocean_statistics import check_ranges
from halocline.data.store.share_out import Splits
from halocline.data.store.store import open_store
from halocline.runtime.processes.each import each
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
        note_apart: Does so beside other processes that do.
        cells: On which cells.
        quiet: No progress.
        jobs: Processes that write slabs.
        dask: Address of a dask scheduler whose workers do so instead.
    """

    files: SourceFiles
    store: Path
    note: Callable[[int, Notes], None]
    note_apart: Callable[[int, Notes], None]
    cells: Cells
    quiet: bool
    jobs: int = 1
    dask: str | None = None

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
        slabs = Slabs(self.files, self.cells, self.note, line, [found.packed for found in records])
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
        if self.jobs > 1 or self.dask is not None:
            self._write_apart(slabs, members)
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

    def _write_apart(self, slabs: Slabs, members: int) -> None:
        """Have other processes write all slabs but the first, which this one has read already."""
        there = [written(self.store, member) for member in range(members)]
        todo = [(member, number) for member in range(members) for number in range(len(slabs.runs))][1:]
        todo = [(member, n) for member, n in todo if not there[member].issuperset(slabs.runs[n].times)]
        apart = slabs.apart(self.note_apart)
        tasks = [(apart, self.store.absolute(), *place) for place in todo]
        with progress("slabs", len(tasks), quiet=self.quiet) as report:
            for done, _ in enumerate(each(write_slab, tasks, jobs=self.jobs, dask=self.dask), 1):
                report(done, "")
