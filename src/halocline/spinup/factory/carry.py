"""Where the factory's members would end: their last stretches, carried on by what all runs have taught in the end."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halocline.spinup.admissible import admissible
from halocline.spinup.block import Block, stretches
from halocline.spinup.jump.jump import leap
from halocline.spinup.jump.own_stretches import Passed
from halocline.spinup.jump.slow_map import ChangeMap
from halocline.spinup.metric import Metric
from halocline.spinup.reference.stretch import Stretch


@dataclass(frozen=True, eq=False)
class Carried:
    """A member's equilibrium as its run and all others tell it, nearer than where it ended.

    Attributes:
        state: (variable, level, y, x), degC and psu, stable and never below freezing.
        moved: Distance from the mean of its last thirty years, root mean square over the volume, K.
    """

    state: np.ndarray
    moved: float


def carry(blocks: Sequence[Block], slow: ChangeMap, metric: Metric, reach: float) -> Carried:
    """Return where a run would end, by its last change and the map, corrected by its own stretches (see jump.leap).

    Nothing is run: a jump is worth most at the end, when all members have taught the map.

    Args:
        blocks: All of the run.
        slow: Fitted to all runs, this one among them.
        metric: Norms.
        reach: Longest jump, in lengths of the change it follows.
    """
    last = Stretch("", blocks)
    state = admissible(leap(slow, last.passed, reach, _passed(blocks)).state, metric.grid)
    return Carried(state, metric.rms(state - last.state)["thetao"])


def _passed(blocks: Sequence[Block]) -> list[Passed]:
    """Return the places at the ends of all stretches but the last, as far as what is fast had died out."""
    parts, done, out = stretches(blocks), list[Block](), list[Passed]()
    for part in parts[:-1]:
        done += part
        stretch = Stretch("", list(done))
        if stretch.settled:
            out.append(stretch.passed)
    return out
