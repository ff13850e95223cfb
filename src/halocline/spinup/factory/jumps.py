"""Jumps of a member of the factory: once its last decades tell a drift, by all that is known of how changes decay."""

from collections.abc import Callable, Sequence

import numpy as np

from halocline.spinup.anderson import Proposal
from halocline.spinup.block import Block
from halocline.spinup.jump.jump import JumpSettings, leap
from halocline.spinup.jump.slow_map import SlowMap

FLOOR = 0.001
"""Change a decade below which decades differ by chance as much as by their drift, K (or EVEN_SO psu for each)."""
Fit = Callable[[Sequence[Block]], SlowMap]
"""``fit(blocks)``: the map that finished members and a member's own blocks so far have taught."""


class JumpsWhenTold:
    """Jumps after every ``every`` blocks of a stretch, from its last mean, by the last change.

    The first block after a start or a jump adjusts; a jump by the change that it is part of would leap along what is
    fast. So ``every`` is at least 3: the change is that between the last two. After a change that has grown since the
    least one the run goes on from where it is, as with ``jump.Jump``.

    Args:
        fit: Fits the map anew for each jump: directions in which no finished member was far off its end are learned
            from the member itself.
        settings: How boldly.
        every: Blocks from one jump to the next.
    """

    def __init__(self, fit: Fit, settings: JumpSettings, every: int) -> None:
        self._fit, self._settings, self._every = fit, settings, every
        self._blocks: list[Block] = []
        self._count = 0
        self._least = np.inf

    def take(self, block: Block) -> Proposal:
        """Take a block; ``plain`` in between."""
        self._blocks.append(block)
        self._count = 1 if block.interrupts else self._count + 1
        mean = block.mean
        if self._count % self._every:
            return Proposal(mean, "plain", np.nan, np.nan)
        change = mean - self._blocks[-2].mean
        slow = self._fit(self._blocks)
        size = float(np.linalg.norm(slow.see(change)))
        if size > self._settings.growth * self._least:
            self._least = size
            return Proposal(mean, "fallen back", size, size)
        self._least = min(self._least, size)
        return leap(slow, mean, change, self._settings.reach)
