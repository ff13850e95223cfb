"""The atmosphere's fields that force the ice, from synthetic weather or a user's file."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from halocline.data.reading.notes import Notes


@dataclass(frozen=True, eq=False)
class Atmosphere:
    """The atmosphere at one time, on cell centres (y, x) unless said otherwise.

    Attributes:
        t2m: Air temperature at 2 m, K.
        q2m: Specific humidity at 2 m, kg/kg.
        u10: 10-m wind along grid x, m/s.
        v10: 10-m wind along grid y, m/s.
        u10_corner: The same on corners (y + 1, x + 1).
        v10_corner: The same on corners (y + 1, x + 1).
        cloud: Cloud fraction, 0..1.
        snowfall: Snowfall as snow depth, m/s.
        shortwave: Downward shortwave radiation, daily mean, W/m2.
        sst: Sea-surface temperature that the mixed layer is drawn to, K.
    """

    t2m: np.ndarray
    q2m: np.ndarray
    u10: np.ndarray
    v10: np.ndarray
    u10_corner: np.ndarray
    v10_corner: np.ndarray
    cloud: np.ndarray
    snowfall: np.ndarray
    shortwave: np.ndarray
    sst: np.ndarray


class Forcing(Protocol):
    """A source of atmospheres every 6 h; step 0 is 1 January 00:00 of the first stored year.

    Attributes:
        origin: The hour of step 0, since 2000-01-01 of the noleap calendar.
        notes: What was converted when a file was read.
    """

    origin: int
    notes: Notes

    def at(self, step: int) -> Atmosphere:
        """Return the atmosphere of 6-h step ``step``; called with steps that never decrease."""

    def memory(self) -> dict[str, np.ndarray]:
        """Return what ``at`` remembers from step to step, for a restart."""

    def recall(self, memory: dict[str, np.ndarray]) -> None:
        """Take ``memory`` up again."""
