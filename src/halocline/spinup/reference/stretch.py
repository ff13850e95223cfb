"""The last thirty years of a run since it was interfered with: mean, change a decade, drift."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.spinup.block import SETTLES, Block, stretches
from halocline.spinup.criterion import Equilibrium, equilibrium_of
from halocline.spinup.jump.own_stretches import Passed
from halocline.spinup.metric import Metric
from halocline.spinup.reference.settings import PROOF


@dataclass(frozen=True, eq=False)
class Stretch:
    """What a run says now.

    Attributes:
        name: Name of the run.
        blocks: All of it so far.
    """

    name: str
    blocks: Sequence[Block]

    @cached_property
    def last(self) -> list[Block]:
        """The last blocks that no extrapolation parts, at most PROOF."""
        return stretches(self.blocks)[-1][-PROOF:]

    @cached_property
    def _means(self) -> list[np.ndarray]:
        return [block.mean for block in self.last]

    @property
    def steady(self) -> bool:
        """Whether there are enough blocks to tell a drift."""
        return len(self.last) == PROOF

    @property
    def settled(self) -> bool:
        """Whether what is fast has died out before the last blocks."""
        part = stretches(self.blocks)[-1]
        return len(part) >= SETTLES[part[0].began == "start"] + PROOF

    @property
    def passed(self) -> Passed:
        """Its place, and its change a decade there."""
        return Passed(self.mean, self.change)

    @property
    def change(self) -> np.ndarray:
        """Change a decade, averaged over the last blocks: (variable, level, y, x)."""
        return np.asarray((self._means[-1] - self._means[0]) / (len(self._means) - 1))

    @property
    def mean(self) -> np.ndarray:
        """The mean that this change leads to: of the last blocks but for their first."""
        return np.asarray(np.mean(self._means[1:], axis=0))

    @property
    def state(self) -> np.ndarray:
        """Mean of all last blocks."""
        return np.asarray(np.mean(self._means, axis=0))

    def equilibrium(self, metric: Metric) -> Equilibrium:
        """Return the mean of the last blocks with what is left of their drift (see criterion.equilibrium_of)."""
        states = np.concatenate([block.states for block in self.last])
        series = [line for block in self.last for line in block.series]
        return equilibrium_of(self.name, metric, states, series, sum(block.years for block in self.blocks))
