"""The table of observations: one row a measurement, whatever measured it."""

import warnings
from collections.abc import Iterable
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import cftime
import numpy as np

from halocline.data.fields.calendar import TIME_UNITS, calendar_named, hours_of_dates
from halocline.observations.check import check_table
from halocline.runtime.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd
    import xarray as xr

FLAGS = {
    0: "good",
    1: "rejected_by_source",
    2: "off_grid_or_land",
    3: "out_of_range",
    4: "superobbed_away",
    5: "lone_vector_component",
}
"""What the numbers of the column ``flag`` mean; only rows of flag 0 are used."""

_KINDS: dict[str, type] = {"variable": np.str_, "kind": np.str_, "flag": np.int8, "censored": np.int8}


@dataclass(frozen=True, eq=False)
class Observations:
    """Measurements y = H(x) + e, e ~ N(0, sigma^2) with sigma^2 = error^2 + representativeness^2; arrays (n,).

    A censored row is a measurement that a bound cut off: -1 where the retrieval lay at or below the variable's lower
    bound, which is its ``value``; 1 where at or above the upper one. It tells an inequality, not a number.

    Time is counted as everywhere in Halocline, in hours since 2000-01-01 00:00 of a CF calendar, so that a table holds
    30 February of a model's 360-day year as well as a satellite's date; ``dates`` are cftime's.

    Attributes:
        time: When, float64, hours since 2000-01-01 00:00 of ``calendar``; numpy's datetime64 is converted.
        latitude: Degrees north.
        longitude: Degrees east, -180 to less than 180.
        depth: Depth, m, positive down; NaN where the variable has none.
        variable: What: a variable of states or a derived quantity; see ``quantities``. Vectors by their eastward and
            northward components.
        value: In the unit of the variable. Unbounded retrievals (concentration below 0) are allowed.
        error: Standard deviation of the measurement's error, same unit.
        representativeness: Standard deviation of what a model's cell does not hold of the place measured, same unit; 0
            if none is added.
        flag: 0 for a row that is used; see ``FLAGS``.
        censored: -1 cut off at the lower bound, 1 at the upper, 0 neither.
        kind: Which source or instrument, e.g. ``concentration``, ``thickness-track``, ``buoy``, ``profile``.
        calendar: CF calendar of the times.
        axes: ``earth``: vectors are eastward and northward; ``grid``: along a grid's axes, as ``on_grid`` makes them.
        source: File or dataset, for errors.
    """

    time: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray
    depth: np.ndarray
    variable: np.ndarray
    value: np.ndarray
    error: np.ndarray
    representativeness: np.ndarray
    flag: np.ndarray
    censored: np.ndarray
    kind: np.ndarray
    calendar: str = "standard"
    axes: Literal["earth", "grid"] = "earth"
    source: str = field(default="observations", repr=False)

    def __post_init__(self) -> None:
        for name in COLUMNS:
            values = np.asarray(getattr(self, name))
            if name == "time" and values.dtype.kind == "M":
                values = hours_of_datetimes(values, self.calendar)
            wanted = np.dtype(_KINDS.get(name, np.float64))
            if values.dtype.kind != wanted.kind or (wanted.kind != "U" and values.dtype != wanted):
                values = _as(values, wanted, name, self.source)
            object.__setattr__(self, name, values)
        object.__setattr__(self, "calendar", calendar_named(self.calendar))
        check_table({name: getattr(self, name) for name in COLUMNS}, FLAGS, self.source, on_grid=self.axes == "grid")
        object.__setattr__(self, "longitude", (self.longitude + 180.0) % 360.0 - 180.0)

    @classmethod
    def of(
        cls,
        *,
        time: Any,
        latitude: Any,
        longitude: Any,
        variable: Any,
        value: Any,
        error: Any,
        kind: Any,
        depth: Any = np.nan,
        representativeness: Any = 0.0,
        flag: Any = 0,
        censored: Any = 0,
        calendar: str = "standard",
        source: str = "observations",
    ) -> "Observations":
        """Return a table of columns (n,) or numbers and words that hold for all rows; see the class."""
        given = {
            **{"time": time, "latitude": latitude, "longitude": longitude, "depth": depth, "variable": variable},
            **{"value": value, "error": error, "representativeness": representativeness},
            **{"flag": flag, "censored": censored, "kind": kind},
        }
        rows = max((np.asarray(v).size for v in given.values() if np.ndim(v)), default=1)
        columns: dict[str, Any] = {n: np.asarray(v) if np.ndim(v) else np.full(rows, v) for n, v in given.items()}
        return cls(**columns, calendar=calendar, source=source)

    @classmethod
    def empty(cls, calendar: str = "standard") -> "Observations":
        """Return a table without rows."""
        columns: dict[str, Any] = {name: np.zeros(0, _KINDS.get(name, float)) for name in COLUMNS}
        return cls(**columns, calendar=calendar)

    def __len__(self) -> int:
        return len(self.value)

    @cached_property
    def sigma(self) -> np.ndarray:
        """Standard deviation of value minus truth (n,): error and representativeness together."""
        return np.hypot(self.error, self.representativeness)

    @property
    def good(self) -> np.ndarray:
        """True where a row is used (n,)."""
        return self.flag == 0

    @property
    def dates(self) -> np.ndarray:
        """Dates (n,), cftime's of the calendar."""
        found = cftime.num2date(self.time, TIME_UNITS, calendar=self.calendar, only_use_cftime_datetimes=True)
        return np.asarray(found)

    def columns(self) -> dict[str, np.ndarray]:
        """Return the columns by name."""
        return {name: getattr(self, name) for name in COLUMNS}

    def replace(self, **columns: Any) -> "Observations":
        """Return the table with some columns changed; it is checked anew."""
        return replace(self, **columns)

    def select(self, rows: np.ndarray) -> "Observations":
        """Return some rows.

        Args:
            rows: True for those wanted (n,), or their numbers.
        """
        rows = np.asarray(rows)
        if rows.dtype == bool and rows.shape != (len(self),):
            raise InputError(
                "rows selected",
                found=f"a mask {rows.shape}",
                expected=f"({len(self)},), one for each row",
                remedy="Give the mask of this table.",
            )
        return replace(self, **{name: values[rows] for name, values in self.columns().items()})

    def in_calendar(self, calendar: str) -> "Observations":
        """Return the table with its dates in another calendar, day by day.

        Rows of days that it lacks, e.g. 29 February in ``noleap``, are left out, with a warning.
        """
        calendar = calendar_named(calendar)
        if calendar == self.calendar:
            return self
        times, inverse = np.unique(self.time, return_inverse=True)
        dates = cftime.num2date(times, TIME_UNITS, calendar=self.calendar, only_use_cftime_datetimes=True)
        exists, hours = hours_of_dates(np.atleast_1d(dates), calendar)
        moved = np.full(times.shape, np.nan)
        moved[exists] = hours
        kept = exists[inverse]
        if not kept.all():
            lost = f"{int((~kept).sum())} observations of days that the calendar {calendar} does not have are left out"
            warnings.warn(lost, stacklevel=2)
        columns = {name: values[kept] for name, values in self.columns().items()}
        return replace(self, **(columns | {"time": moved[inverse][kept]}), calendar=calendar)

    def to_dataframe(self) -> "pd.DataFrame":
        """Return the columns as a pandas frame, with ``sigma``."""
        import pandas as pd

        return pd.DataFrame({**self.columns(), "sigma": self.sigma})

    def to_dataset(self) -> "xr.Dataset":
        """Return the table as a CF dataset; see ``files``."""
        from halocline.observations.files import to_dataset

        return to_dataset(self)

    @classmethod
    def from_dataset(cls, dataset: "xr.Dataset", source: str = "the dataset") -> "Observations":
        """Read the form of ``to_dataset`` back; InputError if it is none."""
        from halocline.observations.files import from_dataset

        return from_dataset(dataset, source)

    def write(self, path: "Path | str") -> "Path":
        """Write the table to NetCDF, whole and sealed; OutputError if ``path`` exists."""
        from halocline.observations.files import write

        return write(self, path)


