"""Heun's second-order solver of the probability-flow equation, in the noise-to-signal ratio."""

from torch import Tensor

from halocline.diffusion.solvers.base import SOLVERS, Solver, Step


@SOLVERS.register("heun")
class Heun(Solver):
    """Trapezoid of two slopes of dy/dlambda = (y - x0_hat) / lambda, y = x / alpha, lambda = sigma / alpha.

    The last step returns the clean estimate, so N steps cost 2N - 1 passes. Needs alpha > 0 at the start; on the
    straight path, which begins at pure noise, use ``heun-t``.

    Source: Karras et al. 2022, algorithm 1.
    """

    order, passes_a_step = 2, 2

    def step(self, step: Step) -> Tensor:
        """Return the field at step.s."""
        schedule, t, s = step.schedule, step.t, step.s
        alpha_t, alpha_s = schedule.alpha(t), schedule.alpha(s)
        lam_t, lam_s = schedule.sigma(t) / alpha_t, schedule.sigma(s) / alpha_s
        y = step.x / alpha_t
        slope = (y - step.x0_hat) / lam_t
        euler = y + (lam_s - lam_t) * slope
        slope_s = (euler - step.denoise(alpha_s * euler, s)) / lam_s
        return alpha_s * (y + (lam_s - lam_t) * 0.5 * (slope + slope_s))
