"""Make a state store out of anybody's states: one dataset in, splits and statistics made, one folder out."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import cftime
import numpy as np
import xarray as xr

from halocline.data.fields.calendar import TIME_UNITS, calendar_named
from halocline.data.fields.layout import Field, Layout
from halocline.data.fields.variables import is_variable
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.store.begin import begin_store, whole_store
from halocline.data.store.filling import Block, fill_store
from halocline.data.store.guard import Guard
from halocline.data.store.members import MemberTable, Role
from halocline.data.store.ocean_statistics import check_ranges
from halocline.data.store.share_out import Splits
from halocline.data.store.store import StateStore, open_store
from halocline.data.store.writer import StoreWriter
from halocline.runtime import files
from halocline.runtime.errors import InputError
from halocline.runtime.progress import progress
from halocline.runtime.version import __version__


class LostParameters(UserWarning):
    """Forcing parameters that a store does not take up."""


def write_store(
    dataset: xr.Dataset,
    path: Path | str,
    *,
    calendar: str | None = None,
    splits: Splits = "years",
    gap_days: float | None = None,
    provenance: Mapping[str, Any] | None = None,
    choices: Choices = AS_THE_FILE_SAYS,
    quiet: bool = True,
) -> StateStore:
    """Write states as a store to train on and to score against; it appears whole or not at all.

    Args:
        dataset: Registered variables with dims ([member,] time, [depth,] y, x) and CF ``units``, the grid's variables
            beside them: mask (1 = ocean), area (m2), lat, lon (degrees), x, y (m), and for levels depth (m, downwards),
            e3t (m) and level_mask. Values on land may be anything. Coordinates along ``member`` with the attribute
            ``forcing`` are forcing parameters; ``role`` says which members train. Other units are converted, as of the
            cells' areas; what cannot be is refused. Read in slabs of bounded size.
        path: Folder to make.
        calendar: Calendar of the store; the dataset's own if None, leap days included. Times are converted to another
            one date by date: noleap leaves 29 February out.
        splits: ``years``: each member's last whole year tests, the one before validates (with fewer than three years a
            member, whole members do). ``members``: whole members, by ``role`` or else the last fifth. ``blocks``, for
            data too short for either: the first 70 % of the time trains, then 15 % validates and 15 % tests, with gaps
            between them. Or dates, (first, last), of ``train``, ``validation`` and ``test``, one pair or several of
            each; or (member, year) pairs. What the splits cannot tell is a warning, ``ThinSplits``.
        gap_days: Of ``blocks``: days between two of them that belong to none; 10 if None.
        provenance: Where the states come from, JSON-able.
        choices: What the dataset does not say, see ``halocline.Choices``.
        quiet: No progress.

    Returns:
        The finished store.

    Raises:
        InputError: If a variable, unit, time or value cannot be used.
        OutputError: If ``path`` exists or cannot be written.
    """
    fields = [name for name in map(str, dataset.data_vars) if is_variable(name)]
    if not fields or "time" not in dataset.dims:
        raise InputError(
            "dataset",
            found=f"variables {', '.join(map(str, dataset.data_vars))}; dimensions {', '.join(map(str, dataset.dims))}",
            expected="registered variables with a dimension time",
            remedy="See halocline.write_store; a variable of your own is added by a variables.toml beside the data.",
        )
    if "member" not in dataset.dims:
        dataset = dataset.assign({name: dataset[name].expand_dims("member") for name in fields})
    dataset, hours, calendar = _in_calendar(dataset, calendar)
    guard = Guard(dataset, fields, choices)
    layout = Layout(*(Field(name, dataset[name].sizes.get("depth")) for name in fields))
    members, step = dataset.sizes["member"], guard.slab(layout)

    def block(member: int, first: int) -> Block:
        last = min(first + step, len(hours))
        return Block(member, first, last - first, lambda: guard.read(member, first, last))

    with files.new_path(Path(path)) as hidden:
        begin_store(
            hidden,
            guard.grid,
            layout,
            hours,
            calendar,
            members=members,
            table=table_of(dataset),
            splits=splits,
            gap_days=gap_days,
            provenance={"made by": f"halocline {__version__}, write_store", **(provenance or {})},
        )
        with progress("store", members * len(hours), quiet=quiet) as report:
            fill_store(hidden, (block(m, k) for m in range(members) for k in range(0, len(hours), step)), report)
        if guard.notes.lines():
            StoreWriter(hidden).note(guard.notes.lines())
        check_ranges(open_store(hidden))
    return whole_store(path)


def _in_calendar(dataset: xr.Dataset, calendar: str | None) -> tuple[xr.Dataset, np.ndarray, str]:
    """Return the dataset with times of the calendar only, these in hours since 2000-01-01, and the calendar's name."""
    try:
        own = calendar_named(str(dataset["time"].dt.calendar))
        own = "standard" if own == "proleptic_gregorian" else own
        name = own if calendar is None else calendar_named(calendar)
        align: Any = "date" if "360_day" in (name, own) and name != own else None
        dataset = dataset.convert_calendar(cast(Any, name), dim="time", use_cftime=True, align_on=align)
    except (ValueError, AttributeError, TypeError) as error:
        raise InputError(
            "time",
            found=f"times that are no dates ({error})",
            expected="CF time: dates, or numbers with units and calendar",
            remedy="Decode it with xarray.decode_cf, or give the attributes units and calendar.",
        ) from error
    exact = np.asarray(cftime.date2num(dataset["time"].values, TIME_UNITS, name), np.float64)
    hours = np.round(exact).astype(np.int64)
    if not len(hours) or np.abs(exact - hours).max() > 1e-6 or (np.diff(hours) <= 0).any():
        raise InputError(
            "time",
            found=f"{len(hours)} times" + (", not all increasing by whole hours" if len(hours) else ""),
            expected="increasing times on whole hours",
            remedy="Sort the times and round them to hours.",
        )
    return dataset, hours, name


def table_of(dataset: xr.Dataset) -> MemberTable | None:
    """Return the forcing parameters and roles that a dataset has along ``member``; None without roles.

    Without roles parameters are left out, with a warning: nobody could tell which members to train on.
    """
    names = [str(n) for n, c in dataset.coords.items() if c.dims == ("member",) and "forcing" in c.attrs]
    if "role" not in dataset.coords:
        if lost := [name for name in names if name != "day_of_year"]:
            text = f"forcing parameters {', '.join(lost)} are left out: members have no coordinate 'role'"
            warnings.warn(f"{text} (train, validation, interior or end, along member)", LostParameters, stacklevel=3)
        return None
    columns = [np.asarray(dataset[name].values, np.float64) for name in names]
    values = np.stack(columns, axis=1) if columns else np.zeros((dataset.sizes["member"], 0))
    units = tuple(str(dataset[name].attrs.get("units", "1")) for name in names)
    roles = tuple(cast(Role, str(role)) for role in dataset["role"].values)
    return MemberTable(tuple(names), units, values, roles)
