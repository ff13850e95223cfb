"""A second-order multistep solver: one pass a step."""

from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.diffusion.denoiser import Denoiser
from halocline.diffusion.schedules import Schedule
from halocline.diffusion.solvers.base import AfterStep, Noise, at, unchanged


@dataclass(frozen=True)
class Multistep:
    """DPM-Solver++(2M): exponential integrator with a linear extrapolation of the clean estimate.

    With l = log(alpha / sigma), h = l_s - l_t, r = h_previous / h and
    D = (1 + 1/(2r)) x0_hat - 1/(2r) x0_hat_previous:
    x_s = (sigma_s / sigma_t) x_t - alpha_s (exp(-h) - 1) D.

    Source: Lu et al. 2022, "DPM-Solver++", algorithm 2.
    """

    def passes(self, steps: int) -> int:
        """One pass a step."""
        return steps

    def __call__(
        self,
        denoiser: Denoiser,
        schedule: Schedule,
        x: Tensor,
        times: Tensor,
        noise: Noise,
        after_step: AfterStep = unchanged,
    ) -> Tensor:
        """See Solver."""
        previous: Tensor | None = None
        h_previous = torch.zeros(())
        for step, (t, s) in enumerate(zip(times[:-1], times[1:], strict=True)):
            x0_hat = at(denoiser, x, t)
            if step == len(times) - 2:
                return after_step(x0_hat, step)
            alpha_s, sigma_t, sigma_s = schedule.alpha(s), schedule.sigma(t), schedule.sigma(s)
            h = torch.log(alpha_s / sigma_s) - torch.log(schedule.alpha(t) / sigma_t)
            direction = x0_hat
            if previous is not None:
                half_inverse_r = 0.5 * h / h_previous
                direction = (1 + half_inverse_r) * x0_hat - half_inverse_r * previous
            x = after_step(sigma_s / sigma_t * x - alpha_s * torch.expm1(-h) * direction, step)
            previous, h_previous = x0_hat, h
        return x
