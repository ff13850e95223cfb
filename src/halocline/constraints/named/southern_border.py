"""The southern border of the published ocean generator, repaired."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from halocline.constraints.protocol import Constraint, Needs, Setting
from halocline.constraints.registry import CONSTRAINTS

if TYPE_CHECKING:
    from torch import Tensor


@CONSTRAINTS.register("southern-border")
@dataclass(frozen=True)
class SouthernBorder(Constraint):
    """The southernmost wet row equals that north of it, where both are wet; y northwards.

    Source: the post-processing of Meunier et al. 2025 (arXiv 2502.02499): row 1 of their mesh, the first wet one, is
    overwritten by row 2.
    """

    name: ClassVar[str] = "southern-border"
    unit: ClassVar[str] = "units of the variable"
    needs: ClassVar[Needs] = "ocean"

    tolerance: float = 0.0

    @classmethod
    def of(cls, setting: Setting) -> "SouthernBorder":
        """Return the constraint; it needs nothing of the setting."""
        return cls()

    def residual(self, states: np.ndarray) -> np.ndarray:
        """Return the largest difference between the two rows (member,), each variable in its unit."""
        south = _southernmost(states)
        difference = np.nan_to_num(states[..., south, :] - states[..., south + 1, :])
        return np.asarray(np.abs(difference).max(axis=(1, 2)))

    def project(self, states: np.ndarray) -> np.ndarray:
        """Return states with the southernmost row overwritten."""
        out = states.copy()
        south = _southernmost(states)
        here, north = states[..., south, :], states[..., south + 1, :]
        out[..., south, :] = np.where(np.isfinite(here) & np.isfinite(north), north, here)
        return out

    def project_tensor(self, x: "Tensor") -> "Tensor":
        """Return what ``project`` does to x; gradients flow."""
        import torch

        south = int(torch.isfinite(x).any(dim=0).any(dim=0).any(dim=1).int().argmax())
        here, north = x[..., south, :], x[..., south + 1, :]
        row = torch.where(torch.isfinite(here) & torch.isfinite(north), north, here)
        return torch.cat([x[..., :south, :], row[..., None, :], x[..., south + 1 :, :]], dim=-2)


def _southernmost(states: np.ndarray) -> int:
    """Return the first row that is wet anywhere."""
    return int(np.flatnonzero(np.isfinite(states).any(axis=(0, 1, 3)))[0])
