"""Sea-surface height under a satellite's altimeter."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

from halocline.observations.instruments._places import ground_track, samples
from halocline.observations.instruments.base import INSTRUMENTS, Scene, measured, placed, require_positive
from halocline.observations.table import Observations
from halocline.runtime.errors import require_at_least, require_within


@INSTRUMENTS.register("altimeter")
@dataclass(frozen=True)
class Altimeter:
    """Height along the tracks of a satellite on the orbit of Jason and Sentinel-6; errors independent along them."""

    summary: ClassVar[str] = "sea-surface height along the tracks of Jason: zos"
    needs: ClassVar[tuple[str, ...]] = ("zos",)

    error: Annotated[float, "of the height, m"] = 0.03
    representativeness: Annotated[float, "of the height, m"] = 0.0
    spacing: Annotated[float, "along the track, km"] = 50.0
    every: Annotated[int, "every so-manieth orbit"] = 1
    inclination: Annotated[float, "of the orbit, degrees"] = 66.04
    period: Annotated[float, "of one revolution, minutes"] = 112.43
    window: Annotated[int, "days of tracks around a state, where there is one only"] = 10

    def measure(self, scene: Scene) -> Iterator[Observations]:
        """Yield the tracks of a period of ``window`` days."""
        require_positive("altimeter", error=self.error, spacing=self.spacing, period=self.period)
        require_at_least({"altimeter.every": (self.every, 1), "altimeter.window": (self.window, 1)})
        require_at_least({"altimeter.representativeness": (self.representativeness, 0)})
        require_within("altimeter.inclination", self.inclination, 0, 180, " degrees")
        node = 360.0 * scene.places("altimeter", 0).uniform()
        for number, begin, end in scene.periods(self.window):
            hours = samples(begin, end, self.period, self.spacing, self.every)
            lat, lon = ground_track(hours, self.inclination, self.period, node)
            kept, rows, height = scene.seen(placed(scene.truth, "altimeter", "zos", hours, lat, lon))
            noise = scene.noise("altimeter", number, len(hours))[kept]
            yield measured(rows, height, self.error, noise, representativeness=self.representativeness)
