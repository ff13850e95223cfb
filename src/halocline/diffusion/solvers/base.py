"""What all solvers share: the loop from noise to the clean field. A solver is one step of it.

Imports none of them and no torch, so that help texts can list their names.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from halocline.runtime.registry import Registry

if TYPE_CHECKING:
    from torch import Tensor

    from halocline.diffusion.denoiser import Denoiser
    from halocline.diffusion.paths.base import Schedule

SOLVERS: "Registry[Callable[[], Solver]]" = Registry("solver", __package__, "halocline.solvers")
"""Solvers by name."""

Noise = Callable[[int], "Tensor"]
"""``noise(step)``: standard normal numbers like x, a function of the step (and of each member's key)."""

AfterStep = Callable[["Tensor", int], "Tensor"]
"""``after_step(x, step)``: what becomes of x when step 0, 1, ... is done; the last x is the clean field."""


def unchanged(x: "Tensor", step: int) -> "Tensor":
    """Return x: nothing is done after a step."""
    return x


@dataclass(frozen=True, eq=False)
class Step:
    """A step from time t to time s < t.

    Attributes:
        number: 0, 1, ...
        t: Time at its beginning (scalar).
        s: Time at its end.
        x: The field at t (batch, channel, y, x).
        x0_hat: The clean estimate there.
        denoise: x0_hat of (x, time), for solvers that look ahead.
        schedule: alpha(t), sigma(t).
        noise: Fresh noise by step, for solvers that add some.
        previous: The step before; None at the first.
    """

    number: int
    t: "Tensor"
    s: "Tensor"
    x: "Tensor"
    x0_hat: "Tensor"
    denoise: Callable[["Tensor", "Tensor"], "Tensor"]
    schedule: "Schedule"
    noise: Noise
    previous: "Step | None" = None


class Solver(ABC):
    """Carries x from noise at times[0] to the clean field.

    Attributes:
        order: Order of convergence in the number of steps; 0 where noise is added.
        passes_a_step: Network passes of every step but the last, which takes one.
    """

    order: int = 1
    passes_a_step: int = 1

    @abstractmethod
    def step(self, step: Step) -> "Tensor":
        """Return the field at step.s (batch, channel, y, x)."""

    def passes(self, steps: int) -> int:
        """Return the number of network passes of ``steps`` steps."""
        return self.passes_a_step * (steps - 1) + 1

    def __call__(
        self,
        denoiser: "Denoiser",
        schedule: "Schedule",
        x: "Tensor",
        times: "Tensor",
        noise: Noise,
        after_step: AfterStep = unchanged,
    ) -> "Tensor":
        """Return x_0 (batch, channel, y, x).

        Args:
            denoiser: Estimates x_0 from (x_t, t).
            schedule: alpha(t), sigma(t).
            x: The field at times[0], sigma(times[0]) * eps at the start.
            times: Decreasing times (steps + 1,); the last step returns the clean estimate.
            noise: Fresh noise by step, for solvers that add some.
            after_step: Applied to x after each step, the last included.
        """

        def denoise(x: "Tensor", t: "Tensor") -> "Tensor":
            return denoiser(x, t.expand(len(x)).to(x.device))

        previous, last = None, len(times) - 2
        for number, (t, s) in enumerate(zip(times[:-1], times[1:], strict=True)):
            x0_hat = denoise(x, t)
            if number == last:
                return after_step(x0_hat, number)
            current = Step(number, t, s, x, x0_hat, denoise, schedule, noise, previous)
            x = after_step(self.step(current), number)
            previous = Step(number, t, s, x, x0_hat, denoise, schedule, noise)  # holds no chain of former steps
        return x
