"""Solvers of the straight path of flow matching, all of which begin at pure noise: Euler and Heun in t, multistep."""

from dataclasses import dataclass

from torch import Tensor

from halocline.diffusion.denoiser import Denoiser
from halocline.diffusion.schedules import Schedule
from halocline.diffusion.solvers.base import AfterStep, Noise, Solver, at, unchanged
from halocline.diffusion.solvers.multistep import Multistep
from halocline.runtime.errors import ConfigError, did_you_mean


@dataclass(frozen=True)
class FlowEuler:
    """x_s = x_t + (s - t) (x_t - x0_hat) / t; the last step returns the clean estimate.

    With one step this is one pass from noise to x0_hat(eps, t = 1).
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
            x = after_step(x + (s - t) * (x - x0_hat) / t, step)
        return x


@dataclass(frozen=True)
class FlowHeun:
    """Trapezoid of two slopes of dx/dt = (x - x0_hat) / t; the last step returns the clean estimate.

    N steps cost 2N - 1 passes.

    Source: Finn et al. 2025, arXiv 2508.14984, sampler.
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
            slope = (x - x0_hat) / t
            euler = x + (s - t) * slope
            slope_s = (euler - at(denoiser, euler, s)) / s
            x = after_step(x + (s - t) * 0.5 * (slope + slope_s), step)
        return x


FLOW_SOLVERS: dict[str, type[FlowEuler] | type[FlowHeun] | type[Multistep]] = {
    "euler": FlowEuler,
    "heun": FlowHeun,
    "multistep": Multistep,
}
"""Multistep works in log(alpha / sigma), which is -inf at pure noise: its first step there is the Euler step."""


def make_flow_solver(name: str) -> Solver:
    """Return the solver of the straight path called ``name``.

    Raises:
        ConfigError: If there is none.
    """
    if name not in FLOW_SOLVERS:
        raise ConfigError(
            f"solver '{name}'",
            found="no such solver",
            expected="a solver's name",
            remedy=did_you_mean(name, FLOW_SOLVERS),
        )
    return FLOW_SOLVERS[name]()
