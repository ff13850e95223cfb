"""The variance-exploding schedule of Karras et al. 2022."""

from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.diffusion.paths.base import SCHEDULES


@SCHEDULES.register("karras")
@dataclass(frozen=True)
class KarrasSchedule:
    """Variance-exploding schedule: alpha = 1, sigma(t)^(1/rho) linear in t.

    Source: Karras et al. 2022, "Elucidating the design space of diffusion-based generative models", equation 5.
    """

    sigma_min: float = 0.002
    sigma_max: float = 80.0
    rho: float = 7.0

    def times(self, steps: int) -> Tensor:
        """Even steps in t, which are the paper's."""
        return torch.linspace(1.0, 0.0, steps + 1)

    def alpha(self, t: Tensor) -> Tensor:
        """Return ones."""
        return torch.ones_like(t)

    def sigma(self, t: Tensor) -> Tensor:
        """Return the noise at t."""
        low, high = self._ends()
        return (low + t * (high - low)) ** self.rho

    def time_of(self, logsnr: Tensor) -> Tensor:
        """Return t of the log signal-to-noise ratio, cut to the schedule's range."""
        low, high = self._ends()
        sigma = torch.exp(-0.5 * logsnr.double())
        return ((sigma ** (1 / self.rho) - low) / (high - low)).clamp(0.0, 1.0)

    def _ends(self) -> tuple[float, float]:
        return self.sigma_min ** (1 / self.rho), self.sigma_max ** (1 / self.rho)
