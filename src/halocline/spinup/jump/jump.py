"""Leaps along a run by the pooled map, with the safeguards of Anderson acceleration. Knows no ocean."""

from dataclasses import dataclass

import numpy as np

from halocline.spinup.anderson import Proposal
from halocline.spinup.jump.slow_map import SlowMap


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
        slow: The map, fitted to other runs.
        settings: How boldly.
    """

    def __init__(self, slow: SlowMap, settings: JumpSettings) -> None:
        self._slow, self._settings, self._least = slow, settings, np.inf

    def propose(self, mean: np.ndarray, change: np.ndarray) -> Proposal:
        """Take the last mean and the change from the one before it, any shape; return where to go on.

        The proposal's kind is ``jump``, ``shortened`` (cut to the reach) or ``fallen back`` (no jump).
        """
        see = self._slow.see
        size = float(np.linalg.norm(see(change)))
        if size > self._settings.growth * self._least:
            self._least = size
            return Proposal(mean, "fallen back", size, size)
        self._least = min(self._least, size)
        return leap(self._slow, mean, change, self._settings.reach)


def leap(slow: SlowMap, mean: np.ndarray, change: np.ndarray, reach: float) -> Proposal:
    """Return a mean moved by what remains after a change, at most ``reach`` lengths of it."""
    ahead = slow.remaining(change)
    size, length = (float(np.linalg.norm(slow.see(field))) for field in (change, ahead.field))
    predicted = ahead.unseen * size
    if length > reach * size:
        return Proposal(mean + ahead.field * (reach * size / length), "shortened", size, predicted)
    return Proposal(mean + ahead.field, "jump", size, predicted)
