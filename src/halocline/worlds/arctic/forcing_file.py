"""A user's atmosphere instead of the synthetic one: t2m, q2m (or d2m), u10, v10 from NetCDF or Zarr.

See data/files/forcing.py for the form. The run is dated by the first year that the records cover, and a spin-up repeats
that year. Clouds, snowfall, sunshine and the sea-surface temperature stay climatological.
"""

from pathlib import Path

import numpy as np

from halocline.data.fields.calendar import NOLEAP, date_of, hours_in_year, year_of, year_start
from halocline.data.files.forcing import ForcingFile
from halocline.data.files.forcing_times import LONGEST_GAP_HOURS
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.runtime.errors import InputError
from halocline.worlds.arctic.domain import PROJECTION, Domain
from halocline.worlds.arctic.forcing import Atmosphere
from halocline.worlds.arctic.weather.climatology import climatology, cloud_cover
from halocline.worlds.arctic.weather.radiation import shortwave_down

VARIABLES = ("t2m", "q2m", "u10", "v10")
YEAR_HOURS = hours_in_year(2000, NOLEAP)


class FileForcing:
    """A ``Forcing`` that reads a file.

    Args:
        path: NetCDF file or Zarr store.
        domain: The model's domain.
        years: Stored years the file must cover.
        begin: Hours after 1 January at which the first of them begins.
        choices: What the file does not say.

    Attributes:
        origin: Hour of 1 January 00:00 of the year in which the first stored year begins, since 2000-01-01.
        notes: What was found and converted.

    Raises:
        InputError: If a variable, the grid, a unit, a time or a value does not fit.
    """

    def __init__(
        self, path: Path, domain: Domain, years: int, begin: int = 0, choices: Choices = AS_THE_FILE_SAYS
    ) -> None:
        corners = PROJECTION.inverse(domain.corner_x[None, :], domain.corner_x[:, None])
        self._file = ForcingFile(path, VARIABLES, domain.grid, calendar=NOLEAP, corners=corners, choices=choices)
        self.origin, self.notes = _origin(self._file.hours, years, begin), self._file.notes
        self._climate = climatology(domain.grid.x, domain.grid.y)

    def at(self, step: int) -> Atmosphere:
        """Return the atmosphere of 6-h step ``step``; negative steps repeat the first year."""
        hour = step * 6.0
        if hour < 0.0:
            hour %= YEAR_HOURS
        f = self._file.at(self.origin + hour)
        day = hour % YEAR_HOURS / 24.0
        t2m = f["t2m"]
        cloud = np.clip(cloud_cover(day) + 0.02 * (t2m - self._climate.air(day)), 0.1, 1.0)
        return Atmosphere(
            t2m=t2m,
            q2m=f["q2m"],
            u10=f["u10"],
            v10=f["v10"],
            u10_corner=f["u10_corner"],
            v10_corner=f["v10_corner"],
            cloud=cloud,
            snowfall=self._climate.snowfall(day),
            shortwave=shortwave_down(self._climate.lat, day, cloud),
            sst=self._climate.sst(day),
        )

    def memory(self) -> dict[str, np.ndarray]:
        """Return nothing: the file remembers."""
        return {}

    def recall(self, memory: dict[str, np.ndarray]) -> None:
        """Nothing to take up."""


def _origin(hours: np.ndarray, years: int, begin: int) -> int:
    """Return 1 January of the first year from whose hour ``begin`` on the records cover a number of years."""
    step = float(np.diff(hours)[-1]) if hours.size > 1 else 0.0
    first, last = (int(year) for year in year_of(hours[[0, -1]], NOLEAP))
    for year in range(first, last + 1):
        origin = year_start(year, NOLEAP)
        if hours[0] - LONGEST_GAP_HOURS <= origin + begin and origin + begin + years * YEAR_HOURS <= hours[-1] + step:
            return origin
    days = (begin + years * YEAR_HOURS) // 24
    without = f", those before {date_of(begin)[5:10]} excepted" if begin else ""
    raise InputError(
        "forcing time",
        found=f"records from {date_of(hours[0])} to {date_of(hours[-1])}",
        expected=f"{years} year(s), {days} days from a 1 January on{without}",
        remedy="Complete the file" + (", or simulate fewer --years." if years > 1 else "."),
    )
