"""Leaps along a run by the pooled map, with the safeguards of Anderson acceleration. Knows no ocean."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halocline.spinup.anderson import Proposal
from halocline.spinup.jump.own_stretches import Passed, ahead
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

    What it has been asked before teaches as well: where the map leads the run's former places elsewhere, the secants
    between them correct it (see own_stretches.ahead).

    After a change that has grown (see JumpSettings.growth) the run goes on from where it is, and what is least is
    counted anew from there.

    Args:
        settings: How boldly.
    """

    def __init__(self, settings: JumpSettings) -> None:
        self._settings, self._least = settings, np.inf
        self._passed: list[Passed] = []

    def propose(self, slow: ChangeMap, mean: np.ndarray, change: np.ndarray) -> Proposal:
        """Take a map, the last mean and the change from the one before it, any shape; return where to go on.

        The proposal's kind is ``jump``, ``shortened`` (cut to the reach) or ``fallen back`` (no jump).
        """
        size = float(np.linalg.norm(slow.see(change)))
        here, own = Passed(mean, change), list(self._passed)
        self._passed.append(here)
        if size > self._settings.growth * self._least:
            self._least = size
            return Proposal(mean, "fallen back", size, size)
        self._least = min(self._least, size)
        return leap(slow, here, self._settings.reach, own)


def leap(slow: ChangeMap, here: Passed, reach: float, own: Sequence[Passed] = ()) -> Proposal:
    """Return a place moved by what is ahead of it, at most ``reach`` lengths of its change.

    Args:
        slow: The map.
        here: From where.
        reach: See JumpSettings.
        own: Other places of runs with its fixed point (see own_stretches.ahead).
    """
    found = ahead(slow, here, own)
    size, length = (float(np.linalg.norm(slow.see(field))) for field in (here.change, found.field))
    predicted = found.unseen * size
    if length > reach * size:
        return Proposal(here.mean + found.field * (reach * size / length), "shortened", size, predicted)
    return Proposal(here.mean + found.field, "jump", size, predicted)
