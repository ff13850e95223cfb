"""A forecast: states by start, member and lead, read one start and lead at a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cftime
import numpy as np
import xarray as xr

from halocline.data.fields.calendar import NOLEAP, TIME_UNITS, calendar_named
from halocline.data.fields.variables import Variable, channel, channels_among
from halocline.data.files.open import is_store, open_dataset
from halocline.data.files.validate import check_names, check_unit, check_values
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import wet_of
from halocline.data.store.store import StateStore
from halocline.evaluate.engine.draws import Draws
from halocline.runtime.errors import InputError
from halocline.runtime.seals.libraries import reading

_DIMS = ("start", "member", "lead", "y", "x")
_HOURS = {"h": 1.0, "hour": 1.0, "hours": 1.0, "d": 24.0, "day": 24.0, "days": 24.0}


@dataclass(frozen=True, eq=False)
class Forecast:
    """An ensemble forecast.

    Attributes:
        name: For tables and legends.
        dataset: Variables with dims (start, member, lead, y, x), not yet in memory.
        grid: The grid.
        channels: Variables, in the registry's order.
        lead_hours: Hours since the start (lead,), increasing; 0 is the initial state.
        start_hours: Valid times of the initial states (start,), hours since 2000-01-01.
        store_member: Member of the reference store that each start was taken from (start,); None if the file says none.
        start_index: Time index in that store (start,), negative where a start is from elsewhere; None if the file says
            none.
        draws: Which members are independent, by the file's ``draw (member)``; all if it has none.
        calendar: Calendar of the starts.
    """

    name: str
    dataset: xr.Dataset
    grid: Grid
    channels: tuple[str, ...]
    lead_hours: np.ndarray
    start_hours: np.ndarray
    store_member: np.ndarray | None
    start_index: np.ndarray | None
    draws: Draws
    calendar: str = NOLEAP

    @property
    def members(self) -> int:
        """Number of members."""
        return int(self.dataset.sizes["member"])

    @property
    def starts(self) -> int:
        """Number of starts."""
        return len(self.start_hours)

    def read(self, start: int, lead: int, names: Sequence[str] | None = None) -> np.ndarray:
        """Return all members of one start at one lead (member, channel, y, x) float32, land = 0.

        Args:
            start: Number of the start.
            lead: Number of the lead.
            names: Variables wanted; all channels if None.

        Raises:
            InputError: If a value on an ocean cell is not finite, or so far out of range that its unit must be wrong.
        """
        wanted = self.channels if names is None else tuple(names)
        chosen = self.dataset[list(wanted)].isel(start=start, lead=lead)
        where = f"forecast {self.name}, start {start}, lead {self.lead_hours[lead]:g} h"
        with reading(where):
            values = np.stack([chosen[name].values for name in wanted], axis=1).astype(np.float32)
        wet = wet_of(wanted, self.grid)
        for k, name in enumerate(wanted):
            _check(values[:, k][:, wet[k]], channel(name), where)
        return np.where(wet, values, np.float32(0.0))


def as_forecast(source: "Forecast | xr.Dataset | StateStore | Path | str", name: str | None = None) -> Forecast:
    """Return a forecast from where it lies, or from a dataset; see ``open_forecast``."""
    if isinstance(source, Forecast):
        return source
    if isinstance(source, xr.Dataset):
        return forecast_of(source, name or "forecast")
    return open_forecast(source.path if isinstance(source, StateStore) else source, name)


def open_forecast(path: Path | str, name: str | None = None) -> Forecast:
    """Open a forecast (NetCDF or Zarr) for reading; values are read and checked later, start by start.

    Args:
        path: The file or folder.
        name: Its name in tables; the file's own without ending if None.

    Raises:
        InputError: If there is none, it is unfinished or another kind of file, or its layout or units are wrong.
    """
    path = Path(path)
    if is_store(path):
        raise InputError(
            f"forecast {path}",
            found="a state store",
            expected="a forecast with dimensions member, lead",
            remedy="Leave --forecast out to score the states of a store.",
        )
    return forecast_of(open_dataset(path, "forecast", "raw"), name or path.stem, str(path))


def forecast_of(dataset: xr.Dataset, name: str, source: str = "the dataset") -> Forecast:
    """Read a dataset as a forecast; a single one may lack the dimension ``start``.

    Times may be decoded or not (``open_dataset`` decodes, unless ``decode_times=False``).

    Raises:
        InputError: If the layout, a coordinate or a unit is wrong; see ``open_forecast``.
    """
    if dataset.attrs.get("complete", 1) in (0, False, "false"):
        raise InputError(
            f"forecast {source}",
            found="a forecast that was not finished",
            expected="a finished one",
            remedy="Run the command that makes it once more: it continues where it stopped.",
        )
    names = channels_among(dataset.data_vars)
    check_names(dataset, names or ("sit", "sic"), source)
    for known in names:
        check_unit(dataset[known], channel(known), source)
    grid, fields = Grid.from_dataset(dataset), dataset[list(names)]
    if "start" not in fields.dims and "start" in fields.coords:
        fields = fields.expand_dims("start")
    for known in names:
        _check_dims(fields[known], grid, source)
    leads = _hours(dataset, "lead", source)
    if (np.diff(leads) <= 0).any() or leads[0] < 0:
        raise InputError(
            f"coordinate 'lead' in {source}",
            found="hours that do not increase from 0 on",
            expected="hours since the start, 0 included, in order",
            remedy="Sort the file along lead.",
        )
    start_hours, calendar = _starts(dataset, source)
    return Forecast(
        name=name,
        dataset=fields.transpose(*_DIMS),
        grid=grid,
        channels=names,
        lead_hours=leads,
        start_hours=start_hours,
        store_member=_numbers(dataset, "store_member"),
        start_index=_numbers(dataset, "start_index"),
        draws=_draws(dataset, source),
        calendar=calendar,
    )


def _check_dims(array: xr.DataArray, grid: Grid, source: str) -> None:
    sizes = {str(dim): size for dim, size in array.sizes.items()}
    if set(sizes) != set(_DIMS) or (sizes["y"], sizes["x"]) != grid.shape:
        raise InputError(
            f"dimensions of '{array.name}' in {source}",
            found=f"{sizes}",
            expected=f"(start, member, lead, y, x) with y, x = {grid.shape[0]}, {grid.shape[1]}, and a coord 'start'",
            remedy="Write forecasts with 'halocline forecast', or rename the dimensions and give the start's time.",
        )


def _hours(dataset: xr.Dataset, name: str, source: str) -> np.ndarray:
    """Return a coordinate of lengths of time in hours."""
    if name not in dataset.coords:
        raise InputError(
            f"coordinate '{name}' in {source}",
            found="none",
            expected="hours since the start",
            remedy=f"Assign the coordinate '{name}' with units 'hours'.",
        )
    values = dataset[name].values
    if np.issubdtype(values.dtype, np.timedelta64):
        return np.asarray(values / np.timedelta64(1, "h"), np.float64)
    unit = str(dataset[name].attrs.get("units", "hours"))
    if unit not in _HOURS:
        raise InputError(
            f"unit of '{name}' in {source}",
            found=f"'{unit}'",
            expected="'hours' or 'days'",
            remedy="Convert the leads to hours.",
        )
    return np.asarray(values, np.float64) * _HOURS[unit]


def _starts(dataset: xr.Dataset, source: str) -> tuple[np.ndarray, str]:
    """Return the times of the starts in hours since 2000-01-01, and their calendar."""
    start = dataset["start"]
    if np.issubdtype(start.dtype, np.datetime64):  # xarray decodes the standard calendar so
        hours = (start.values - np.datetime64("2000-01-01")) / np.timedelta64(1, "h")
        return np.atleast_1d(hours.astype(np.int64)), calendar_named("standard")
    values = np.atleast_1d(start.values)
    if hasattr(values[0], "calendar"):
        calendar = calendar_named(str(values[0].calendar))
        return np.asarray(cftime.date2num(values, TIME_UNITS, calendar), np.int64), calendar
    unit, calendar = str(start.attrs.get("units", TIME_UNITS)), str(start.attrs.get("calendar", NOLEAP))
    if not unit.startswith("hours since 2000-01-01") or values.dtype.kind not in "iuf":
        raise InputError(
            f"coordinate 'start' in {source}",
            found=f"'{unit}', calendar {calendar}",
            expected=f"'{TIME_UNITS}'",
            remedy="Give the starts in the unit and the calendar of the reference store.",
        )
    return values.astype(np.int64), calendar_named(calendar)


def _numbers(dataset: xr.Dataset, name: str) -> np.ndarray | None:
    return np.atleast_1d(np.asarray(dataset[name].values, np.int64)) if name in dataset.variables else None


def _draws(dataset: xr.Dataset, source: str) -> Draws:
    members, numbers = int(dataset.sizes["member"]), _numbers(dataset, "draw")
    if numbers is None:
        return Draws.independent(members)
    if numbers.shape != (members,):
        raise InputError(
            f"'draw' in {source}",
            found=f"numbers of shape {numbers.shape}",
            expected=f"one for each of the {members} members",
            remedy="Leave it out if all members are independent.",
        )
    return Draws(tuple(int(n) for n in numbers))


def _check(wet: np.ndarray, var: Variable, where: str) -> None:
    """Raise InputError on values (member, cell) that no score can use; values slightly out of bounds are scored."""
    bad = ~np.isfinite(wet)
    if bad.any():
        members = np.flatnonzero(bad.any(axis=1))
        raise InputError(
            f"'{var.name}' of {where}",
            found=f"NaN or infinite values on ocean cells of member(s) {members.tolist()}",
            expected="finite values",
            remedy="The forecast has blown up there: score the leads before it.",
        )
    check_values(wet, var, None, where, tolerance=0.5 * (var.plausible[1] - var.plausible[0]))
