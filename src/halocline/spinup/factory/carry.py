"""Where the factory's members would end: their last stretches, carried on by what all runs have taught in the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from halocline.spinup.admissible import admissible
from halocline.spinup.block import Block, stretches
from halocline.spinup.factory.begin import Beginnings
from halocline.spinup.factory.settings import SURFACE_FROM
from halocline.spinup.jump.jump import leap
from halocline.spinup.jump.own_stretches import Passed
from halocline.spinup.jump.slow_map import ChangeMap
from halocline.spinup.metric import Metric
from halocline.spinup.reference.stretch import Stretch
from halocline.worlds.dino.parameters import ForcingParameters

SHARES = (1.0, 0.5, 0.0)
"""Of the way, one of which all members go."""


@dataclass(frozen=True, eq=False)
class Carried:
    """A member's equilibrium as its run and all others tell it, nearer than where it ended.

    Attributes:
        state: (variable, level, y, x), degC and psu, stable and never below freezing.
        moved: Distance from the mean of its last thirty years, root mean square over the volume, K.
    """

    state: np.ndarray
    moved: float

    @classmethod
    def between(cls, ended: np.ndarray, there: np.ndarray, share: float, metric: Metric) -> "Carried":
        """Return a member that goes a share of the way from where it ended."""
        state = admissible(ended + share * (there - ended), metric.grid)
        return cls(state, metric.rms(state - ended)["thetao"])


def carry(blocks: Sequence[Block], slow: ChangeMap, reach: float) -> np.ndarray:
    """Return where a run would end, by its last change and the map, corrected by its own stretches (see jump.leap).

    Nothing is run: a jump is worth most at the end, when all members have taught the map.

    Args:
        blocks: All of the run.
        slow: Fitted to all runs, this one among them.
        reach: Longest jump, in lengths of the change it follows.
    """
    return np.asarray(leap(slow, Stretch("", blocks).passed, reach, _passed(blocks)).state)


def best_share(
    forcings: Sequence[ForcingParameters], ended: np.ndarray, there: Mapping[int, np.ndarray], metric: Metric
) -> float:
    """Return the share of the way by which a surface over the other members knows members best.

    Far from their ends members gain by all of it; near them what the map does not know is as large as what it does.
    Fewer than SURFACE_FROM members go all of it.

    Args:
        forcings: Of the members that are asked (member,).
        ended: Where they ended (member, variable, level, y, x).
        there: Where some of them would end, by position in ``ended``.
        metric: Norms.
    """
    if len(ended) < SURFACE_FROM:
        return SHARES[0]
    ways = np.zeros_like(ended)
    for k, state in there.items():
        ways[k] = state - ended[k]
    errors = [Beginnings(forcings, ended + s * ways, metric, [""] * len(ended)).surface_error for s in SHARES]
    return SHARES[int(np.argmin(errors))]


def _passed(blocks: Sequence[Block]) -> list[Passed]:
    """Return the places at the ends of all stretches but the last, as far as what is fast had died out."""
    parts, done, out = stretches(blocks), list[Block](), list[Passed]()
    for part in parts[:-1]:
        done += part
        stretch = Stretch("", list(done))
        if stretch.settled:
            out.append(stretch.passed)
    return out
