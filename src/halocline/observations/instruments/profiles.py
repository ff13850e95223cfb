"""Profiles of temperature and salinity by floats at random places."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from halocline.observations.instruments._places import at_random
from halocline.observations.instruments.base import INSTRUMENTS, Scene, measured, placed, require_positive
from halocline.observations.table import Observations, concatenate
from halocline.runtime.errors import ConfigError, require_at_least

DEPTHS = "5,10,20,30,50,75,100,125,150,200,250,300,400,500,600,700,800,900,1000,1250,1500,1750,2000"


@INSTRUMENTS.register("profiles")
@dataclass(frozen=True)
class Profiles:
    """Temperature and salinity at standard depths down to the bottom, spread evenly over the ocean."""

    summary: ClassVar[str] = "profiles of temperature and salinity at random places: thetao, so"
    needs: ClassVar[tuple[str, ...]] = ("thetao", "so")

    count: Annotated[int, "profiles a period"] = 50
    days: Annotated[int, "length of a period"] = 10
    depths: Annotated[str, "depths, m, with commas between them"] = DEPTHS
    temperature_error: Annotated[float, "degC"] = 0.1
    salinity_error: Annotated[float, "1e-3"] = 0.02
    temperature_representativeness: Annotated[float, "degC"] = 0.0
    salinity_representativeness: Annotated[float, "1e-3"] = 0.0

    def measure(self, scene: Scene) -> Iterator[Observations]:
        """Yield the profiles of a period."""
        require_positive("profiles", temperature_error=self.temperature_error, salinity_error=self.salinity_error)
        require_at_least({"profiles.count": (self.count, 1), "profiles.days": (self.days, 1)})
        depths, truth = self._depths(), scene.truth
        for number, begin, end in scene.periods(self.days):
            rng = scene.places("profiles", number)
            hours = rng.uniform(begin, end, self.count)
            lat, lon = at_random(truth.grid, self.count, rng, truth.grid.mask)
            hours = hours[: len(lat)]
            tables = []
            for name, error, rest in (
                ("thetao", self.temperature_error, self.temperature_representativeness),
                ("so", self.salinity_error, self.salinity_representativeness),
            ):
                all_rows = placed(truth, "profile", name, hours[:, None], lat[:, None], lon[:, None], depths[None])
                kept, rows, values = scene.seen(all_rows)
                noise = scene.noise("profiles", number, len(all_rows), name)[kept]
                tables.append(measured(rows, values, error, noise, representativeness=rest))
            yield concatenate(tables)

    def _depths(self) -> np.ndarray:
        try:
            depths = np.array([float(word) for word in self.depths.split(",")])
        except ValueError:
            depths = np.array([-1.0])
        if not (np.isfinite(depths).all() and (depths >= 0).all()):
            raise ConfigError(
                "profiles.depths", found=self.depths, expected="depths in m, 0 or more", remedy="Write 5,10,20."
            )
        return depths
