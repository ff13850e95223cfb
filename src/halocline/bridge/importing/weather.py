"""Weather beside the states of an import: forcing at their times on their cells, out of a file such as ERA5's."""

from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from halocline.bridge.importing.records import SourceFiles
from halocline.bridge.importing.timeline import Records
from halocline.data.fields.calendar import date_of
from halocline.data.fields.variables import variable
from halocline.data.files.forcing import ForcingFile
from halocline.data.reading.choices import Choices
from halocline.data.reading.read import Reading
from halocline.runtime.errors import InputError

NAMES = ("t2m", "q2m", "u10", "v10")


class WithWeather:
    """Files of states to which the weather is added, interpolated to their cells and times.

    Args:
        files: Those of the states.
        path: The weather, a file or folder; see ``data/files/forcing.py``.
        choices: What it does not say.
    """

    def __init__(self, files: SourceFiles, path: Path, choices: Choices) -> None:
        self.parts, self.gaps, self.by_slab = files.parts, files.gaps, files.by_slab
        self._files, self._path, self._choices = files, path, choices
        self._air: ForcingFile | None = None
        self._found: dict[int, Records] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Return what another process needs: it opens the weather anew."""
        return {**vars(self), "_air": None}

    def records(self, part: int) -> Records:
        """Return when the records of a part are."""
        if part not in self._found:
            self._found[part] = self._files.records(part)
        return self._found[part]

    def members(self) -> int:
        """Return the number of members, the same in all parts; all have the same weather."""
        return self._files.members()

    def close(self) -> None:
        """Close the states' files."""
        self._files.close()

    def along_members(self) -> xr.Dataset:
        """Return what the states' files tell of each member."""
        return self._files.along_members()

    def read(self, part: int, first: int, last: int, member: int, before: Reading | None) -> Reading:
        """Return records of a part and a member with the weather.

        Raises:
            InputError: If the weather does not cover their times, or they have weather of their own.
        """
        reading = self._files.read(part, first, last, member, before)
        if own := [name for name in NAMES if name in reading.names]:
            raise InputError(
                "--forcing",
                found=f"states that hold {', '.join(own)} themselves",
                expected="states without weather",
                remedy="Leave --forcing out, or leave these variables out with a mapping file.",
            )
        records = self.records(part)
        if self._air is None or before is None:
            grid = (before or reading).grid
            self._air = ForcingFile(self._path, NAMES, grid, calendar=records.calendar, choices=self._choices)
            if before is None:
                reading.notes.extend(self._air.notes)
        hours = records.hours[first:last]
        if hours.min() < self._air.hours[0] or hours.max() > self._air.hours[-1]:
            there, wanted = (
                " to ".join(date_of(float(hour), records.calendar) for hour in (some.min(), some.max()))
                for some in (self._air.hours, hours)
            )
            raise InputError(
                f"forcing {self._path}",
                found=f"records from {there}",
                expected=f"weather at the times of the states, {wanted}",
                remedy="Complete the file, or import the states that it covers.",
            )
        fields = [self._air.at(float(hour)) for hour in hours]
        added = {
            name: (("time", "y", "x"), np.stack([air[name] for air in fields]).astype(np.float32), _attributes(name))
            for name in NAMES
        }
        return Reading(reading.dataset.assign(added), reading.names + NAMES, reading.notes, reading.place)


def _attributes(name: str) -> dict[str, object]:
    return dict(variable(name).attributes())
