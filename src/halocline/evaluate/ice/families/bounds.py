"""Atoms at the bounds, values beyond them, and ice variables that disagree on where ice is."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np

from halocline.data.fields.variables import channel
from halocline.data.grids.grid import Grid
from halocline.evaluate.engine.family import Label, MeansOfFirst
from halocline.evaluate.ice.families import ICE_SCORES
from halocline.evaluate.ice.families.base import IceSets

Fields = dict[str, np.ndarray]
"""Fields (sample, cell) by name."""


@dataclass(frozen=True, eq=False)
class BoundScores(MeansOfFirst):
    """Shares of the ocean's area where a bound is met or broken.

    - share at the lower and upper bound, exactly, for variables that have one;
    - share out of bounds, which must be 0;
    - zero-set mismatch: for thickness, the share where exactly one of thickness and concentration is 0; for the other
      variables that vanish without ice, the share where they do not although concentration is 0.

    Attributes:
        grid: The grid.
        channels: Variables, in order.
    """

    grid: Grid
    channels: tuple[str, ...]

    @property
    def labels(self) -> tuple[Label, ...]:
        """One label per share."""
        return tuple(label for label, _ in self._tests())

    def summary(self, states: np.ndarray) -> np.ndarray:
        """Return the shares of each state (sample, share)."""
        area = self.grid.area[self.grid.mask]
        fields = dict(zip(self.channels, states[..., self.grid.mask].swapaxes(0, 1), strict=True))
        weights = area / area.sum()
        return np.stack([test(fields) @ weights for _, test in self._tests()], axis=1)

    def _tests(self) -> list[tuple[Label, Callable[[Fields], np.ndarray]]]:
        tests: list[tuple[Label, Callable[[Fields], np.ndarray]]] = []
        for name in self.channels:
            lower, upper = channel(name).lower, channel(name).upper
            if lower is not None:
                label = Label("at_lower", "share at the lower bound", name, "1", "reference")
                tests.append((label, partial(_equal, name, lower)))
            if upper is not None:
                label = Label("at_upper", "share at the upper bound", name, "1", "reference")
                tests.append((label, partial(_equal, name, upper)))
            if lower is not None or upper is not None:
                label = Label("out_of_bounds", "share out of bounds", name, "1", "zero")
                tests.append((label, partial(_outside, name, lower, upper)))
            if "sic" in self.channels and name != "sic" and channel(name).zero_without_ice:
                label = Label("zero_mismatch", "zero-set mismatch with sic", name, "1", "zero")
                tests.append((label, partial(_mismatch, name)))
        return tests


def _equal(name: str, bound: float, fields: Fields) -> np.ndarray:
    return np.asarray(fields[name] == bound)


def _outside(name: str, lower: float | None, upper: float | None, fields: Fields) -> np.ndarray:
    values = fields[name]
    low = -np.inf if lower is None else lower
    high = np.inf if upper is None else upper
    return np.asarray((values < low) | (values > high))


def _mismatch(name: str, fields: Fields) -> np.ndarray:
    water = fields["sic"] == 0.0
    if name == "sit":
        return np.asarray(water != (fields["sit"] == 0.0))
    return np.asarray(water & (fields[name] != 0.0))


@ICE_SCORES.register("bounds")
def bounds(sets: IceSets) -> list[BoundScores]:
    """Return the shares at and beyond bounds; none of variables without a bound."""
    family = BoundScores(sets.grid, sets.channels)
    return [family] if family.labels else []
