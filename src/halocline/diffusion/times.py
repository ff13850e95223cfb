"""Which noise levels a training sees, and which a sampler visits."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.diffusion.levels import logsnr_of, time_of
from halocline.diffusion.paths.base import Schedule

Times = Callable[[Tensor], Tensor]
"""Pseudo-times t (batch,) of shares u (batch,) in [0, 1): the quantile function of a training's time density."""

FINE_FROM, FINE_TO = 4.0, 10.0
"""ln SNR between which the smallest scales of a field with a steep spectrum are decided, whose power is the inverse."""
_FIRST = -10.0  # ln SNR that stands for pure noise, where a schedule reaches it
_LEAST = 1e-7  # share below which a normal quantile is cut, 5.2 standard deviations


def uniform(u: Tensor) -> Tensor:
    """Return t = u."""
    return u


@dataclass(frozen=True)
class Lognormal:
    """ln(sigma / alpha) ~ N(mean, std^2) on any schedule that has an inverse, cut to its range.

    t(u) is where ln SNR = -2 (mean + std Phi^-1(u)); evenly spread shares u stay a stratified sample.

    Source: Karras et al. 2022, table 1: P_mean = -1.2, P_std = 1.2, data of unit variance.

    Attributes:
        schedule: alpha(t), sigma(t).
        mean: P_mean.
        std: P_std.
    """

    schedule: Schedule
    mean: float = -1.2
    std: float = 1.2

    def __call__(self, u: Tensor) -> Tensor:
        """Return pseudo-times (batch,) float32 of shares u (batch,)."""
        normal = torch.special.ndtri(u.double().clamp(_LEAST, 1.0 - _LEAST))
        return time_of(self.schedule, -2.0 * (self.mean + self.std * normal))


def stopped(schedule: Schedule, times: Tensor, level: float) -> Tensor:
    """Return a sampler's decreasing times down to a noise level, then 0: the last pass is the estimate at that level.

    Args:
        schedule: alpha(t), sigma(t); it needs an inverse.
        times: Decreasing times (steps + 1,).
        level: sigma / alpha, above 0.
    """
    ratio = schedule.sigma(times) / schedule.alpha(times).clamp(min=1e-12)
    last = time_of(schedule, torch.tensor([-2.0 * math.log(level)], dtype=torch.float64))
    return torch.cat([times[ratio > level], last.to(times), times.new_zeros(1)])


def sampling_times(schedule: Schedule, steps: int, fine_share: float = 0.0) -> Tensor:
    """Return the sampling times (steps + 1,), decreasing from 1 to 0: the schedule's own, or some of them fine.

    With ``fine_share`` the last ``fine_share * steps`` passes, at least one, lie evenly in ln SNR above FINE_FROM up to
    FINE_TO; those before lie evenly from pure noise to FINE_FROM.

    Args:
        schedule: alpha(t), sigma(t).
        steps: Solver steps.
        fine_share: Share of the steps, 0..1; 0 for the schedule's own times.

    Raises:
        ConfigError: If a share is given and the schedule has no inverse.
    """
    if not fine_share or steps == 1:
        return schedule.times(steps)
    fine = min(max(round(fine_share * steps), 1), steps - 1)
    noise = max(float(logsnr_of(schedule, torch.ones(1))), _FIRST)
    levels = torch.cat(
        [
            torch.linspace(noise, FINE_FROM, steps - fine, dtype=torch.float64),
            torch.linspace(FINE_FROM, FINE_TO, fine + 1, dtype=torch.float64)[1:],
        ]
    )
    inner = time_of(schedule, levels[1:])
    return torch.cat([torch.ones(1), inner, torch.zeros(1)])