COLUMNS = tuple(f.name for f in fields(Observations) if f.name not in ("calendar", "axes", "source"))


def concatenate(tables: Iterable[Observations]) -> Observations:
    """Return the rows of tables one after the other, in the calendar of the first.

    Rows whose day that calendar does not have, e.g. 29 February in ``noleap``, are left out.

    Raises:
        InputError: If there is no table.
    """
    given = list(tables)
    if not given:
        raise InputError(
            "observations", found="no table", expected="at least one", remedy="Give a table, or Observations.empty()."
        )
    same = [table.in_calendar(given[0].calendar) for table in given]
    columns = {name: np.concatenate([getattr(t, name) for t in same]) for name in COLUMNS}
    return Observations(**columns, calendar=given[0].calendar, axes=given[0].axes, source=given[0].source)


def hours_of_datetimes(values: np.ndarray, calendar: str) -> np.ndarray:
    """Return numpy's dates (n,) in hours since 2000-01-01; InputError in a calendar whose days are others."""
    if calendar_named(calendar) not in ("standard", "proleptic_gregorian"):
        raise InputError(
            "times of observations",
            found=f"dates of the standard calendar and the calendar {calendar}",
            expected="one calendar",
            remedy="Make the table in the standard calendar, and carry it over with in_calendar.",
        )
    found = (values.astype("M8[ns]") - np.datetime64("2000-01-01", "ns")) / np.timedelta64(1, "h")
    return np.asarray(found, np.float64)


def _as(values: np.ndarray, wanted: np.dtype, name: str, source: str) -> np.ndarray:
    try:
        if wanted.kind == "f" and values.dtype.kind not in "fiu" and values.size:
            raise ValueError("no numbers")
        if wanted.kind == "U" and values.dtype.kind not in "OS" and values.size:
            raise ValueError("numbers")
        made = values.astype(wanted)
        if wanted.kind == "i" and not np.array_equal(made, values):
            raise ValueError("other numbers")
    except (ValueError, TypeError, OverflowError):
        raise InputError(
            f"column '{name}' of {source}",
            found=f"{values.dtype} values",
            expected={"U": "words", "i": "whole numbers", "f": "numbers"}[wanted.kind],
            remedy="Times are hours since 2000-01-01 of the calendar; correct the column.",
        ) from None
    return made
