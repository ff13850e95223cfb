"""Ten years of a run without interference, and what can be read from them."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from halocline.spinup.criterion import WINDOW, Series
from halocline.spinup.jump.history import History

HALF = WINDOW // 2
CONTINUES = ("plain", "fallen back", "crashed")
"""How a block begins that goes on from the end of the one before."""

SETTLES = {True: 3, False: 1}
"""Blocks of a stretch before its changes are slow: of a run's start, and after an extrapolation."""


@dataclass(frozen=True, eq=False)
class Block:
    """Ten years of a run without interference, after what came before them in its task.

    Attributes:
        states: On the 1 January that ends each year (year, variable, level, y, x), degC and psu.
        series: Diagnostics of the same days.
        years: Model years, those of a first adjustment included.
        cpu_seconds: What they cost.
        began: How it began: ``start``, ``plain`` (went on), the kind of a proposal, or ``crashed``: the model blew up
            from a proposal, and went on from where it was; years and CPU seconds hold both.
    """

    states: np.ndarray
    series: Series
    years: float
    cpu_seconds: float
    began: str

    @property
    def interrupts(self) -> bool:
        """Whether it does not go on from the end of the block before."""
        return self.began not in CONTINUES

    @property
    def mean(self) -> np.ndarray:
        """Mean of the ten years, float64."""
        return np.asarray(self.states.mean(axis=0, dtype=np.float64))

    @property
    def output(self) -> np.ndarray:
        """What Anderson's extrapolations combine: the mean of the second half, in which waves of years are weak."""
        return np.asarray(self.states[HALF:].mean(axis=0))

    @property
    def residual(self) -> np.ndarray:
        """What they make vanish: the change from the first half to the second.

        The jump from the block's first state to its first year is left out: much of it is the adjustment of an
        extrapolated state to its own flow, and says nothing about the distance from equilibrium.
        """
        return np.asarray(self.states[HALF:].mean(axis=0) - self.states[:HALF].mean(axis=0))


def stretches(blocks: Iterable[Block]) -> list[list[Block]]:
    """Return blocks in stretches that no extrapolation parts."""
    out: list[list[Block]] = []
    for block in blocks:
        if not out or block.interrupts:
            out.append([])
        out[-1].append(block)
    return out


def settled(blocks: Iterable[Block]) -> list[list[Block]]:
    """Return the stretches without their first blocks, in which what is fast dies out: see SETTLES."""
    found = stretches(blocks)
    return [part[SETTLES[part[0].began == "start"] :] for part in found]


def histories_of(run: str, blocks: Iterable[Block]) -> list[History]:
    """Return the means of a run's blocks, a history a stretch, as they may teach a map of changes.

    Args:
        run: Its name, see History.
        blocks: In order.
    """
    return [History(run, [b.mean for b in part]) for part in settled(blocks)]
