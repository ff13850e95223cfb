"""Sea-ice bounds: every variable within its range, and one ice mask shared by all of them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from halocline.constraints.protocol import Constraint, Needs, Setting
from halocline.constraints.registry import CONSTRAINTS
from halocline.data.fields.variables import Variable

if TYPE_CHECKING:
    from torch import Tensor


@CONSTRAINTS.register("ice-bounds")
@dataclass(frozen=True)
class IceBounds(Constraint):
    """Bounds of the registry, and SIC = 0 exactly where SIT = 0, with every other ice variable 0 there.

    A cell holds ice if SIT > 0 and SIC >= ``sic_minimum`` (and > 0) after clipping; elsewhere all ice variables are 0.

    Attributes:
        variables: The variables in channel order; must hold sit and sic for the shared mask to apply.
        sic_minimum: Concentrations below count as open water. 0 keeps every positive one; the Arctic world's smallest
            concentration is 0.01.
    """

    name: ClassVar[str] = "ice-bounds"
    unit: ClassVar[str] = "1"
    needs: ClassVar[Needs] = "ice"

    variables: tuple[Variable, ...]
    sic_minimum: float = 0.0
    tolerance: float = 0.0

    @classmethod
    def of(cls, setting: Setting) -> "IceBounds":
        """Bound the setting's variables."""
        return cls(setting.variables)

    def residual(self, states: np.ndarray) -> np.ndarray:
        """Return the largest excess over a bound, or 1 where the zero sets differ (member,)."""
        worst = np.zeros(len(states))
        for k, var in enumerate(self.variables):
            field = np.nan_to_num(states[:, k])
            if var.lower is not None:
                worst = np.maximum(worst, (var.lower - field).max(axis=(1, 2)))
            if var.upper is not None:
                worst = np.maximum(worst, (field - var.upper).max(axis=(1, 2)))
        ice = self._ice(states)
        if ice is not None:
            for k, var in enumerate(self.variables):
                if var.zero_without_ice:
                    stray = (np.nan_to_num(states[:, k]) != 0) & ~ice
                    worst = np.maximum(worst, stray.any(axis=(1, 2)).astype(float))
        return worst

    def project(self, states: np.ndarray) -> np.ndarray:
        """Clip to the bounds, then empty the cells without ice."""
        out = states.copy()
        for k, var in enumerate(self.variables):
            out[:, k] = np.clip(out[:, k], var.lower, var.upper) if _bounded(var) else out[:, k]
        ice = self._ice(out)
        if ice is not None:
            for k, var in enumerate(self.variables):
                if var.zero_without_ice:
                    out[:, k] = np.where(ice | np.isnan(out[:, k]), out[:, k], np.float32(0.0))
        return out

    def project_tensor(self, x: "Tensor") -> "Tensor":
        """Return what ``project`` does to x; gradients flow, and are 0 where a value was clipped or emptied."""
        import torch

        pairs = zip(self.variables, x.unbind(1), strict=True)
        out = torch.stack([part.clamp(v.lower, v.upper) if _bounded(v) else part for v, part in pairs], dim=1)
        ice = self._ice(out)
        if ice is None:
            return out
        shared = torch.tensor([var.zero_without_ice for var in self.variables], device=x.device)[:, None, None]
        return torch.where(ice[:, None] | torch.isnan(out) | ~shared, out, 0.0)

    def _ice(self, states: Any) -> Any:
        """Return where there is ice (member, y, x) in an array or a tensor; None without sit and sic."""
        names = [v.name for v in self.variables]
        if "sit" not in names or "sic" not in names:
            return None
        sit, sic = states[:, names.index("sit")], states[:, names.index("sic")]
        return (sit > 0) & (sic > 0) & (sic >= self.sic_minimum)


def _bounded(var: Variable) -> bool:
    return var.lower is not None or var.upper is not None
