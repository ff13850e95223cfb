"""Thickness of the ice under a satellite's altimeter, in the months in which it sees ice without melt ponds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import cftime
import numpy as np

from halocline.data.fields.calendar import TIME_UNITS
from halocline.observations.errors import thickness_error
from halocline.observations.instruments._places import ground_track, samples
from halocline.observations.instruments.base import INSTRUMENTS, Scene, measured, placed, require_positive
from halocline.observations.table import Observations
from halocline.runtime.errors import require_at_least, require_within

_INCLINATION, _PERIOD = 92.0, 99.16  # CryoSat-2: degrees, minutes


@INSTRUMENTS.register("thickness-tracks")
@dataclass(frozen=True)
class ThicknessTracks:
    """Thickness of the ice-covered part along CryoSat-2's orbit, which leaves out what lies beyond 88 degrees.

    The error is that of TOPAZ for CS2SMOS, see ``errors.thickness_error``, at the true thickness.
    """

    summary: ClassVar[str] = "thickness of the ice along CryoSat-2's tracks, by weeks, TOPAZ's error: sit_ice"
    needs: ClassVar[tuple[str, ...]] = ("sit", "sic")

    error: Annotated[str, "topaz-2019, topaz-2017, or stated: the uncertainty alone"] = "topaz-2019"
    uncertainty: Annotated[float, "stated uncertainty, m"] = 0.1
    bounded: Annotated[bool, "cut off at 0, and censored there"] = False
    spacing: Annotated[float, "along the track, km"] = 25.0
    every: Annotated[int, "every so-manieth orbit"] = 1
    least: Annotated[float, "concentration from which on thickness is seen"] = 0.15
    first_month: Annotated[int, "of the season that is measured"] = 10
    last_month: Annotated[int, "of the season that is measured"] = 4

    def measure(self, scene: Scene) -> Iterator[Observations]:
        """Yield the tracks of a week."""
        require_positive("thickness-tracks", uncertainty=self.uncertainty, spacing=self.spacing)
        require_at_least({"thickness-tracks.every": (self.every, 1)})
        require_within("thickness-tracks.least", self.least, 1e-6, 1.0, "")
        for name in ("first_month", "last_month"):
            require_within(f"thickness-tracks.{name}", getattr(self, name), 1, 12, "")
        truth = scene.truth
        for week, begin, end in scene.periods(7):
            node = 360.0 * scene.places("thickness-tracks", 0).uniform()
            hours = samples(begin, end, _PERIOD, self.spacing, self.every)
            lat, lon = ground_track(hours, _INCLINATION, _PERIOD, node)
            hours, lat, lon = (v[self._in_season(hours, truth.calendar)] for v in (hours, lat, lon))
            kept, rows, sic = scene.seen(placed(truth, "thickness-track", "sic", hours, lat, lon))
            kept, rows = kept[sic >= self.least], rows.select(sic >= self.least)
            _, rows, thickness = scene.seen(rows.replace(variable=np.full(len(rows), "sit_ice")))
            yield measured(
                rows,
                thickness,
                thickness_error(thickness, self.uncertainty, self.error),
                scene.noise("thickness-tracks", week, len(hours))[kept],
                bounds=(0.0, None) if self.bounded else (None, None),
            )

    def _in_season(self, hours: np.ndarray, calendar: str) -> np.ndarray:
        days, inverse = np.unique(np.floor(hours / 24.0), return_inverse=True)
        dates = cftime.num2date(24 * days, TIME_UNITS, calendar=calendar, only_use_cftime_datetimes=True)
        length = (self.last_month - self.first_month) % 12
        inside = np.array([(d.month - self.first_month) % 12 <= length for d in np.atleast_1d(dates)], bool)
        return inside[inverse] if len(hours) else np.zeros(0, bool)
