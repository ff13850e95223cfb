"""The paper's constraints inside the sampler, on x_{s-1} after each step; and its mending of the southern border."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from halocline.constraints.level_mean import border_zero, gradient_zero_mean


@dataclass(frozen=True, eq=False)
class PaperPull:
    """``border_zero``, then ``gradient_zero_mean``, in this order: the border so ends at -kappa <x>, not at 0.

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


def repair_border(states: np.ndarray) -> np.ndarray:
    """Return states whose southernmost wet row is that north of it, where both are wet.

    Source: the post-processing of Meunier et al. 2025: row 1 of their mesh, the first wet one, is overwritten by row 2.

    Args:
        states: (member, channel, y, x), physical units, dry cells NaN, y northwards.
    """
    out = states.copy()
    wet = np.isfinite(states).any(axis=(0, 1))
    south = int(np.flatnonzero(wet.any(axis=1))[0])
    north = states[..., south + 1, :]
    here = out[..., south, :]
    out[..., south, :] = np.where(np.isfinite(here) & np.isfinite(north), north, here)
    return out
