"""The constraint protocol: how far a state is from physics, and the nearest state that obeys it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal, Protocol, Self

import numpy as np

from halocline.constraints.level_means import Kind
from halocline.constraints.pattern_basis import PatternBasis
from halocline.data.fields.variables import Variable
from halocline.data.grids.grid_layout import GridLayout
from halocline.physics.eos import DINO_EOS, EquationOfState
from halocline.physics.stability import Reference
from halocline.runtime.errors import ConfigError, InputError

if TYPE_CHECKING:
    from torch import Tensor

Needs = Literal["ice", "ocean", "any"]


def _not_given() -> np.ndarray:
    raise ConfigError("means to impose", found="none", expected="values (member, mean)", remedy="Give the means.")


def _no_patterns() -> PatternBasis:
    raise ConfigError("patterns", found="none", expected="leading patterns of states", remedy="Give the patterns.")


@dataclass(frozen=True, eq=False)
class Setting:
    """What constraints are made from; each takes what it needs.

    Attributes:
        variables: The variable of each channel.
        layout: Channels and cells of ocean states; None for sea ice.
        reference: Depth at which densities are compared: "local", metres (0 = surface), or "both".
        eos: Equation of state.
        means: Returns the means to impose (member, mean) or (1, mean) for all members; degC, psu, m.
        kind: Which means these are.
        patterns: Returns the patterns in whose span the states are to lie.
    """

    variables: tuple[Variable, ...] = ()
    layout: GridLayout | None = None
    reference: Reference = "local"
    eos: EquationOfState = DINO_EOS
    means: Callable[[], np.ndarray] = _not_given
    kind: Kind = "level-means"
    patterns: Callable[[], PatternBasis] = _no_patterns

    def known_layout(self) -> GridLayout:
        """Return the layout of the ocean states.

        Raises:
            InputError: If the states are no ocean states.
        """
        if self.layout is None:
            names = ", ".join(variable.name for variable in self.variables)
            raise InputError(
                "states to constrain",
                found=f"variables {names}",
                expected="ocean states: thetao and so on levels",
                remedy="Leave the constraint out, or give ocean states.",
            )
        return self.layout


class Constraint(Protocol):
    """A constraint on states in physical units, arrays (member, channel, y, x), land NaN.

    Attributes:
        name: By which it is chosen; see registry.py.
        unit: Unit of the residual.
        needs: States it is for: ``ice``, ``ocean`` or ``any``.
    """

    name: ClassVar[str]
    unit: ClassVar[str]
    needs: ClassVar[Needs]

    @property
    def tolerance(self) -> float:
        """Largest residual of a state that counts as satisfying."""

    @classmethod
    def of(cls, setting: Setting) -> Self:
        """Make the constraint for some states."""

    def residual(self, states: np.ndarray) -> np.ndarray:
        """Return by how much each member violates the constraint (member,); satisfied if <= tolerance."""

    def project(self, states: np.ndarray) -> np.ndarray:
        """Return the corrected states, same shape; a state that satisfies the constraint is unchanged."""

    def project_tensor(self, x: "Tensor") -> "Tensor":
        """Return what ``project`` does to x (member, channel, y, x), physical units, land NaN.

        This one goes through numpy; gradients pass as if x were not moved. A constraint with a version of its own has
        the true ones.
        """
        import torch

        projected = torch.from_numpy(self.project(x.detach().cpu().numpy())).to(x)
        return projected + (x - x.detach()) if x.requires_grad else projected
