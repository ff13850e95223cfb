"""Static stability of ocean states by the smallest change of temperature and salinity."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from halocline.constraints.columns import Columns, largest_inversion, moved, worst_jump
from halocline.constraints.protocol import Constraint, Needs, Setting
from halocline.constraints.registry import CONSTRAINTS
from halocline.constraints.stabilise import stabilise
from halocline.data.grids.grid_layout import GridLayout
from halocline.physics.eos import DINO_EOS, EquationOfState
from halocline.physics.stability import Reference
from halocline.runtime.errors import ConfigError

# Half of it, the least jump accepted after a projection, exceeds the 3.7e-6 kg m-3 that rounding two cells near 30 degC
# and 35 psu to float32 can take.
_GAP = 1e-5


@dataclass(frozen=True)
class StableColumns(Constraint):
    """Density grows downwards in every column; how it is reached is the subclass's.

    Attributes:
        layout: The channels of the states.
        eos: Equation of state.
        reference: Depth at which pairs are compared: "local", metres (0 = surface), or "both".
        tolerance: Largest inversion that counts as stable, kg m-3.
    """

    unit: ClassVar[str] = "kg m-3"
    needs: ClassVar[Needs] = "ocean"

    layout: GridLayout
    eos: EquationOfState = DINO_EOS
    reference: Reference = "local"
    tolerance: float = 0.0

    @classmethod
    def of(cls, setting: Setting) -> Self:
        """Compare densities as the setting says."""
        return cls(setting.known_layout(), setting.eos, setting.reference)

    def residual(self, states: np.ndarray) -> np.ndarray:
        """Return the largest inversion of each member (member,), kg m-3; 0 if every column is stable."""
        return largest_inversion(states, self.layout, self.eos, self.reference)


@CONSTRAINTS.register("stability")
@dataclass(frozen=True)
class MinimumChange(StableColumns):
    """Density grows downwards, reached by the smallest weighted change of T and S; see stabilise.

    With reference "both" the step uses derivatives midway between; the result is stable at both and close to the
    smallest change (within 2 % in the tests), not exactly it.

    Columns without a jump below ``-tolerance`` are untouched. The others are aimed at jumps of ``gap``, so that they
    are strictly stable in float32 too.

    Attributes:
        sd_thetao: Scale of temperature changes, K.
        sd_so: Scale of salinity changes, psu. 1 K and 0.2 psu change DINO's density about equally.
        gap: Jump that is aimed at, kg m-3; > -tolerance.
    """

    name: ClassVar[str] = "stability"

    sd_thetao: float = 1.0
    sd_so: float = 0.2
    gap: float = _GAP

    def __post_init__(self) -> None:
        if not (self.tolerance >= 0 and self.gap + self.tolerance > 0):
            raise ConfigError(
                "gap and tolerance of the stability constraint",
                found=f"gap {self.gap:g}, tolerance {self.tolerance:g} kg m-3",
                expected="tolerance >= 0 and gap + tolerance > 0",
                remedy="A tolerance of 1e-9 lets the gap be 0.",
            )

    def project(self, states: np.ndarray) -> np.ndarray:
        """Return states (member, channel, y, x) whose columns are stable, with the same heat and salt each."""
        chosen = worst_jump(states, self.layout, self.eos, self.reference) < -self.tolerance
        return moved(states, self.layout, chosen, self.reference, self._stable)

    def _stable(self, columns: Columns) -> Columns:
        return stabilise(
            columns,
            self.eos,
            gap=self.gap,
            accept=0.5 * (self.gap - self.tolerance),
            sd_thetao=self.sd_thetao,
            sd_so=self.sd_so,
        )
