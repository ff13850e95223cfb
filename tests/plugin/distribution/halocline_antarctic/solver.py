"""A solver: Ralston's second-order rule."""

from torch import Tensor

from halocline.diffusion.solvers.base import Solver, Step


class Ralston(Solver):
    """dz/dmu = x0_hat with z = x / sigma, mu = alpha / sigma: z += dmu (k1 + 3 k2) / 4, k2 two thirds of the way.

    Weights are positive and sum to one, so a step lies between clean estimates; it may begin at pure noise, mu = 0.

    Source: Ralston 1962, Math. Comp. 16, the two-stage rule with the least error bound.
    """

    order, passes_a_step = 2, 2

    def step(self, step: Step) -> Tensor:
        """Return the field at step.s (batch, channel, y, x)."""
        between = step.t + (step.s - step.t) * (2.0 / 3.0)
        later = step.denoise(self._towards(step, step.x0_hat, between), between)
        return self._towards(step, 0.25 * step.x0_hat + 0.75 * later, step.s)

    def _towards(self, step: Step, x0_hat: Tensor, time: Tensor) -> Tensor:
        alpha, sigma = step.schedule.alpha, step.schedule.sigma
        change = alpha(time) - sigma(time) / sigma(step.t) * alpha(step.t)
        return sigma(time) / sigma(step.t) * step.x + change * x0_hat
