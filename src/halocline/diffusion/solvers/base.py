"""What all solvers share: the protocol, noise, what may be done after a step, and the grid of times."""

from collections.abc import Callable
from typing import Protocol

import torch
from torch import Tensor

from halocline.diffusion.denoiser import Denoiser
from halocline.diffusion.schedules import Schedule

Noise = Callable[[int], Tensor]
"""``noise(step)``: standard normal numbers like x, a function of the step (and of each member's key)."""


AfterStep = Callable[[Tensor, int], Tensor]
"""``after_step(x, step)``: what becomes of x when step 0, 1, ... is done; the last x is the clean field."""


def unchanged(x: Tensor, step: int) -> Tensor:
    """Return x: nothing is done after a step."""
    return x


class Solver(Protocol):
    """Carries x from noise at times[0] to the clean field."""

    def passes(self, steps: int) -> int:
        """Return the number of network passes of ``steps`` steps."""
        ...

    def __call__(
        self,
        denoiser: Denoiser,
        schedule: Schedule,
        x: Tensor,
        times: Tensor,
        noise: Noise,
        after_step: AfterStep = unchanged,
    ) -> Tensor:
        """Return x_0 (batch, channel, y, x).

        Args:
            denoiser: Estimates x_0 from (x_t, t).
            schedule: alpha(t), sigma(t).
            x: The field at times[0], sigma(times[0]) * eps at the start.
            times: Decreasing times (steps + 1,); after the last step the clean estimate is returned.
            noise: Fresh noise by step, for solvers that add some.
            after_step: Applied to x after each step, the last included.
        """
        ...


def time_grid(steps: int) -> Tensor:
    """Return ``steps + 1`` times from 1 to 0, evenly spaced."""
    return torch.linspace(1.0, 0.0, steps + 1)


def at(denoiser: Denoiser, x: Tensor, t: Tensor) -> Tensor:
    """Apply a denoiser at one common time."""
    return denoiser(x, t.expand(len(x)).to(x.device))
