"""DDPM ancestral sampling."""

from dataclasses import dataclass

from torch import Tensor

from halocline.diffusion.denoiser import Denoiser
from halocline.diffusion.schedules import Schedule
from halocline.diffusion.solvers.base import AfterStep, Noise, at, unchanged


@dataclass(frozen=True)
class DDPM:
    """Draw x_s from q(x_s | x_t, x_0 = x0_hat), a Gaussian.

    With a = alpha_t / alpha_s and v = sigma_t^2 - a^2 sigma_s^2:
    mean = (a sigma_s^2 x_t + alpha_s v x0_hat) / sigma_t^2, variance = v sigma_s^2 / sigma_t^2.

    Source: Ho et al. 2020, equations 6 and 7, for any (alpha, sigma).
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
        for step, (t, s) in enumerate(zip(times[:-1], times[1:], strict=True)):
            x0_hat = at(denoiser, x, t)
            if step == len(times) - 2:
                return after_step(x0_hat, step)
            alpha_t, alpha_s, sigma_t, sigma_s = (
                schedule.alpha(t),
                schedule.alpha(s),
                schedule.sigma(t),
                schedule.sigma(s),
            )
            a = alpha_t / alpha_s
            v = sigma_t**2 - a**2 * sigma_s**2
            mean = (a * sigma_s**2 * x + alpha_s * v * x0_hat) / sigma_t**2
            x = after_step(mean + (v.clamp(min=0).sqrt() * sigma_s / sigma_t) * noise(step), step)
        return x
