"""A constraint: platelets grow under ice, and not beyond a multiple of its thickness."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from halocline.constraints.protocol import Constraint, Needs, Setting


@dataclass(frozen=True)
class PlateletsUnderIce(Constraint):
    """sipl <= most * sit: a platelet layer is at most ``most`` times as thick as the ice above it.

    Attributes:
        platelets: Channel of sipl.
        ice: Channel of sit.
        most: Largest ratio.
    """

    name: ClassVar[str] = "platelets-under-ice"
    unit: ClassVar[str] = "m"
    needs: ClassVar[Needs] = "ice"

    platelets: int
    ice: int
    most: float = 0.25
    tolerance: float = 0.0

    @classmethod
    def of(cls, setting: Setting) -> "PlateletsUnderIce":
        """Find both channels."""
        names = [variable.name for variable in setting.variables]
        return cls(names.index("sipl"), names.index("sit"))

    def residual(self, states: np.ndarray) -> np.ndarray:
        """Return the largest excess of each member (member,), m."""
        excess = states[:, self.platelets] - self._limit(states)
        return np.nan_to_num(excess).max(axis=(-2, -1)).clip(0.0)

    def project(self, states: np.ndarray) -> np.ndarray:
        """Return the states with the excess cut off; this is the nearest state if the ice is to stay as it is."""
        out = states.copy()
        out[:, self.platelets] = np.minimum(out[:, self.platelets], self._limit(states))
        return out

    def _limit(self, states: np.ndarray) -> np.ndarray:
        return np.float32(self.most) * states[:, self.ice]
