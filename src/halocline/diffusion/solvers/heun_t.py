"""Heun's second-order solver of the straight path, in pseudo-time."""

from torch import Tensor

from halocline.diffusion.solvers.base import SOLVERS, Solver, Step


@SOLVERS.register("heun-t")
class HeunInTime(Solver):
    """Trapezoid of two slopes of dx/dt = (x - x0_hat) / t; for the straight path only, pure noise included.

    The last step returns the clean estimate, so N steps cost 2N - 1 passes.

    Source: Finn et al. 2025, arXiv 2508.14984, sampler.
    """

    order, passes_a_step = 2, 2

    def step(self, step: Step) -> Tensor:
        """Return the field at step.s."""
        t, s, x = step.t, step.s, step.x
        slope = (x - step.x0_hat) / t
        euler = x + (s - t) * slope
        slope_s = (euler - step.denoise(euler, s)) / s
        return x + (s - t) * 0.5 * (slope + slope_s)
