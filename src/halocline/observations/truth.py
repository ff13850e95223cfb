"""States that instruments look at: one member of a store or a file, read date by date."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.data.fields.calendar import calendar_named, hour_of, hours_of_dates
from halocline.data.files.ocean import ocean_states
from halocline.data.files.open import Source, is_store, open_dataset, source_text
from halocline.data.files.states import open_state_file
from halocline.data.grids.grid import Grid
from halocline.data.reading.axes import name_axes
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.names import ours_of
from halocline.data.reading.times import time_axis
from halocline.data.reading.work import Work
from halocline.data.store.store import open_store
from halocline.runtime.errors import InputError

Fields = dict[str, np.ndarray]
_KEPT = 4  # states in memory


@dataclass(frozen=True, eq=False)
class Truth:
    """One member's states.

    Attributes:
        grid: Their grid.
        hours: When they are valid (k,), hours since 2000-01-01 of the calendar, in order.
        calendar: CF calendar.
        names: The variables they hold.
        source: Where they come from, for errors and notes.
    """

    grid: Grid
    hours: np.ndarray
    calendar: str
    names: tuple[str, ...]
    source: str
    _read: Callable[[int], Fields]
    _kept: dict[int, Fields]

    def fields(self, index: int) -> Fields:
        """Return the variables of a state by name, each ([level,] y, x); anything where dry."""
        if index not in self._kept:
            while len(self._kept) >= _KEPT:
                self._kept.pop(next(iter(self._kept)))
            self._kept[index] = self._read(index)
        return self._kept[index]

    def nearest(self, hours: np.ndarray) -> np.ndarray:
        """Return the state nearest in time to each hour (n,); -1 where none is as near as states are to each other."""
        hours = np.asarray(hours, np.float64)
        if len(self.hours) == 1:
            return np.zeros(hours.shape, np.int64)
        after = np.clip(np.searchsorted(self.hours, hours), 1, len(self.hours) - 1)
        before = after - 1
        near = np.where(hours - self.hours[before] <= self.hours[after] - hours, before, after)
        gap = 0.5 * float(np.median(np.diff(self.hours)))
        return np.where(np.abs(self.hours[near] - hours) <= gap + 1e-6, near, -1)


def open_truth(
    source: Source, *, member: int = 0, date: str | None = None, choices: Choices = AS_THE_FILE_SAYS
) -> Truth:
    """Open one member of states of sea ice or ocean.

    Args:
        source: A store, a file of states, or a dataset.
        member: Which member, counted from 0 over all dimensions but time.
        date: When states without dates are valid, e.g. ``2007-03-16 12:00``.
        choices: What a file does not say.

    Raises:
        InputError: If the states cannot be read, there is no such member, or their date is not known.
    """
    if is_store(source):
        return _of_store(Path(source), member)  # type: ignore[arg-type]
    dataset = open_dataset(source, times="cftime")
    if ours_of(dataset, "ocean"):
        return _of_ocean(dataset, source_text(source), member, date, choices)
    return _of_ice(source, member, date, choices)


def _of_store(path: Path, member: int) -> Truth:
    store = open_store(path)
    _require_member(member, store.members, str(path))

    def read(index: int) -> Fields:
        return dict(store.layout.split(store.read(member, index)))

    hours = np.asarray(store.hours, np.float64)
    return Truth(store.grid, hours, store.calendar, store.layout.names, str(path), read, {})


def _of_ice(source: Source, member: int, date: str | None, choices: Choices) -> Truth:
    file = open_state_file(source, choices=choices)
    others = [d for d in file.records if d != "time"]
    sizes = [file.dataset.sizes[d] for d in others]
    _require_member(member, int(np.prod(sizes, dtype=int)), file.source)
    place = dict(zip(others, np.unravel_index(member, sizes), strict=True)) if others else {}
    shape = [file.dataset.sizes[d] for d in file.records]
    dated = "time" in file.records

    def number(index: int) -> int:
        at = [index if d == "time" else int(place[d]) for d in file.records]
        return int(np.ravel_multi_index(at, shape)) if shape else 0

    first = file.read(index=number(0))
    grid, names = first.grid, first.names

    def read(index: int) -> Fields:
        dataset = file.read(names, index=number(index), target=grid).dataset
        return {name: np.asarray(dataset[name].values).reshape(grid.shape) for name in names}

    hours, calendar = _hours(file.dates, file.calendar, date, file.source)
    return Truth(grid, hours if dated else hours[:1], calendar, names, file.source, read, {})


def _of_ocean(dataset: xr.Dataset, source: str, member: int, date: str | None, choices: Choices) -> Truth:
    work = Work(source, "ocean", choices, None)
    named = name_axes(dataset.copy(), work)
    axis = time_axis(named, work) if "time" in named.dims else None
    if axis is None and "time" in named.coords and named["time"].dtype.kind in "MO":
        axis = time_axis(named[["time"]].expand_dims("time"), work)
    work.problems.raise_all()
    _require_member(member, named.sizes.get("member", 1), source)
    chosen = named.isel(member=member) if "member" in named.dims else named
    ocean = ocean_states(chosen.load(), source=source, choices=choices)
    dates = None if axis is None else axis.dates
    if len(ocean.states) > 1 and (dates is None or len(dates) != len(ocean.states)):
        raise InputError(
            source,
            found=f"{len(ocean.states)} states, {0 if dates is None else len(dates)} dates",
            expected="dimensions member and time",
            remedy="Choose one state, or name the dimension of the ensemble 'member'.",
        )
    hours, calendar = _hours(dates, "standard" if axis is None else axis.calendar, date, source)
    split = ocean.layout.fields.split

    def read(index: int) -> Fields:
        return dict(split(ocean.states[index]))

    return Truth(ocean.layout.grid, hours, calendar, tuple(ocean.layout.fields.names), source, read, {})


def _hours(dates: np.ndarray | None, calendar: str, date: str | None, source: str) -> tuple[np.ndarray, str]:
    calendar = calendar_named(calendar)
    if dates is None:
        if date is None:
            raise InputError(
                source,
                found="states without dates",
                expected="when they are valid",
                remedy="Give --date '2007-03-16 12:00' (date=... in Python).",
            )
        return np.array([float(hour_of(date, "standard"))]), "standard"
    if date is not None:
        raise InputError(
            source, found="states with dates, and --date", expected="one of them", remedy="Leave --date out."
        )
    return hours_of_dates(dates, calendar)[1], calendar


def _require_member(member: int, count: int, source: str) -> None:
    if not 0 <= member < count:
        raise InputError(
            f"member {member} of {source}",
            found=f"{count} of them",
            expected=f"0 to {count - 1}",
            remedy="Name one that the states have.",
        )
