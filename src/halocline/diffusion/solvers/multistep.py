"""A second-order multistep solver: one pass a step."""

import torch
from torch import Tensor

from halocline.diffusion.solvers.base import SOLVERS, Solver, Step


@SOLVERS.register("multistep")
class Multistep(Solver):
    """DPM-Solver++(2M): exponential integrator with a linear extrapolation of the clean estimate.

    With l = log(alpha / sigma), h = l_s - l_t, r = h_previous / h and
    D = (1 + 1/(2r)) x0_hat - 1/(2r) x0_hat_previous:
    x_s = (sigma_s / sigma_t) x_t - alpha_s (exp(-h) - 1) D.

    At pure noise l is -inf, and the first step is the Euler step.

    Source: Lu et al. 2022, "DPM-Solver++", algorithm 2.
    """

    order = 2

    def step(self, step: Step) -> Tensor:
        """Return the field at step.s."""
        schedule, direction, h = step.schedule, step.x0_hat, _h(step)
        if step.previous is not None:
            half_inverse_r = 0.5 * h / _h(step.previous)
            direction = (1 + half_inverse_r) * step.x0_hat - half_inverse_r * step.previous.x0_hat
        ratio = schedule.sigma(step.s) / schedule.sigma(step.t)
        return ratio * step.x - schedule.alpha(step.s) * torch.expm1(-h) * direction


def _h(step: Step) -> Tensor:
    schedule, t, s = step.schedule, step.t, step.s
    ahead = torch.log(schedule.alpha(s) / schedule.sigma(s))
    return ahead - torch.log(schedule.alpha(t) / schedule.sigma(t))
