"""Jumps of a member of the factory: once its last decades tell a drift, and not before."""

import numpy as np

from halocline.spinup.anderson import Proposal
from halocline.spinup.block import Block
from halocline.spinup.jump.jump import Jump


class JumpsWhenTold:
    """Jumps after every ``every`` blocks of a stretch, from its last mean, by the last change.

    The first block after a start or a jump adjusts; a jump by the change that it is part of would leap along what is
    fast. So ``every`` is at least 3: the change is that between the last two.

    Args:
        jump: By which map, and how boldly.
        every: Blocks from one jump to the next.
    """

    def __init__(self, jump: Jump, every: int) -> None:
        self._jump, self._every = jump, every
        self._means: list[np.ndarray] = []
        self._count = 0

    def take(self, block: Block) -> Proposal:
        """See Jump.propose; ``plain`` in between."""
        self._means = [block.mean] if block.interrupts else [*self._means[-1:], block.mean]
        self._count = 1 if block.interrupts else self._count + 1
        if self._count % self._every:
            return Proposal(block.mean, "plain", np.nan, np.nan)
        return self._jump.propose(block.mean, block.mean - self._means[0])
