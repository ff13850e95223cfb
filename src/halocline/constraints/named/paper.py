"""The published constraint: a pull of level means and zeros on land inside the sampler, and a repaired border.

Source: Meunier et al. 2025 (arXiv 2502.02499).
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from halocline.constraints.protocol import Constraint, Needs, Setting
from halocline.constraints.registry import CONSTRAINTS

if TYPE_CHECKING:
    from torch import Tensor

LAST_INDEX = 999.0
"""The paper's step index of pure noise; that of the state is 0."""


def gain(index: float, beta: float) -> float:
    """Return kappa = beta [1 + 40 exp(-20 index / 1000)] at step index 999 (noise) ... 0 (state).

    The pull is stable while beta * 41 < 2.
    """
    return beta * (1.0 + 40.0 * math.exp(-20.0 * index / 1000.0))


@dataclass(frozen=True, eq=False)
class PaperPull:
    """x <- x wet, then x <- x - kappa <x>, after each step of the sampler, on normalised and padded states.

    In this order the border ends at -kappa <x>, not at 0. <x> is each channel's mean over all cells, padding included;
    it stands for the gradient of C = sum_k (mu_k - <x_k>)^2 for one cell. With fewer steps than the paper's 1000 the
    gain runs over the same range, and pulls less in all. It narrows the natural spread of level means as well; the
    constraint ``contents`` keeps it.

    Attributes:
        wet: 1 on wet cells (channel, y, x), 0 on land and padding.
        steps: Number of steps of the sampler.
        beta: Strength; the paper's is 1e-3.
    """

    wet: "Tensor"
    steps: int
    beta: float = 1e-3

    def __call__(self, x: "Tensor", step: int) -> "Tensor":
        """Return what becomes of x (member, channel, y, x) after step 0, 1, ..."""
        index = LAST_INDEX * (1.0 - step / max(1, self.steps - 1))
        x = x * self.wet
        return x - gain(index, self.beta) * x.mean((-2, -1))[..., None, None]


@CONSTRAINTS.register("paper")
@dataclass(frozen=True)
class RepairedBorder(Constraint):
    """The southernmost wet row equals that north of it, where both are wet; y northwards.

    What the paper does to its states after sampling: row 1 of its mesh, the first wet one, is overwritten by row 2.
    Inside the sampler ``PaperPull`` acts.
    """

    name: ClassVar[str] = "paper"
    unit: ClassVar[str] = "degC, psu or m"
    needs: ClassVar[Needs] = "ocean"

    tolerance: float = 0.0

    @classmethod
    def of(cls, setting: Setting) -> "RepairedBorder":
        """Return the constraint; it needs nothing of the setting."""
        return cls()

    def residual(self, states: np.ndarray) -> np.ndarray:
        """Return the largest difference between the two rows (member,); degC, psu or m."""
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
