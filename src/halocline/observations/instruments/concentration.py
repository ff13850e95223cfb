"""Concentration of passive-microwave satellites: every cell, once a day."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from halocline.observations.errors import concentration_error
from halocline.observations.instruments.base import INSTRUMENTS, Scene, measured, placed, require_positive
from halocline.observations.table import Observations
from halocline.runtime.errors import ConfigError, require_at_least


@INSTRUMENTS.register("concentration")
@dataclass(frozen=True)
class Concentration:
    """Gridded concentration, of the state nearest to noon; see ``errors.concentration_error``.

    Retrievals are unbounded, as OSI SAF's ``raw_ice_conc_values``; or cut off at 0 and 1 and then censored. Errors of
    neighbours are independent. The stated error is that of the true concentration, with which the noise is drawn.
    """

    summary: ClassVar[str] = "gridded concentration, daily, error growing as SIC (1 - SIC): sic"
    needs: ClassVar[tuple[str, ...]] = ("sic",)

    low: Annotated[float, "error at concentrations 0 and 1"] = 0.05
    high: Annotated[float, "error at concentration 0.5"] = 0.15
    bounded: Annotated[bool, "cut off at 0 and 1, and censored there"] = False
    every: Annotated[int, "every so-manieth row and column"] = 1
    days: Annotated[int, "every so-manieth day"] = 1

    def measure(self, scene: Scene) -> Iterator[Observations]:
        """Yield a map a day."""
        require_positive("concentration", low=self.low, high=self.high)
        require_at_least({"concentration.every": (self.every, 1), "concentration.days": (self.days, 1)})
        if self.high < self.low:
            found, expected = f"high = {self.high:g}", f"at least low = {self.low:g}"
            raise ConfigError("concentration.high", found=found, expected=expected, remedy="Pass a larger number.")
        truth = scene.truth
        taken = np.zeros(truth.grid.shape, bool)
        taken[:: self.every, :: self.every] = True
        taken &= truth.grid.mask
        lat, lon = truth.grid.lat[taken], truth.grid.lon[taken]
        for day, begin, end in scene.periods(1):
            today = truth.hours[(truth.hours >= begin) & (truth.hours < end)]
            if (day % self.days and len(truth.hours) > 1) or not today.size:
                continue
            noon = today[np.argmin(np.abs(today - 0.5 * (begin + end)))]
            kept, rows, sic = scene.seen(placed(truth, "concentration", "sic", noon, lat, lon))
            yield measured(
                rows,
                sic,
                concentration_error(sic, self.low, self.high),
                scene.noise("concentration", day, len(lat))[kept],
                bounds=(0.0, 1.0) if self.bounded else (None, None),
            )
