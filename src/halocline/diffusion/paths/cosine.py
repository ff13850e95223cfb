"""The variance-preserving cosine schedule."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.diffusion.paths.base import SCHEDULES


@SCHEDULES.register("cosine")
@dataclass(frozen=True)
class CosineSchedule:
    """Variance-preserving cosine schedule, cut to a range of log signal-to-noise ratio.

    log(alpha^2/sigma^2) = -2 log tan(a t + b), with a and b such that it runs from ``logsnr_max`` at t = 0 to
    ``logsnr_min`` at t = 1, then shifted by ``shift``.

    Source: Nichol & Dhariwal 2021 (cosine); Hoogeboom et al. 2023, "simple diffusion", section 3.1 (cut and shift).
    """

    logsnr_min: float = -10.0
    logsnr_max: float = 14.0
    shift: float = 0.0

    def logsnr(self, t: Tensor) -> Tensor:
        """Return the log signal-to-noise ratio at t."""
        a, b = self._line()
        return -2.0 * torch.log(torch.tan(a * t + b)) + self.shift

    def times(self, steps: int) -> Tensor:
        """Even steps in the log signal-to-noise ratio, from ``logsnr_min`` to 8, then 0.

        Steps even in t take the first part of the range in one or two strides, and that is where the large scales
        (a winter or a summer?) are decided: the spread of the drawn ice extents then halves.
        """
        if steps == 1:
            return torch.tensor([1.0, 0.0])
        logsnr = torch.linspace(self.logsnr_min, min(8.0, self.logsnr_max), steps, dtype=torch.float64)
        return torch.cat([self.time_of(logsnr).float().clamp(0.0, 1.0), torch.zeros(1)])

    def time_of(self, logsnr: Tensor) -> Tensor:
        """Return t of the log signal-to-noise ratio, cut to the schedule's range."""
        a, b = self._line()
        t = (torch.atan(torch.exp(-0.5 * (logsnr.double() - self.shift))) - b) / a
        return t.clamp(0.0, 1.0)

    def alpha(self, t: Tensor) -> Tensor:
        """sqrt(sigmoid(logsnr))."""
        return torch.sigmoid(self.logsnr(t)).sqrt()

    def sigma(self, t: Tensor) -> Tensor:
        """sqrt(sigmoid(-logsnr))."""
        return torch.sigmoid(-self.logsnr(t)).sqrt()

    def _line(self) -> tuple[float, float]:
        b = math.atan(math.exp(-0.5 * (self.logsnr_max - self.shift)))
        return math.atan(math.exp(-0.5 * (self.logsnr_min - self.shift))) - b, b
