"""The paper's constraints inside the sampler, on x_{s-1} after each step; and its southern border."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from halocline.constraints.level_mean import border_zero, gradient_zero_mean


@dataclass(frozen=True, eq=False)
class PaperPull:
    """``border_zero``, then ``gradient_zero_mean``, in this order: the border therefore ends at -kappa <x>, not at 0.

    Source: Meunier et al. 2025 (arXiv 2502.02499); their step index runs from 999 (noise) to 0. With fewer steps the
    gain runs over the same range, and pulls less in all.

    Attributes:
        wet: 1 on wet cells (channel, y, x), 0 on land and padding.
        steps: Number of steps of the sampler.
        beta: Strength.
    """

    wet: Tensor
    steps: int
    beta: float = 1e-3

    def __call__(self, x: Tensor, step: int) -> Tensor:
        """Return what becomes of x (member, channel, y, x) after step 0, 1, ..."""
        index = 999.0 * (1.0 - step / max(1, self.steps - 1))
        return gradient_zero_mean(border_zero(x, self.wet), index, self.beta)


@dataclass(frozen=True)
class SouthernBorder:
    """The southernmost wet row equals that north of it, where both are wet.

    Source: the post-processing of Meunier et al. 2025: row 1 of their mesh, the first wet one, is overwritten by row 2.
    """

    name: str = "southern-border"
    unit: str = "units of the variable"
    tolerance: float = 0.0

    def residual(self, states: np.ndarray) -> np.ndarray:
        """Return the largest difference of the two rows (member,), each variable in its unit."""
        return np.nanmax(np.abs(self.project(states) - states), axis=(1, 2, 3), initial=0.0)

    def project(self, states: np.ndarray) -> np.ndarray:
        """Return states (member, channel, y, x), dry cells NaN, y northwards, whose southernmost row is overwritten."""
        out = states.copy()
        wet = np.isfinite(states).any(axis=(0, 1))
        south = int(np.flatnonzero(wet.any(axis=1))[0])
        north, here = states[..., south + 1, :], out[..., south, :]
        out[..., south, :] = np.where(np.isfinite(here) & np.isfinite(north), north, here)
        return out
