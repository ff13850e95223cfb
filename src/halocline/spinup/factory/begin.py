"""Where the next members begin: the nearest finished one, or a surface through all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.data.response.scaling import scaled
from halocline.data.response.surface import LEAST, ResponseSurface, gram, left_out
from halocline.spinup.factory.settings import SURFACE_FROM, Start
from halocline.spinup.metric import Metric
from halocline.worlds.dino.parameters import NAMES, RANGES, ForcingParameters

WEATHER = NAMES.index("storms")
"""Runs without weather do not know how strong it would be."""


@dataclass(frozen=True, eq=False)
class Begin:
    """A start.

    Attributes:
        state: (variable, level, y, x), degC and psu; dry cells 0.
        words: What it is.
        expected: Rms error over the volume that left-out members had, K; NaN if there are too few to tell.
    """

    state: np.ndarray
    words: str
    expected: float


class Beginnings:
    """What finished members offer to others.

    Args:
        forcings: Theirs (member,).
        states: Their equilibria (member, variable, level, y, x).
        metric: Norms; its weights decide what the surface's patterns hold.
        names: What they are called, for words.
    """

    def __init__(
        self, forcings: Sequence[ForcingParameters], states: np.ndarray, metric: Metric, names: Sequence[str]
    ) -> None:
        self._z, self._states, self._metric, self._names = places(forcings), states, metric, list(names)
        self._weight = metric.weight
        self._products = gram(states, self._weight)
        apart = ((self._z[:, None] - self._z[None]) ** 2).sum(axis=-1)
        np.fill_diagonal(apart, np.inf)
        self._closest = apart.argmin(axis=1) if len(states) > 1 else None

    @property
    def nearest_error(self) -> float:
        """Rms error of the nearest other member's state, K; NaN with one member."""
        return np.nan if self._closest is None else self._rms(self._states[self._closest])

    @cached_property
    def surface_error(self) -> float:
        """Leave-one-out error of the response surface, K; NaN with too few members."""
        if len(self._states) <= LEAST:
            return np.nan
        return self._rms(np.tensordot(left_out(self._products, self._z), self._states, axes=1))

    def chosen(self, wanted: Start) -> Start:
        """Return ``surface`` or ``nearest`` for ``auto``: what left-out members say; a surface needs SURFACE_FROM."""
        if wanted == "surface" and len(self._states) <= LEAST:
            return "nearest"
        if wanted != "auto":
            return wanted
        if len(self._states) < SURFACE_FROM:
            return "nearest"
        return "surface" if self.surface_error <= self.nearest_error else "nearest"

    def at(self, forcing: ForcingParameters, how: Start) -> Begin:
        """Return the start for a forcing: the ``surface``, else the ``nearest`` member."""
        z = places([forcing])
        if how == "surface":
            return Begin(self._surface(z)[0], f"response surface over {len(self._states)} members", self.surface_error)
        at = int(((self._z - z) ** 2).sum(axis=1).argmin())
        return Begin(self._states[at], f"equilibrium of {self._names[at]}", self.nearest_error)

    @cached_property
    def _surface(self) -> ResponseSurface:
        return ResponseSurface.fit(self._z, self._states, self._weight)

    def _rms(self, guesses: np.ndarray) -> float:
        found = [self._metric.rms(a - b)["thetao"] for a, b in zip(guesses, self._states, strict=True)]
        return float(np.sqrt(np.mean(np.square(found))))


def places(forcings: Sequence[ForcingParameters]) -> np.ndarray:
    """Return parameters (member, parameter) on -1..1 over the world's ranges, without the strength of the weather."""
    ends = np.array(list(RANGES.values())).T
    z = scaled(np.array([f.values() for f in forcings]), ends)
    return np.delete(z, WEATHER, axis=1)
