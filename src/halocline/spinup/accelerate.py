"""What acts between the blocks of a run: Anderson's method, or jumps by a pooled map."""

from typing import Protocol

import numpy as np

from halocline.spinup.anderson import Anderson, Proposal
from halocline.spinup.block import Block
from halocline.spinup.jump.jump import Jump


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
    """Jumps after every second block: from its mean, by the change from the mean of the block before.

    Args:
        jump: By which map, and how boldly.
    """

    def __init__(self, jump: Jump) -> None:
        self._jump = jump
        self._before: np.ndarray | None = None

    def take(self, block: Block) -> Proposal:
        """See Jump.propose; ``plain`` after the first block of a stretch."""
        mean, before = block.mean, None if block.interrupts else self._before
        self._before = mean
        if before is None:
            return Proposal(mean, "plain", np.nan, np.nan)
        return self._jump.propose(mean, mean - before)
