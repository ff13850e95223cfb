"""What a run has left behind: means at equal steps, and the changes between them. Knows no ocean."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class History:
    """A stretch of a run without interference.

    Attributes:
        run: Name of the run, or of the group of runs that are left out together (a member of an ensemble). Several
            stretches of one run, parted by extrapolations, have the same name.
        means: Means over consecutive, equally long times (time, ...), all of one shape.
    """

    run: str
    means: Sequence[np.ndarray]

    @property
    def changes(self) -> list[np.ndarray]:
        """Change from each mean to the next: one fewer than there are means."""
        return [np.asarray(b, np.float64) - a for a, b in zip(self.means[:-1], self.means[1:], strict=True)]


def gaps(first: History, second: History) -> list[np.ndarray]:
    """Return what parts two runs of one fixed point, step by step: it obeys the map as changes do.

    Both are taken from their beginnings, as far as the shorter one goes.
    """
    return [np.asarray(b, np.float64) - a for a, b in zip(first.means, second.means, strict=False)]
