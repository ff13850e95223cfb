"""States read one after the other, each as maps on one grid, with number, date and provenance; of sea ice here."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import cftime
import numpy as np

from halocline.data.files.open import Source, source_name
from halocline.data.files.state_day import share_of_year
from halocline.data.files.states import StateFile, open_state_file
from halocline.data.grids.grid import Grid
from halocline.data.reading.choices import Choices
from halocline.data.reading.names import ours_of
from halocline.data.reading.notes import Notes
from halocline.runtime.errors import InputError
from halocline.runtime.version import __version__

NEEDED = ("sit", "sic")
WITH_THEM = ("snt", "sid", "siu", "siv")


@dataclass(frozen=True, eq=False)
class Member:
    """One state.

    Attributes:
        number: Of the ensemble, as its file has it; else, and with several times, counted from 0.
        fields: sit, sic, snt (m per area of the cell, 1, m), sid (1 = broken), siu, siv (m s-1, along the grid's axes
            at the centres): (y, x), float64, 0 on land and where the file has no such variable. Of an ocean thetao
            (degC), so (psu), each (level, y, x), and zos (m).
        share: Share of the year that has passed, 0 to 1; None if the file does not tell.
        date: When it is valid; None if the file does not tell.
        weight: Of the member in its ensemble; None if the file does not tell.
    """

    number: int
    fields: dict[str, np.ndarray]
    share: float | None
    date: cftime.datetime | None
    weight: float | None


@dataclass(frozen=True, eq=False)
class Members:
    """States that are read when they are asked for.

    Attributes:
        file: The states, not read yet.
        grid: Where they lie.
        numbers: Which of them, counted from 0.
        present: The variables that they hold.
        notes: What the reader did.
        provenance: Attributes for what is made of them.
    """

    file: StateFile
    grid: Grid
    numbers: tuple[int, ...]
    present: tuple[str, ...]
    notes: Notes
    provenance: dict[str, str]

    def __iter__(self) -> Iterator[Member]:
        """Yield the states; one at a time is in memory."""
        for index in self.numbers:
            yield self._member(index, self.notes)

    def __len__(self) -> int:
        return len(self.numbers)

    @property
    def first(self) -> Member:
        """The first state, without notes."""
        return self._member(self.numbers[0], Notes())

    @property
    def dates(self) -> list[cftime.datetime | None]:
        """When each is valid, as the file tells."""
        return [self._date(index) for index in self.numbers]

    def _member(self, index: int, notes: Notes) -> Member:
        reading = self.file.read(self.present, index=index, target=self.grid)
        notes.extend(reading.notes)
        zero = np.zeros(self.grid.shape)
        fields = dict.fromkeys((*NEEDED, *WITH_THEM), zero)
        for name in self.present:
            values = np.asarray(reading.dataset[name].values, np.float64).reshape(self.grid.shape)
            fields[name] = np.where(self.grid.mask, values, 0.0)
        dataset = self.file.dataset
        theirs = ours_of(dataset, "seaice")[self.present[0]][0]
        share = share_of_year(dataset, theirs, index, self.file.source)
        date = self._date(index)
        if share is None and date is not None:
            share = _share(date)
        return Member(self._number(index), fields, share, date, self._along("weight", index, None))

    def _number(self, index: int) -> int:
        return int(self._along("member", index, index) if self.file.records == ["member"] else index)

    def _date(self, index: int) -> cftime.datetime | None:
        dates = self.file.dates
        if dates is None:
            return None
        return dates[self._place(index).get("time", 0)]

    def _along(self, name: str, index: int, default: Any) -> Any:
        """Return the value of a coordinate along the members, e.g. their number."""
        dataset, place = self.file.dataset, self._place(index)
        if name not in dataset.variables or not set(dataset[name].dims) <= set(place):
            return default
        value = dataset[name].isel({str(d): place[str(d)] for d in dataset[name].dims}).values
        return float(value) if np.issubdtype(np.asarray(value).dtype, np.number) else default

    def _place(self, index: int) -> dict[str, int]:
        records = self.file.records
        sizes = [self.file.dataset.sizes[d] for d in records]
        return dict(zip(records, map(int, np.unravel_index(index, sizes)), strict=True)) if sizes else {}


def open_members(
    states: Source, choices: Choices, wanted: Sequence[int] | None, grid: Grid | None = None, *, with_sit: bool = True
) -> Members:
    """Open states of any origin and read the first one, so that all that is wrong with it is told before any work.

    Args:
        states: File, folder, store or dataset.
        choices: What it does not say.
        wanted: Which states, counted from 0; all if None.
        grid: The grid on which they must lie; their own if None.
        with_sit: Whether thickness must be there beside concentration, and what is not there is taken for 0.

    Raises:
        InputError: It lists what is wrong.
    """
    file = open_state_file(states, choices=choices)
    numbers = chosen(file, wanted)
    needed = NEEDED if with_sit else NEEDED[1:]
    present = (*needed, *(n for n in (*NEEDED, *WITH_THEM) if n in file.names and n not in needed))
    target = None if grid is None else replace(grid, vertical=None)
    reading = file.read(present, index=numbers[0], target=target)
    notes = Notes()
    for name in [n for n in WITH_THEM if with_sit and n not in present]:
        notes.add("assumed", name, "not among the states: 0")
    return Members(file, target or reading.grid, numbers, present, notes, provenance_of(file, states))


def chosen(file: StateFile, wanted: Sequence[int] | None) -> tuple[int, ...]:
    """Return which states of a file are wanted, counted from 0; all if None.

    Raises:
        InputError: If there is no such state, or one is wanted twice.
    """
    numbers = tuple(range(file.count)) if wanted is None else tuple(wanted)
    if beyond := [k for k in numbers if not 0 <= k < file.count]:
        raise InputError(
            "member",
            found=", ".join(map(str, beyond)),
            expected=f"0 to {file.count - 1}",
            remedy=f"Members are counted from 0; the file holds {file.count} state(s).",
        )
    if twice := sorted({k for k in numbers if numbers.count(k) > 1}):
        raise InputError(
            "member",
            found=f"{', '.join(map(str, twice))} more than once",
            expected="each state once",
            remedy="Give every --member one time.",
        )
    return numbers


def provenance_of(file: StateFile, states: Source) -> dict[str, str]:
    """Return the attributes of what is made of the states: what the file says of itself, its name, this version."""
    attrs = {k: str(v) for k, v in file.dataset.attrs.items() if str(k).startswith("halocline_") and v != ""}
    return attrs | {"halocline_states": source_name(states), "halocline_export_version": __version__}


def _share(date: cftime.datetime) -> float:
    begin = cftime.datetime(date.year, 1, 1, calendar=date.calendar)
    end = cftime.datetime(date.year + 1, 1, 1, calendar=date.calendar)
    return float((date - begin) / (end - begin))
