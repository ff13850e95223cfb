"""Noise levels as ln SNR = ln(alpha^2 / sigma^2), for any schedule: of a pseudo-time, and back."""

from typing import Protocol, runtime_checkable

import torch
from torch import Tensor

from halocline.diffusion.paths.base import Schedule
from halocline.runtime.errors import ConfigError


@runtime_checkable
class Invertible(Schedule, Protocol):
    """A schedule that tells where a noise level lies."""

    def time_of(self, logsnr: Tensor) -> Tensor:
        """Return t in [0, 1] (float64) of ln SNR; levels beyond the schedule's range give its ends."""


def logsnr_of(schedule: Schedule, t: Tensor) -> Tensor:
    """Return ln SNR at t, float64; -inf or inf where a schedule has no signal or no noise."""
    alpha, sigma = (part(t).double() for part in (schedule.alpha, schedule.sigma))
    return 2.0 * (torch.log(alpha) - torch.log(sigma))


def time_of(schedule: Schedule, logsnr: Tensor) -> Tensor:
    """Return t in [0, 1] of ln SNR, float32.

    Raises:
        ConfigError: If the schedule has no inverse.
    """
    if not isinstance(schedule, Invertible):
        raise ConfigError(
            f"schedule {type(schedule).__name__}",
            found="no inverse: it does not tell at which t a signal-to-noise ratio lies",
            expected="a schedule with time_of(logsnr), such as cosine, karras or linear",
            remedy="Set denoiser.schedule to one of them, or leave denoiser.times and sampler.fine_share as they are.",
        )
    return schedule.time_of(logsnr.double()).clamp(0.0, 1.0).float()
