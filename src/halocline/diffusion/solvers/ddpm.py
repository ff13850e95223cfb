"""DDPM ancestral sampling."""

from torch import Tensor

from halocline.diffusion.solvers.base import SOLVERS, Solver, Step


@SOLVERS.register("ddpm")
class DDPM(Solver):
    """Draw x_s from q(x_s | x_t, x_0 = x0_hat), a Gaussian.

    With a = alpha_t / alpha_s and v = sigma_t^2 - a^2 sigma_s^2:
    mean = (a sigma_s^2 x_t + alpha_s v x0_hat) / sigma_t^2, variance = v sigma_s^2 / sigma_t^2.

    Source: Ho et al. 2020, equations 6 and 7, for any (alpha, sigma).
    """

    order = 0

    def step(self, step: Step) -> Tensor:
        """Return the field at step.s, with noise."""
        schedule = step.schedule
        alpha_t, alpha_s = schedule.alpha(step.t), schedule.alpha(step.s)
        sigma_t, sigma_s = schedule.sigma(step.t), schedule.sigma(step.s)
        a = alpha_t / alpha_s
        v = sigma_t**2 - a**2 * sigma_s**2
        mean = (a * sigma_s**2 * step.x + alpha_s * v * step.x0_hat) / sigma_t**2
        return mean + (v.clamp(min=0).sqrt() * sigma_s / sigma_t) * step.noise(step.number)
