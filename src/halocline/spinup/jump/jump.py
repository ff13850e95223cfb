"""Leaps along a run by the pooled map, with the safeguards of Anderson acceleration. Knows no ocean."""

from dataclasses import dataclass

import numpy as np

from halocline.spinup.anderson import Proposal
from halocline.spinup.jump.slow_map import ChangeMap


@dataclass(frozen=True)
class JumpSettings:
    """How boldly to jump.

    Attributes:
        reach: Longest jump, in lengths of the change it follows.
        growth: Change over the least so far beyond which the last jump counts as failed.
    """

    reach: float = 120.0
    growth: float = 2.0


class Jump:
    """Proposes x + P A (I - A)^{-1} V^T dx from a mean x and the change dx that led to it (see SlowMap).

    After a change that has grown (see JumpSettings.growth) the run goes on from where it is, and what is least is
    counted anew from there.

    Args:
        settings: How boldly.
    """

    def __init__(self, settings: JumpSettings) -> None:
        self._settings, self._least = settings, np.inf

    def propose(self, slow: ChangeMap, mean: np.ndarray, change: np.ndarray) -> Proposal:
        """Take a map, the last mean and the change from the one before it, any shape; return where to go on.

        The proposal's kind is ``jump``, ``shortened`` (cut to the reach) or ``fallen back`` (no jump).
        """
        size = float(np.linalg.norm(slow.see(change)))
        if size > self._settings.growth * self._least:
            self._least = size
            return Proposal(mean, "fallen back", size, size)
        self._least = min(self._least, size)
        return leap(slow, mean, change, self._settings.reach)


def leap(slow: ChangeMap, mean: np.ndarray, change: np.ndarray, reach: float) -> Proposal:
    """Return a mean moved by what remains after a change, at most ``reach`` lengths of it."""
    ahead = slow.remaining(change)
    size, length = (float(np.linalg.norm(slow.see(field))) for field in (change, ahead.field))
    predicted = ahead.unseen * size
    if length > reach * size:
        return Proposal(mean + ahead.field * (reach * size / length), "shortened", size, predicted)
    return Proposal(mean + ahead.field, "jump", size, predicted)
