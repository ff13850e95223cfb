"""Constraints made for the members at hand, and the denoiser that obeys them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from halocline.constraints.protocol import Constraint
from halocline.data.codecs.protocol import StateCodec
from halocline.diffusion.denoiser import Denoiser
from halocline.diffusion.schedules import Schedule

Where = Literal["none", "estimate", "end", "both"]


@dataclass(frozen=True, eq=False)
class Draw:
    """The members being drawn.

    Attributes:
        members: Their numbers.
        seed: Seed of the ensemble.
        condition: What they are told (member, condition); None if nothing.
    """

    members: Sequence[int]
    seed: int
    condition: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class ActiveConstraint:
    """A constraint of the chain, and where it acts.

    Attributes:
        name: For reports.
        make: The constraint for some members: contents, for one, are drawn for each.
        where: On the clean estimate inside the sampler, on the drawn states at the end, or both.
        from_noise: Noise sigma / alpha, in network space, from which on (downwards) it acts on the estimate.
    """

    name: str
    make: Callable[[Draw], Constraint]
    where: Where = "end"
    from_noise: float = float("inf")

    @property
    def at_end(self) -> bool:
        """Whether it projects the drawn states."""
        return self.where in ("end", "both")

    @property
    def on_estimate(self) -> bool:
        """Whether it acts inside the sampler."""
        return self.where in ("estimate", "both")


@dataclass(frozen=True, eq=False)
class ConstrainedDenoiser:
    """x0_hat <- encode(project(decode(x0_hat))): a clean estimate that obeys.

    The constraints see physical states, never noisy ones. For a linear equality (contents) this is the correction step
    of ECI (Cheng et al. 2024); for stability it is a projection of the estimate, small where the data are stable.

    Attributes:
        denoiser: What is wrapped.
        schedule: Tells how noisy x_t is.
        codec: Network space to physical states and back.
        constraints: With the noise sigma / alpha from which on each acts.
    """

    denoiser: Denoiser
    schedule: Schedule
    codec: StateCodec
    constraints: Sequence[tuple[Constraint, float]]

    def __call__(self, x_t: Tensor, t: Tensor, condition: Tensor | None = None) -> Tensor:
        """See Denoiser; all of a batch share one t."""
        x0_hat = self.denoiser(x_t, t, condition)
        noise = float(self.schedule.sigma(t[:1]) / self.schedule.alpha(t[:1]))
        acting = [constraint for constraint, from_noise in self.constraints if noise <= from_noise]
        if not acting:
            return x0_hat
        states = self.codec.decode(x0_hat.float().cpu().numpy())
        for constraint in acting:
            states = constraint.project(states)
        return torch.from_numpy(self.codec.encode(states)).to(x0_hat)
