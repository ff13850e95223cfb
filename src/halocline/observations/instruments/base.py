"""What a kind of instrument is, and the registry of them: where it measures, how well, and what states show it.

A kind is a frozen dataclass whose fields are its options, each ``Annotated[type, "help text"]``. Random numbers belong
to (seed, kind, purpose, member, period): periods begin at fixed dates, so that what is measured on a day does not
depend on which other days or kinds are asked for. Places have no member in their key: all members are seen at the same
ones.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, Protocol

import numpy as np

from halocline.data.grids.remap.axes import along_axes
from halocline.observations.on_grid import grid_observations
from halocline.observations.table import Observations
from halocline.observations.truth import Truth
from halocline.runtime import keyed
from halocline.runtime.errors import ConfigError
from halocline.runtime.registry import Registry


@dataclass(frozen=True, eq=False)
class Scene:
    """What is measured.

    Attributes:
        truth: The states.
        member: Number of the member; part of the key of the errors.
        first: First hour at which is measured.
        last: Last hour.
        seed: Seed of places and errors.
    """

    truth: Truth
    member: int
    first: float
    last: float
    seed: int

    @cached_property
    def axes(self) -> tuple[np.ndarray, np.ndarray]:
        """Along which way in space the grid's axes x and y point (y, x, 3)."""
        return along_axes(self.truth.grid)

    def periods(self, days: float) -> Iterator[tuple[int, float, float]]:
        """Yield (number, first hour, last hour) of the periods of so many days, counted from 2000-01-01."""
        if len(self.truth.hours) == 1:  # one state: the period around it
            middle = float(self.truth.hours[0])
            yield math.floor(middle / (24 * days)), middle - 12 * days, middle + 12 * days
            return
        for number in range(math.floor(self.first / (24 * days)), math.floor(self.last / (24 * days)) + 1):
            yield number, 24 * days * number, 24 * days * (number + 1)

    def places(self, kind: str, period: int) -> np.random.Generator:
        """Return the random numbers that choose the places of a period."""
        return keyed.generator(self.seed, "observe", kind, "places", period)

    def noise(self, kind: str, period: int, count: int, what: str = "error") -> np.ndarray:
        """Return standard normal errors (count,) of all places of a period, whether they are seen or not."""
        made = keyed.generator(self.seed, "observe", kind, what, self.member, period)
        return made.standard_normal(count)

    def seen(self, rows: Observations) -> tuple[np.ndarray, Observations, np.ndarray]:
        """Return which rows the states show at the dates asked for, these rows, and what is there, without error.

        Rows take the value of the state nearest in time. With one state only, they take its date.
        """
        index = self.truth.nearest(rows.time)
        if len(self.truth.hours) == 1:
            rows = rows.replace(time=np.full(len(rows), self.truth.hours[0]))
        there = (index >= 0) & (rows.time >= self.first) & (rows.time <= self.last)
        values = np.full(len(rows), np.nan)
        for k in np.unique(index[there]):
            here = np.flatnonzero(there & (index == k))
            gridded = grid_observations(rows.select(here), self.truth.grid)
            values[here] = gridded.predicted(self.truth.fields(int(k)))
        kept = np.flatnonzero(np.isfinite(values))
        return kept, rows.select(kept), values[kept]


def placed(
    truth: Truth,
    kind: str,
    variable: str,
    time: np.ndarray,
    lat: np.ndarray,
    lon: np.ndarray,
    depth: np.ndarray | float = np.nan,
) -> Observations:
    """Return rows that are not measured yet: value 0, error 1."""
    rows = np.broadcast_arrays(time, lat, lon, depth)
    time, lat, lon, depth = (np.array(v, np.float64).ravel() for v in rows)
    return Observations.of(
        time=time,
        latitude=lat,
        longitude=lon,
        depth=depth,
        variable=np.full(len(time), variable),
        value=0.0,
        error=1.0,
        kind=np.full(len(time), kind),
        calendar=truth.calendar,
    )


def measured(
    rows: Observations,
    truth: np.ndarray,
    error: np.ndarray | float,
    noise: np.ndarray,
    *,
    representativeness: np.ndarray | float = 0.0,
    bounds: tuple[float | None, float | None] = (None, None),
) -> Observations:
    """Return rows with value = truth + sigma noise; what a bound cuts off is censored.

    Args:
        rows: Where and what (n,).
        truth: What the states show (n,).
        error: Standard deviation of the measurement (n,).
        noise: Standard normal numbers (n,).
        representativeness: Standard deviation of the rest (n,), drawn with the error.
        bounds: Lower and upper bound to which retrievals are cut; None leaves them as they are.
    """
    error, rest = (np.broadcast_to(np.asarray(s, np.float64), truth.shape).copy() for s in (error, representativeness))
    value, censored = truth + np.hypot(error, rest) * noise, np.zeros(len(truth), np.int8)
    low, high = bounds
    if low is not None:
        censored[value <= low] = -1
        value = np.maximum(value, low)
    if high is not None:
        censored[value >= high] = 1
        value = np.minimum(value, high)
    return rows.replace(value=value, error=error, representativeness=rest, censored=censored)


def require_positive(kind: str, **options: float) -> None:
    """Raise ConfigError unless options are finite numbers above 0."""
    for name, number in options.items():
        if not (math.isfinite(number) and number > 0):
            raise ConfigError(f"{kind}.{name}", found=number, expected="more than 0", remedy="Pass another number.")


class Instrument(Protocol):
    """A kind of instrument; a frozen dataclass of its options."""

    summary: ClassVar[str]
    """One line for the list of kinds."""
    needs: ClassVar[tuple[str, ...]]
    """Variables of states that it looks at."""

    def measure(self, scene: Scene) -> Iterator[Observations]:
        """Yield what it measures, period by period.

        Raises:
            ConfigError: If an option is out of range.
        """


INSTRUMENTS: "Registry[Callable[..., Instrument]]" = Registry("instrument", __package__, "halocline.instruments")
"""Kinds by name."""
