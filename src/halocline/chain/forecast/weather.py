"""Where a forecast's weather comes from: a state store, or a file like those of ERA5."""

from typing import Protocol

import numpy as np

from halocline.data.fields.calendar import NOLEAP, date_of
from halocline.data.files.forcing import ForcingFile
from halocline.data.files.open import Source, is_store, open_dataset, source_text
from halocline.data.files.validate import check_mask
from halocline.data.grids.grid import Grid
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.names import ours_of
from halocline.data.reading.notes import Notes
from halocline.data.store.store import StateStore, open_store
from halocline.runtime.errors import InputError


class Weather(Protocol):
    """A source of forcing; hours are since 2000-01-01 00:00 of its calendar.

    Attributes:
        name: For errors.
        calendar: The calendar.
        hours: Times of its records (time,), increasing.
        notes: What was converted when it was read.
        declared: Variables whose unit the user's file says.
    """

    notes: Notes
    declared: frozenset[str]

    @property
    def name(self) -> str:
        """Its name in errors."""

    @property
    def calendar(self) -> str:
        """The CF calendar of its hours."""

    @property
    def hours(self) -> np.ndarray:
        """Times of the records."""

    def read(self, hour: int, names: tuple[str, ...]) -> np.ndarray:
        """Return (name, y, x) float32 in physical units."""


class StoreWeather:
    """The weather of one member of a state store.

    Args:
        store: The store; must be on ``grid``.
        member: Whose weather.
        names: What is needed.
        grid: The grid of the forecast.

    Raises:
        InputError: If the store lacks a variable or has another grid.
    """

    def __init__(self, store: StateStore, member: int, names: tuple[str, ...], grid: Grid) -> None:
        self.name, self._store, self._member = f"forcing {store.path}, member {member}", store, member
        self.calendar, self.notes, self.declared = store.calendar, Notes(), frozenset[str]()
        missing = [name for name in names if name not in store.channels]
        if missing:
            raise InputError(
                f"forcing {store.path}",
                found=f"no variable {', '.join(missing)}",
                expected=", ".join(names),
                remedy="Use a store of the Arctic world.",
            )
        check_mask(store.grid.mask, grid, self.name)
        if not 0 <= member < store.members:
            raise InputError(
                self.name,
                found=f"members 0 to {store.members - 1}",
                expected=f"a member {member}",
                remedy="Start from states of a member whose weather the store holds.",
            )

    @property
    def hours(self) -> np.ndarray:
        """Times of the records."""
        return self._store.hours

    def read(self, hour: int, names: tuple[str, ...]) -> np.ndarray:
        """Return (name, y, x) float32 of the record at ``hour``, physical units."""
        at = int(np.searchsorted(self.hours, hour))
        if at == len(self.hours) or self.hours[at] != hour:
            raise _absent(self, hour)
        channels = [self._store.channels.index(name) for name in names]
        return self._store.read(self._member, at)[channels]


class FileWeather:
    """The weather of a file, interpolated in time between its records; checked for gaps and units when it is opened.

    Args:
        path: NetCDF file or Zarr folder; see data/files/forcing.py.
        names: What is needed, e.g. t2m, q2m, u10, v10.
        grid: The grid of the forecast.
        calendar: The calendar of the forecast; the file's dates are carried over to it.
        choices: What the file does not say.

    Raises:
        InputError: If a variable, the grid, a unit, a time or a value does not fit.
    """

    def __init__(
        self,
        path: Source,
        names: tuple[str, ...],
        grid: Grid,
        calendar: str = NOLEAP,
        choices: Choices = AS_THE_FILE_SAYS,
    ) -> None:
        self.name, self.calendar = f"forcing {source_text(path)}", calendar
        self._file = ForcingFile(path, names, grid, calendar=calendar, choices=choices)
        self.notes, self.declared = self._file.notes, self._file.declared

    @property
    def hours(self) -> np.ndarray:
        """Times at which the weather is asked for: every 6 h from the first record to the last."""
        first, last = self._file.hours[[0, -1]]
        return np.arange(-(-first // 6) * 6, last + 1, 6).astype(np.int64)

    def read(self, hour: int, names: tuple[str, ...]) -> np.ndarray:
        """Return (name, y, x) float32 at ``hour``, linear between the records around it, physical units."""
        if not self._file.hours[0] <= hour <= self._file.hours[-1]:
            raise _absent(self, hour)
        air = self._file.at(hour)
        return np.stack([air[name] for name in names]).astype(np.float32)


def open_weather(
    path: Source,
    member: int,
    names: tuple[str, ...],
    grid: Grid,
    calendar: str = NOLEAP,
    choices: Choices = AS_THE_FILE_SAYS,
) -> Weather:
    """Open a store or a file; ``member`` chooses among a store's, ``choices`` says what a file does not.

    Raises:
        InputError: If it cannot be used, or a store has another calendar.
    """
    if not is_store(path):
        return FileWeather(path, names, grid, calendar, choices)
    store = open_store(path)  # type: ignore[arg-type]
    if store.calendar != calendar:
        raise InputError(
            f"calendar of forcing {path}",
            found=store.calendar,
            expected=f"{calendar}, as that of the start",
            remedy="Start from a store of that calendar, or give the forcing as a file: its dates are carried over.",
        )
    return StoreWeather(store, member, names, grid)


def require_own_weather(start: Source, names: tuple[str, ...]) -> None:
    """Raise InputError if a start that is to be its own forcing holds no weather at all."""
    if is_store(start) or ours_of(open_dataset(start, "start", "raw"), "forcing"):
        return
    raise InputError(
        "forcing",
        found=f"none given, and no weather in the start {source_text(start)}",
        expected=f"{', '.join(names)} from the start of the forecast to its end",
        remedy="Give it with --forcing: a file such as ERA5's, or a state store.",
    )


def require_cover(weather: Weather, first: int, last: int, step: int) -> None:
    """Raise InputError unless the weather has every step from hour ``first`` to ``last``."""
    wanted = np.arange(first, last + 1, step)
    missing = wanted[~np.isin(wanted, weather.hours)]

    def when(hour: int) -> str:
        return date_of(int(hour), weather.calendar)

    if len(missing):
        raise InputError(
            weather.name,
            found=f"records from {when(weather.hours[0])} to {when(weather.hours[-1])}, none at "
            f"{when(missing[0])}" + (f" nor at {len(missing) - 1} later times" if len(missing) > 1 else ""),
            expected=f"a record every {step} h from {when(first)} to {when(last)}",
            remedy="Complete the forcing, start earlier, or forecast fewer days.",
        )


def _absent(weather: Weather, hour: int) -> InputError:
    return InputError(
        weather.name,
        found=f"no record at {date_of(hour, weather.calendar)}",
        expected="a record at every step of the forecast",
        remedy="Complete the forcing, start elsewhere, or forecast fewer days.",
    )
