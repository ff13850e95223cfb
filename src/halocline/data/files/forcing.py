"""Weather from a file such as ERA5's: any forcing variables, on the grid wanted or on a latitude-longitude grid.

Names, units, axes, positions and vectors are read by the reader of all commands (data/reading); records are then
brought to the grid (regrid.py) and interpolated in time; they lie at most 24 h apart. ``d2m`` stands in for ``q2m``.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from halocline.data.fields.calendar import NOLEAP, date_of
from halocline.data.fields.variables import variable
from halocline.data.files.forcing_times import records_in
from halocline.data.files.open import Source, open_dataset, source_text
from halocline.data.files.regrid import Points, field_reader, has_horizontal_axes
from halocline.data.grids.grid import Grid
from halocline.data.reading.axes import join_versions, name_axes, order_axes
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.humidity import MADE_OF_DEW_POINT, specific_humidity_at_dew_point, with_stand_ins
from halocline.data.reading.names import ours_of, rename_variables
from halocline.data.reading.times import time_axis
from halocline.data.reading.units import convert_units
from halocline.data.reading.values import check, round_to_bounds
from halocline.data.reading.work import Work
from halocline.runtime.seals.libraries import reading


class ForcingFile:
    """Forcing variables of a NetCDF file or Zarr folder on a grid, at any time between its records.

    Args:
        path: The file.
        names: Variables wanted, e.g. t2m, q2m, u10, v10.
        grid: The grid wanted.
        calendar: The calendar wanted.
        corners: Where the cells' corners lie (y + 1, x + 1), if vectors are wanted there too.
        choices: What the file does not say.

    Attributes:
        hours: Times of the records (time,), increasing, hours since 2000-01-01 of the calendar.
        notes: What was found and converted, in the records that were read so far.
        declared: Variables of which the file, or the user, says the unit.

    Raises:
        InputError: It lists all that is wrong with variables, grid, units, times and the first record.
    """

    def __init__(
        self,
        path: Source,
        names: Sequence[str],
        grid: Grid,
        *,
        calendar: str = NOLEAP,
        corners: Points | None = None,
        choices: Choices = AS_THE_FILE_SAYS,
    ) -> None:
        choices = replace(choices, mesh=None)  # a file beside the states
        self._source, self._grid, self._choices, self._calendar = source_text(path), grid, choices, calendar
        work = self._work()
        data = name_axes(open_dataset(path, "forcing", "cftime"), work)
        self._names = with_stand_ins(names, ours_of(data, "forcing"))
        data = rename_variables(data, self._names, work)
        work.problems.raise_all()
        self._wanted, self.notes, self._noted = tuple(names), work.notes, set[int]()
        if set(self._names) - set(self._wanted):
            self.notes.add("converted", "q2m", MADE_OF_DEW_POINT)
        said = {name for name in self._names if "units" in data[name].attrs or name in choices.units}
        self.declared = frozenset(said | ({"q2m"} if "d2m" in said else set()))
        axis = time_axis(data, work)
        if axis is None and not work.problems.found:
            work.wrong(
                "time",
                found=f"no time axis among the dimensions {', '.join(map(str, data.dims))}",
                expected="times of the records",
                remedy="Give the file a CF time axis.",
            )
        if axis is not None:
            self._kept, self.hours = records_in(axis, calendar, work)
        self._data = order_axes(data.drop_vars(("mask", "area"), errors="ignore"), (), work)
        horizontal = has_horizontal_axes(self._data, self._names[0], work)
        if horizontal:
            with work.problems.collect():
                self._data, self._reader = field_reader(self._data, self._names, grid, corners, work)
        self._data = self._data[list(self._names)].reset_coords(drop=True)
        self._records: dict[int, dict[str, np.ndarray]] = {}
        if horizontal and axis is not None and self.hours.size:
            first = self._work(f", {self._when(0)}")
            raw = self._read(0, first)
            work.problems.found += first.problems.found
            if not work.problems.found:
                self._records[0] = self._on_grid(0, raw)
        work.problems.raise_all()

    def at(self, hour: float) -> dict[str, np.ndarray]:
        """Return the variables, float64 (y, x), at an hour since 2000-01-01, linear in time between records.

        Raises:
            InputError: If a value of a record is not finite or not plausible; all of them are listed.
        """
        right = int(np.searchsorted(self.hours, hour, side="right"))
        left = max(0, right - 1)
        right = min(right, self.hours.size - 1)
        span = self.hours[right] - self.hours[left]
        share = float(np.clip((hour - self.hours[left]) / span, 0.0, 1.0)) if span > 0 else 0.0
        a, b = self._record(left), self._record(right)
        self._records = {left: a, right: b}
        return {name: a[name] + share * (b[name] - a[name]) for name in a}

    def _record(self, index: int) -> dict[str, np.ndarray]:
        if index not in self._records:
            work = self._work(f", {self._when(index)}")
            raw = self._read(index, work)
            work.problems.raise_all()
            self._records[index] = self._on_grid(index, raw)
        return self._records[index]

    def _read(self, index: int, work: Work) -> dict[str, np.ndarray]:
        """Return the values of one record in the registry's units; NaN is left to the grid, which knows the land."""
        with reading(work.source):
            found = self._data.isel(time=int(self._kept[index])).load()
        moment = join_versions(found, work)
        moment = moment.isel({d: 0 for d in ("member", "depth") if moment.sizes.get(d) == 1}, drop=True)
        moment = order_axes(moment, self._names, work)
        if many := [d for d in ("member", "depth") if d in moment.dims]:
            work.wrong(
                f"dimension '{many[0]}'",
                found=f"{moment.sizes[many[0]]} of them",
                expected="one weather",
                remedy=f"Select one of them: dataset.isel({many[0]}=0).",
            )
        if not work.problems.found:
            for name in self._names:
                moment[name] = convert_units(moment[name].astype(np.float64), variable(name), work)
            moment = check(round_to_bounds(moment, self._names, work), self._names, work)
        if index not in self._noted:
            self.notes.extend(work.notes)
            self._noted.add(index)
        return {name: np.asarray(moment[name].values) for name in self._names}

    def _on_grid(self, index: int, raw: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
        fields = self._reader.read(raw, self._when(index))
        if "d2m" in fields and "d2m" not in self._wanted:
            fields["q2m"] = specific_humidity_at_dew_point(fields.pop("d2m"))
        return fields

    def _when(self, index: int) -> str:
        return f"record {index} ({date_of(self.hours[index], self._calendar)})"

    def _work(self, record: str = "") -> Work:
        return Work(f"forcing {self._source}{record}", "forcing", self._choices, self._grid)
