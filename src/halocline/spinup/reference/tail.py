"""Where a long plain run ends, by what one slow mode has ahead of it; and a start on the other side of that place."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halocline.runtime.errors import HaloclineError
from halocline.spinup.block import Block
from halocline.spinup.criterion import WINDOW
from halocline.spinup.metric import Metric

LATE = 0.4
"""Share of the run that is left out at its beginning, in which faster modes die out."""
ENDS = 3
"""Blocks whose mean is a place: a channel's waves are weak in it."""
LEAST = 0.1
"""Distance of the mirrored start from the estimate, at least, K: nearer ones drift too little to tell."""


@dataclass(frozen=True, eq=False)
class Tail:
    """What the last mode of a run says.

    Attributes:
        now: Mean of the run's last ENDS blocks (variable, level, y, x).
        ahead: What is ahead of it.
        folding: E-folding time of the mode, years.
    """

    now: np.ndarray
    ahead: np.ndarray
    folding: float

    @property
    def end(self) -> np.ndarray:
        """Where the run would end."""
        return np.asarray(self.now + self.ahead)


def tail_of(blocks: Sequence[Block], metric: Metric, name: str) -> Tail:
    """Return what is ahead of a plain run of which one mode is left.

        D1 = x(t - L) - x(t - 2L),  D2 = x(t) - x(t - L),  r = <D2, D1> / <D1, D1>,  ahead = D2 r / (1 - r),

    Aitken's extrapolation of the sequence x(t - 2L), x(t - L), x(t), with one ratio for the whole field, in the norm of
    ``metric.slow``; 2L is as much of the run as comes after LATE.

    Source: Aitken 1926 (Proc. R. Soc. Edinburgh 46, 289).

    Args:
        blocks: All of the run, without an extrapolation.
        metric: Norms.
        name: Of the run, for the error.

    Raises:
        HaloclineError: If the run is too short, or its changes do not get smaller.
    """
    length = int((1.0 - LATE) * len(blocks) - ENDS) // 2
    if length < ENDS:
        raise _not_yet(name, f"{WINDOW * len(blocks)} years")
    now, before, long_ago = (_place(blocks[: len(blocks) - k * length]) for k in range(3))
    second, first = now - before, before - long_ago
    a, b = (np.asarray(metric.slow(d), np.float64).ravel() for d in (first, second))
    ratio = float(a @ b / (a @ a)) if np.any(a) else np.nan
    if not 0.0 < ratio < 1.0:
        years = WINDOW * length
        raise _not_yet(name, f"changes over {years} years, {ratio:.2f} times those of the {years} before")
    return Tail(now, second * (ratio / (1.0 - ratio)), -WINDOW * length / float(np.log(ratio)))


def mirrored(tail: Tail, metric: Metric) -> np.ndarray:
    """Return a start as far beyond the end of a run as the run is before it, LEAST at least, along the same pattern.

    If the estimate is right a run from there drifts against this one. If it is wrong their drifts say by how much: they
    bracket the equilibrium as widely as the run was away from it.
    """
    away = metric.rms(tail.ahead)["thetao"]
    far = max(1.0, LEAST / away) if away > 0 else 1.0  # a run may be at rest in all but salt
    return np.asarray(tail.end + far * tail.ahead)


def _place(blocks: Sequence[Block]) -> np.ndarray:
    return np.asarray(np.mean([block.mean for block in blocks[-ENDS:]], axis=0))


def _not_yet(name: str, found: str) -> HaloclineError:
    return HaloclineError(
        f"cold side of {name}",
        found=found,
        expected="a run of which one slow mode is left, whose changes get smaller",
        remedy="Give more --cold-years, or --other far.",
    )
