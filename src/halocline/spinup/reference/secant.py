"""Where two runs will meet, by their signed drifts along what parts them. Knows no ocean."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Secant:
    """Two runs on the line from one to the other.

        share = a / (a - b),    rate = a - b

    Attributes:
        a: Drift of the first towards (+) the second, in lengths of what parts them, a step.
        b: Drift of the second in the same direction: negative if it comes towards the first.
    """

    a: float
    b: float

    @property
    def rate(self) -> float:
        """Share of the gap that closes in a step; not positive: the runs part."""
        return self.a - self.b

    @property
    def share(self) -> float:
        """Where on the line they meet, from 0 at the first to 1 at the second; outside if they come from one side."""
        return self.a / self.rate if self.rate != 0 else np.nan

    @property
    def opposite(self) -> bool:
        """Whether they come from opposite sides of where they meet."""
        return self.a > 0 > self.b


def secant(
    first: np.ndarray,
    change: np.ndarray,
    second: np.ndarray,
    other_change: np.ndarray,
    see: Callable[[np.ndarray], np.ndarray] = np.ravel,
) -> Secant:
    """Return the drifts of two runs projected on their difference.

        a = <dx_1, p> / <p, p>,  b = <dx_2, p> / <p, p>,  p = x_2 - x_1

    For a linear map in which p is one mode, x_1 + share p is its fixed point.

    Args:
        first: Mean state of the first run.
        change: Its change in a step.
        second: Mean state of the second run, at the same time.
        other_change: Its change in a step.
        see: From a difference to the vector whose Euclidean norm counts.
    """
    pattern, one, two = (np.asarray(see(d), np.float64) for d in (second - first, change, other_change))
    square = float(pattern @ pattern)
    if square == 0:
        return Secant(0.0, 0.0)
    return Secant(float(one @ pattern) / square, float(two @ pattern) / square)
