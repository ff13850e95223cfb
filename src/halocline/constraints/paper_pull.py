"""The published pull of level means to zero, with zeros on land, after each step of the sampler.

Source: Meunier et al. 2025 (arXiv 2502.02499).
"""

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

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
