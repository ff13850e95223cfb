"""Static stability by Thorpe sorting: the same water, lightest on top."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from halocline.constraints.columns import Columns, moved, worst_jump
from halocline.constraints.named.stability import MinimumChange, StableColumns
from halocline.constraints.registry import CONSTRAINTS
from halocline.constraints.thorpe_sort import thorpe_sort


@CONSTRAINTS.register("sort")
@dataclass(frozen=True)
class ThorpeSorted(StableColumns):
    """Density grows downwards, reached by re-stacking the same water; see thorpe_sort.

    What sorting and rounding leave unstable (mixing in cells of unequal thickness, local references) gets the smallest
    change on top.
    """

    name: ClassVar[str] = "sort"

    def project(self, states: np.ndarray) -> np.ndarray:
        """Return states (member, channel, y, x) whose columns are stable, with the same heat and salt each."""
        chosen = worst_jump(states, self.layout, self.eos, self.reference) < -self.tolerance
        finish = MinimumChange(self.layout, self.eos, self.reference, self.tolerance)
        return finish.project(moved(states, self.layout, chosen, self.reference, self._sorted))

    def _sorted(self, columns: Columns) -> Columns:
        return thorpe_sort(columns, self.eos, accept=-self.tolerance)
