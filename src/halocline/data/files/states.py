"""States in a file, a folder or in memory, through the one reader: one record, or all of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import xarray as xr

from halocline.data.fields.calendar import NOLEAP, date_of, hours_of_dates
from halocline.data.files.ocean import ocean_states
from halocline.data.files.open import Source, is_store, loaded, open_dataset, read_dataset, source_text, store_dataset
from halocline.data.grids.grid import Grid
from halocline.data.reading.axes import name_axes
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.names import ours_of
from halocline.data.reading.read import Reading, read_states
from halocline.data.reading.times import time_axis
from halocline.data.reading.work import Group, Work
from halocline.runtime.errors import InputError

_RECORDS = ("member", "time")


@dataclass(frozen=True, eq=False)
class StateFile:
    """States that are not read yet.

    Attributes:
        dataset: Lazy, axes under our names.
        source: Its name, for errors.
        choices: What the file does not say.
        dates: Date of each record along time, cftime; None without a time axis.
        calendar: Calendar of these dates.
        group: Which variables they are: ``seaice`` or ``ocean``.
    """

    dataset: xr.Dataset
    source: str
    choices: Choices
    dates: np.ndarray | None
    calendar: str
    group: Group = "seaice"

    @property
    def names(self) -> tuple[str, ...]:
        """The variables of the group that the file holds, under our names."""
        return tuple(ours_of(self.dataset, self.group))

    @property
    def records(self) -> list[str]:
        """The dimensions that count states: of any name but y and x, members before times."""
        found = ours_of(self.dataset, self.group).values()
        used = [str(d) for theirs in found for d in self.dataset[theirs[0]].dims if d not in ("y", "x", "depth")]
        return sorted(dict.fromkeys(used), key=lambda d: _RECORDS.index(d) if d in _RECORDS else -1)

    @property
    def count(self) -> int:
        """Number of states."""
        return int(np.prod([self.dataset.sizes[d] for d in self.records], dtype=int))

    def read(
        self,
        wanted: Iterable[str] | None = None,
        *,
        index: int | None = None,
        target: Grid | None = None,
        like: Grid | None = None,
        needs_grid: bool = True,
    ) -> Reading:
        """Read the states.

        Args:
            wanted: Variables that must be there; all that are found if None.
            index: One state, counted over members and times; all if None.
            target: The grid on which they must lie.
            like: A grid on which they may lie.
            needs_grid: Whether positions and a mask must be known.

        Raises:
            InputError: It lists all that is wrong.
        """
        dataset = self.dataset if index is None else self.dataset.isel(self._at(index))
        try:
            dataset = dataset.load()
        except Exception as error:
            raise InputError(
                self.source,
                found=f"values that cannot be read ({type(error).__name__}: {error})",
                expected="NetCDF 4 or Zarr",
                remedy="The file is truncated or damaged; write or copy it again.",
            ) from error
        return read_states(
            dataset,
            group=self.group,
            wanted=wanted,
            choices=self.choices,
            source=self.source,
            target=target,
            like=like,
            needs_grid=needs_grid,
        )

    def record(self, index: int) -> xr.Dataset:
        """Return one state as it lies in the file, in memory; counted over members and times."""
        return loaded(self.dataset.isel(self._at(index)), self.source)

    def hour(self, index: int, calendar: str) -> float | None:
        """Return when a state is valid, hours since 2000-01-01 of a calendar; None without dates.

        Raises:
            InputError: If that calendar has no such day.
        """
        if self.dates is None:
            return None
        date = self.dates[self._at(index)["time"]] if "time" in self.records else self.dates[0]
        exists, hours = hours_of_dates([date], calendar)
        if not exists[0]:
            raise InputError(
                self.source,
                found=f"a state of {date}",
                expected=f"a date of the calendar {calendar}",
                remedy="Choose another state with --start-index.",
            )
        return float(hours[0])

    def span(self, calendar: str) -> tuple[float, float]:
        """Return the first and the last date of the states, hours since 2000-01-01 of a calendar."""
        assert self.dates is not None
        hours = hours_of_dates(self.dates, calendar)[1]
        return float(hours.min()), float(hours.max())

    def index_at(self, hour: int, calendar: str) -> int:
        """Return the state of a date, the first member's; the only state there is, or one without dates, is index 0.

        Raises:
            InputError: If the file has dates, and this is none of them.
        """
        if self.dates is None or "time" not in self.records:
            return 0
        exists, hours = hours_of_dates(self.dates, calendar)
        found = np.flatnonzero(np.abs(hours - hour) < 0.5)
        if not found.size:
            first, last = (date_of(h, calendar) for h in (hours.min(), hours.max()))
            raise InputError(
                f"state of {date_of(hour, calendar)} in {self.source}",
                found=f"{len(hours)} states from {first} to {last}, none of this time",
                expected="a time of the file",
                remedy="Give --at one of its times, or none and --start-index.",
            )
        return int(np.flatnonzero(exists)[found[0]])

    def _at(self, index: int) -> dict[str, int]:
        sizes = [self.dataset.sizes[d] for d in self.records]
        if not 0 <= index < self.count:
            raise InputError(
                "start-index",
                found=index,
                expected=f"0 to {self.count - 1}",
                remedy=f"The file holds {self.count} state(s).",
            )
        return dict(zip(self.records, map(int, np.unravel_index(index, sizes)), strict=True)) if sizes else {}


def open_state_file(
    path: Source, what: str = "states", choices: Choices = AS_THE_FILE_SAYS, group: Group = "seaice"
) -> StateFile:
    """Open states of any origin: a file, a folder, a store, or a dataset.

    Args:
        path: Where they lie, or what they are.
        what: What they are, for errors.
        choices: What the file does not say.
        group: Which variables they are: ``seaice`` or ``ocean``.

    Raises:
        InputError: If it is absent, cannot be read, or its axes cannot be told apart.
    """
    source = f"{what} {source_text(path)}"
    dataset = store_dataset(path) if is_store(path) else open_dataset(path, what)  # type: ignore[arg-type]
    work = Work(source, group, choices, None)
    dataset = name_axes(dataset.copy(), work)
    axis = time_axis(dataset, work) if "time" in dataset.dims else None
    if "time" in dataset.coords and dataset["time"].ndim == 0:
        axis = time_axis(dataset[["time"]].expand_dims("time"), Work(source, group, choices, None))
    work.problems.raise_all()
    dates = None if axis is None else axis.dates
    return StateFile(dataset, source, choices, dates, NOLEAP if axis is None else axis.calendar, group)


def open_states(path: Path | str, choices: Choices = AS_THE_FILE_SAYS) -> xr.Dataset:
    """Open states of any origin (NetCDF or Zarr), or a state store.

    Args:
        path: Where they lie.
        choices: What the file does not say.

    Returns:
        Dataset of physical variables with CF attributes, land NaN, grid beside. States have dims
        ([member,] [time,] [depth,] y, x) and are checked whole; a store has (member, time, y, x) and is read lazily.
        Forcing parameters are coordinates along member, ``role`` too in a store.

    Raises:
        InputError: If a variable, unit, mask or value is wrong; it lists all that is.
        StoreError: If a store is damaged or unfinished.
    """
    path = Path(path)
    if path.exists() and is_store(path):
        return store_dataset(path)
    dataset = open_dataset(path)
    if not ours_of(dataset, "ocean"):
        return open_state_file(path, choices=choices).read().dataset
    return ocean_states(read_dataset(path), source=str(path), choices=choices).cleared()
