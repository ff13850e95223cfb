"""DDIM: the deterministic first-order solver."""

from torch import Tensor

from halocline.diffusion.solvers.base import SOLVERS, Solver, Step


@SOLVERS.register("ddim")
class DDIM(Solver):
    """x_s = alpha_s x0_hat + (sigma_s / sigma_t) (x_t - alpha_t x0_hat).

    The Euler step of the probability-flow equation in y = x / alpha, lambda = sigma / alpha; on the straight path it
    is the Euler step in t as well.

    Source: Song, Meng & Ermon 2021, equation 12 with eta = 0.
    """

    def step(self, step: Step) -> Tensor:
        """Return the field at step.s."""
        schedule, t, s = step.schedule, step.t, step.s
        ratio = schedule.sigma(s) / schedule.sigma(t)
        return schedule.alpha(s) * step.x0_hat + ratio * (step.x - schedule.alpha(t) * step.x0_hat)
