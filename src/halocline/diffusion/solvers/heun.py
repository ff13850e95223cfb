"""Heun's second-order solver of the probability-flow equation."""

from dataclasses import dataclass

from torch import Tensor

from halocline.diffusion.denoiser import Denoiser
from halocline.diffusion.schedules import Schedule
from halocline.diffusion.solvers.base import AfterStep, Noise, at, unchanged


@dataclass(frozen=True)
class Heun:
    """Trapezoid of two slopes of dy/dlambda = (y - x0_hat) / lambda, y = x / alpha, lambda = sigma / alpha.

    The last step returns the clean estimate, so N steps cost 2N - 1 passes.

    Source: Karras et al. 2022, algorithm 1.
    """

    def passes(self, steps: int) -> int:
        """Two passes a step, one in the last."""
        return 2 * steps - 1

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
        for step, (t, s) in enumerate(zip(times[:-1], times[1:], strict=True)):
            x0_hat = at(denoiser, x, t)
            if step == len(times) - 2:
                return after_step(x0_hat, step)
            alpha_t, alpha_s = schedule.alpha(t), schedule.alpha(s)
            lam_t, lam_s = schedule.sigma(t) / alpha_t, schedule.sigma(s) / alpha_s
            y = x / alpha_t
            slope = (y - x0_hat) / lam_t
            euler = y + (lam_s - lam_t) * slope
            slope_s = (euler - at(denoiser, alpha_s * euler, s)) / lam_s
            x = after_step(alpha_s * (y + (lam_s - lam_t) * 0.5 * (slope + slope_s)), step)
        return x
