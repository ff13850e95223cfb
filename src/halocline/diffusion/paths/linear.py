"""The straight path of flow matching between noise and data, with sampling times along a sigmoid."""

from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.diffusion.paths.base import SCHEDULES


@SCHEDULES.register("linear")
@dataclass(frozen=True)
class LinearPath:
    """x_t = (1 - t) x_0 + t eps: a ``Schedule`` with alpha = 1 - t and sigma = t.

    In the notation of flow matching tau = 1 - t, and the velocity along tau is v = x_0 - eps = (x_0 - x_t) / t.

    Sampling times: tau_j = (S(k (u_j - 1/2) + c) - S(c - k/2)) / (S(c + k/2) - S(c - k/2)), u_j = j / N, S logistic.
    With k = 3 and c = 1/2 the steps are longest near tau = 0.37 and shortest at the data.

    Source: Lipman et al. 2023 (path); Finn et al. 2025, arXiv 2508.14984 (times).

    Attributes:
        steepness: k; near 0 for even steps.
        shift: c.
    """

    steepness: float = 3.0
    shift: float = 0.5

    def alpha(self, t: Tensor) -> Tensor:
        """Return the signal's share 1 - t."""
        return 1.0 - t

    def sigma(self, t: Tensor) -> Tensor:
        """Return the noise's share t."""
        return t

    def times(self, steps: int) -> Tensor:
        """Return the sampling times (steps + 1,), decreasing from exactly 1 to exactly 0."""
        u = torch.linspace(0.0, 1.0, steps + 1, dtype=torch.float64)
        s = torch.sigmoid(self.steepness * (u - 0.5) + self.shift)
        tau = (s - s[0]) / (s[-1] - s[0])
        return (1.0 - tau).float()

    def time_of(self, logsnr: Tensor) -> Tensor:
        """Return t of the log signal-to-noise ratio: t / (1 - t) = exp(-logsnr / 2)."""
        return torch.sigmoid(-0.5 * logsnr.double())
