"""What acts between the blocks of a run: Anderson's method, or jumps by a pooled map."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from halocline.spinup.anderson import Anderson, Proposal
from halocline.spinup.block import Block
from halocline.spinup.jump.jump import Jump, JumpSettings
from halocline.spinup.jump.slow_map import ChangeMap

Fit = Callable[[Sequence[Block]], ChangeMap]
"""``fit(blocks)``: the map that other runs, and a run's own blocks so far, have taught."""


class Accelerator(Protocol):
    """Takes a run's blocks one after the other and says where each next one begins."""

    def take(self, block: Block) -> Proposal:
        """Take the last block and return what the next begins from; kinds as of ``Proposal``."""


class AndersonBetweenBlocks:
    """Combines the means of the blocks' second halves so that the changes from the first halves cancel.

    Args:
        anderson: Empty yet.
    """

    def __init__(self, anderson: Anderson) -> None:
        self._anderson = anderson

    def take(self, block: Block) -> Proposal:
        """See Anderson.propose."""
        return self._anderson.propose(block.output.astype(np.float64), block.residual)


class JumpsBetweenBlocks:
    """Jumps after every ``every`` blocks of a stretch: from the last mean, by the change from the one before it.

    The first block after a start or a jump adjusts; a jump by the change that it is part of would leap along what is
    fast.

    Args:
        fit: The map for a jump, given the run's blocks so far.
        settings: How boldly.
        every: Blocks from one jump to the next, at least 3.
    """

    def __init__(self, fit: Fit, settings: JumpSettings, every: int) -> None:
        self._fit, self._jump, self._every = fit, Jump(settings), every
        self._blocks: list[Block] = []
        self._count = 0

    def take(self, block: Block) -> Proposal:
        """See Jump.propose; ``plain`` in between."""
        self._blocks.append(block)
        self._count = 1 if block.interrupts else self._count + 1
        mean = block.mean
        if self._count % self._every:
            return Proposal(mean, "plain", np.nan, np.nan)
        return self._jump.propose(self._fit(self._blocks), mean, mean - self._blocks[-2].mean)
