"""The squared-cosine schedule in 1000 discrete steps."""

import math
from dataclasses import dataclass, field

import torch
from torch import Tensor

from halocline.diffusion.paths.base import SCHEDULES

STEPS = 1000
_OFFSET, _LARGEST_BETA = 0.008, 0.999


def alpha_bar_table() -> Tensor:
    """Return alpha_bar (1000,) float64 of the steps 0 (almost clean) to 999 (noise).

    alpha_bar_i = prod_{j <= i} (1 - beta_j), beta_j = min(1 - f((j + 1) / 1000) / f(j / 1000), 0.999),
    f(u) = cos^2((u + 0.008) / 1.008 * pi / 2).

    Source: Nichol & Dhariwal 2021, equation 17 and the cap below it.
    """
    f = [math.cos((j / STEPS + _OFFSET) / (1 + _OFFSET) * math.pi / 2) ** 2 for j in range(STEPS + 1)]
    kept = torch.tensor([1.0 - min(1.0 - f[j + 1] / f[j], _LARGEST_BETA) for j in range(STEPS)], dtype=torch.float64)
    return torch.cumprod(kept, dim=0)


@SCHEDULES.register("squared-cosine")
@dataclass(frozen=True, eq=False)
class SquaredCosineSchedule:
    """alpha^2 = alpha_bar of step ceil(1000 t) - 1, sigma^2 = 1 - alpha^2: constant over each thousandth of t.

    Uniform t therefore gives uniform steps in training, and ``times(1000)`` every step in sampling.

    Source: Nichol & Dhariwal 2021; the schedule of Meunier et al. 2025.
    """

    _alpha_bar: Tensor = field(default_factory=alpha_bar_table)

    def alpha(self, t: Tensor) -> Tensor:
        """Return the signal's share at t."""
        return self._at(t).sqrt().to(torch.float32)

    def sigma(self, t: Tensor) -> Tensor:
        """Return the noise's share at t."""
        return (1.0 - self._at(t)).sqrt().to(torch.float32)

    def times(self, steps: int) -> Tensor:
        """Even steps in t."""
        return torch.linspace(1.0, 0.0, steps + 1, dtype=torch.float64).float()

    def _at(self, t: Tensor) -> Tensor:
        # What float32 leaves of k / 1000 must not reach the next step.
        step = torch.ceil(t.double() * STEPS - 1e-3).long() - 1
        return self._alpha_bar.to(t.device)[step.clamp(0, STEPS - 1)]
