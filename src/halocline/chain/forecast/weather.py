"""Where a forecast's weather comes from: a state store, or a file like those of ERA5."""

from pathlib import Path
from typing import Protocol

import numpy as np

from halocline.data.files.open import is_store
from halocline.data.files.validate import check_mask
from halocline.data.grids.grid import Grid
from halocline.data.store.store import StateStore, open_store
from halocline.runtime.errors import InputError
from halocline.worlds.arctic.domain import domain_of
from halocline.worlds.arctic.forcing_file import FileForcing

YEAR_HOURS = 8760


class Weather(Protocol):
    """A source of forcing; hours are since 2000-01-01 00:00 of the noleap calendar.

    Attributes:
        name: For errors.
        hours: Times of its records (time,), increasing.
    """

    @property
    def name(self) -> str:
        """Its name in errors."""
        ...

    @property
    def hours(self) -> np.ndarray:
        """Times of the records."""
        ...

    def read(self, hour: int, names: tuple[str, ...]) -> np.ndarray:
        """Return (name, y, x) float32 in physical units."""
        ...


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
        """See Weather."""
        at = int(np.searchsorted(self.hours, hour))
        if at == len(self.hours) or self.hours[at] != hour:
            raise _absent(self, hour)
        channels = [self._store.channels.index(name) for name in names]
        return self._store.read(self._member, at)[channels]


class FileWeather:
    """The weather of a file, interpolated in time between its records; checked for gaps and units when it is opened.

    Args:
        path: NetCDF file or Zarr folder with t2m, q2m (or d2m), u10, v10; see worlds/arctic/forcing_file.py.
        grid: The grid of the forecast.

    Raises:
        InputError: If a variable, the grid, a unit, a time or a value does not fit.
    """

    def __init__(self, path: Path, grid: Grid) -> None:
        self.name = f"forcing {path}"
        self._forcing = FileForcing(path, domain_of(grid), years=0)
        self._begin = (self._forcing.first_year - 2000) * YEAR_HOURS
        self._hours = self._begin + self._forcing.hours

    @property
    def hours(self) -> np.ndarray:
        """Times at which the weather is asked for: every 6 h from the first record to the last."""
        return np.arange(-(-self._hours[0] // 6) * 6, self._hours[-1] + 1, 6).astype(np.int64)

    def read(self, hour: int, names: tuple[str, ...]) -> np.ndarray:
        """See Weather."""
        if not self._hours[0] <= hour <= self._hours[-1]:
            raise _absent(self, hour)
        air = self._forcing.at((hour - self._begin) // 6)
        return np.stack([getattr(air, name) for name in names]).astype(np.float32)


def open_weather(path: Path, member: int, names: tuple[str, ...], grid: Grid) -> Weather:
    """Open a store or a file; ``member`` chooses among a store's.

    Raises:
        InputError: If it cannot be used.
    """
    if path.exists() and is_store(path):
        return StoreWeather(open_store(path), member, names, grid)
    return FileWeather(path, grid)


def require_cover(weather: Weather, first: int, last: int, step: int) -> None:
    """Raise InputError unless the weather has every step from hour ``first`` to ``last``."""
    wanted = np.arange(first, last + 1, step)
    missing = wanted[~np.isin(wanted, weather.hours)]
    if len(missing):
        raise InputError(
            weather.name,
            found=f"records from {date_of(int(weather.hours[0]))} to {date_of(int(weather.hours[-1]))}, none at "
            f"{date_of(int(missing[0]))}" + (f" nor at {len(missing) - 1} later times" if len(missing) > 1 else ""),
            expected=f"a record every {step} h from {date_of(first)} to {date_of(last)}",
            remedy="Complete the forcing, start earlier, or forecast fewer days.",
        )


_DAYS_BEFORE = np.concatenate([[0], np.cumsum([31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30])])


def date_of(hour: int) -> str:
    """Return hours since 2000-01-01 noleap as a date, e.g. ``2007-01-01 12:00``."""
    year, rest = divmod(hour, YEAR_HOURS)
    day, of_day = divmod(rest, 24)
    month = int(np.searchsorted(_DAYS_BEFORE, day, side="right"))
    return f"{2000 + year:04d}-{month:02d}-{day - _DAYS_BEFORE[month - 1] + 1:02d} {of_day:02d}:00"


def hour_of(text: str) -> int:
    """Return a date such as ``2007-01-01`` or ``2007-01-01 12:00`` in hours since 2000-01-01 noleap.

    Raises:
        InputError: If it is no date of the noleap calendar.
    """
    date, _, clock = text.strip().replace("T", " ").partition(" ")
    try:
        year, month, day = (int(part) for part in date.split("-"))
        hour = int(clock.partition(":")[0]) if clock else 0
        last = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] if 1 <= month <= 12 else 0
        if not (1 <= day <= last and 0 <= hour < 24):
            raise ValueError
    except ValueError:
        raise InputError(
            f"date '{text}'",
            found="no date of the 365-day calendar",
            expected="YYYY-MM-DD or 'YYYY-MM-DD HH:00'",
            remedy="29 February does not exist there.",
        ) from None
    return (year - 2000) * YEAR_HOURS + (int(_DAYS_BEFORE[month - 1]) + day - 1) * 24 + hour


def _absent(weather: Weather, hour: int) -> InputError:
    return InputError(
        weather.name,
        found=f"no record at {date_of(hour)}",
        expected="a record at every step of the forecast",
        remedy="Complete the forcing, start elsewhere, or forecast fewer days.",
    )
