"""Drift of buoys: displacement over a day, with an error of position at either end."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np

from halocline.data.grids.cell_areas import unit_vectors
from halocline.data.grids.projection import EARTH_RADIUS
from halocline.observations.instruments._places import at_random
from halocline.observations.instruments.base import INSTRUMENTS, Scene, placed, require_positive
from halocline.observations.locate import locate
from halocline.observations.table import Observations, concatenate
from halocline.runtime.errors import require_at_least, require_within


@INSTRUMENTS.register("buoys")
@dataclass(frozen=True)
class Buoys:
    """Buoys that are laid out anew each period, drift with the ice and are located at its begin and end.

    The value is displacement / time; it stands at the middle of the way and of the period. Its error is
    sqrt(2) (error of position) / time. What the drift over the period differs from that of the state at its middle is
    measured and stated as representativeness: the root mean square over the buoys of the period.
    """

    summary: ClassVar[str] = "drift of buoys over a day, with an error of position: ice_eastward, ice_northward"
    needs: ClassVar[tuple[str, ...]] = ("siu", "siv", "sic")

    count: Annotated[int, "buoys a period"] = 60
    hours: Annotated[int, "length of a period"] = 24
    position_error: Annotated[float, "of each coordinate, m"] = 200.0
    least: Annotated[float, "concentration from which on buoys are laid out"] = 0.8
    step: Annotated[float, "of the way between positions, hours"] = 3.0

    def measure(self, scene: Scene) -> Iterator[Observations]:
        """Yield the drift of a period."""
        require_positive("buoys", position_error=self.position_error, step=self.step)
        require_at_least({"buoys.count": (self.count, 1), "buoys.hours": (self.hours, 1)})
        require_within("buoys.least", self.least, 0.0, 1.0, "")
        for number, begin, end in scene.periods(self.hours / 24.0):
            table = self._period(scene, number, begin, end)
            if table is not None:
                yield table

    def _period(self, scene: Scene, number: int, begin: float, end: float) -> Observations | None:
        truth = scene.truth
        middle = 0.5 * (begin + end)
        states = truth.nearest(np.array([begin, middle, end]))
        if (states < 0).any() or not scene.first <= middle <= scene.last:
            return None
        cover = np.nan_to_num(truth.fields(int(states[0]))["sic"])
        allowed = truth.grid.mask & (cover >= self.least)
        lat, lon = at_random(truth.grid, self.count, scene.places("buoys", number), allowed)
        start = unit_vectors(lat, lon)
        stop, afloat = self._way(scene, start, begin, end)
        start, stop, chosen = start[afloat], stop[afloat], np.flatnonzero(afloat)
        if not len(start):
            return None
        between = start + stop
        between /= np.linalg.norm(between, axis=-1, keepdims=True)
        lat, lon = np.rad2deg(np.arcsin(between[:, 2])), np.rad2deg(np.arctan2(between[:, 1], between[:, 0]))
        east, north = _east_north(lat, lon)
        seconds = 3600.0 * (end - begin)
        way = (stop - start) * EARTH_RADIUS / seconds
        now, there = _velocity(scene, int(states[1]), between)
        drift = {"ice_eastward": (way * east).sum(axis=-1), "ice_northward": (way * north).sum(axis=-1)}
        instant = {"ice_eastward": (now * east).sum(axis=-1), "ice_northward": (now * north).sum(axis=-1)}
        off = np.concatenate([(drift[n] - instant[n])[there] for n in drift])
        rest = float(np.sqrt((off**2).mean())) if off.size else 0.0
        error = np.sqrt(2.0) * self.position_error / seconds
        tables = []
        for name, values in drift.items():
            rows = placed(truth, "buoy", name, np.full(len(lat), middle), lat, lon)
            noise = scene.noise("buoys", number, self.count, name)[chosen]
            shared = np.full(len(lat), rest)
            tables.append(
                rows.replace(value=values + error * noise, error=np.full(len(lat), error), representativeness=shared)
            )
        return concatenate(tables)

    def _way(self, scene: Scene, start: np.ndarray, begin: float, end: float) -> tuple[np.ndarray, np.ndarray]:
        """Return where buoys (n, 3) come to, by the midpoint rule, and which of them stay on the ocean."""
        steps = max(1, round((end - begin) / self.step))
        length = (end - begin) / steps
        place, afloat = start, np.ones(len(start), bool)
        for k in range(steps):
            state = int(scene.truth.nearest(np.array([begin + (k + 0.5) * length]))[0])
            v, _ = _velocity(scene, state, place)
            v, on = _velocity(scene, state, _moved(place, v, 0.5 * length))
            place, afloat = _moved(place, v, length), afloat & on
        return place, afloat


def _moved(place: np.ndarray, velocity: np.ndarray, hours: float) -> np.ndarray:
    there = place + velocity * (3600.0 * hours / EARTH_RADIUS)
    return there / np.linalg.norm(there, axis=-1, keepdims=True)


def _velocity(scene: Scene, state: int, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the drift (n, 3) in space, m s-1, at places (n, 3) on the unit sphere, and where there is ocean (n,)."""
    fields, grid = scene.truth.fields(state), scene.truth.grid
    lat, lon = np.rad2deg(np.arcsin(np.clip(place[:, 2], -1, 1))), np.rad2deg(np.arctan2(place[:, 1], place[:, 0]))
    where = locate(grid, lat, lon)
    row, column = np.maximum(where.row, 0), np.maximum(where.column, 0)
    on = (where.row >= 0) & grid.mask[row, column]
    x, y = (axis[row, column] for axis in scene.axes)
    u, v = (np.nan_to_num(fields[n][row, column])[:, None] for n in ("siu", "siv"))
    return np.where(on[:, None], u * x + v * y, 0.0), on


def _east_north(lat: np.ndarray, lon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors (n, 3) to the east and north."""
    lat, lon = np.deg2rad(lat), np.deg2rad(lon)
    east = np.stack([-np.sin(lon), np.cos(lon), np.zeros_like(lon)], axis=-1)
    return east, np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)], axis=-1)
