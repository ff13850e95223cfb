"""DDIM: the deterministic first-order solver."""

from dataclasses import dataclass

from torch import Tensor

from halocline.diffusion.denoiser import Denoiser
from halocline.diffusion.schedules import Schedule
from halocline.diffusion.solvers.base import AfterStep, Noise, at, unchanged


@dataclass(frozen=True)
class DDIM:
    """x_s = alpha_s x0_hat + (sigma_s / sigma_t) (x_t - alpha_t x0_hat).

    The Euler step of the probability-flow equation in y = x / alpha, lambda = sigma / alpha.

    Source: Song, Meng & Ermon 2021, equation 12 with eta = 0.
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
            ratio = schedule.sigma(s) / schedule.sigma(t)
            x = after_step(schedule.alpha(s) * x0_hat + ratio * (x - schedule.alpha(t) * x0_hat), step)
        return x
