"""Constraints of a chain: which, made for the members at hand, and where they act."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
import torch
from torch import Tensor

from halocline.chain.latent import LatentStates
from halocline.chain.tensor_space import TensorSpace, tensor_space
from halocline.constraints.protocol import Constraint
from halocline.diffusion.denoiser import Denoiser
from halocline.diffusion.paths.base import Schedule
from halocline.diffusion.solvers.base import AfterStep
from halocline.runtime.noise.device import NoiseKind

Where = Literal["none", "estimate", "step", "end", "both"]


@dataclass(frozen=True, eq=False)
class Draw:
    """The members being drawn.

    Attributes:
        members: Their numbers.
        seed: Seed of the ensemble.
        steps: Steps of the sampler.
        vector: Their condition vectors (member, condition); None if there are none.
        noise: Where their noise comes from.
    """

    members: Sequence[int]
    seed: int
    steps: int = 1
    vector: np.ndarray | None = None
    noise: NoiseKind = "keyed"


@dataclass(frozen=True, eq=False)
class Placed:
    """A constraint that a chain offers, and where it acts.

    Attributes:
        name: By which it is chosen.
        make: The constraint for some members: level means, for one, are drawn for each. One that acts after each step
            of the sampler, on noisy fields in network space, is a function of (x, step).
        where: On the clean estimate inside the sampler, after each step, on the drawn states at the end, on the
            estimate and at the end, or nowhere unless it is chosen by name.
        chosen: Where it acts if it is chosen by name and ``where`` is ``none``.
        from_noise: Noise sigma / alpha, in network space, from which on (downwards) it acts on the estimate.
    """

    name: str
    make: Callable[[Draw], Constraint] | Callable[[Draw], AfterStep]
    where: Where = "end"
    chosen: Where = "end"
    from_noise: float = float("inf")

    @property
    def at_end(self) -> bool:
        """Whether it projects the drawn states."""
        return self.where in ("end", "both")

    @property
    def on_estimate(self) -> bool:
        """Whether it acts on the clean estimate inside the sampler."""
        return self.where in ("estimate", "both")

    @property
    def after_step(self) -> bool:
        """Whether it acts after each step of the sampler."""
        return self.where == "step"


@dataclass(frozen=True, eq=False)
class Always:
    """The same constraint for whatever members.

    Attributes:
        constraint: The constraint.
    """

    constraint: Constraint

    def __call__(self, draw: Draw) -> Constraint:
        """Return the constraint."""
        return self.constraint


class Space(Protocol):
    """Network space as constraints inside a sampler need it: physical states of it and back."""

    def decode(self, values: np.ndarray) -> np.ndarray:
        """Return physical states (member, channel, y, x), dry cells NaN."""

    def encode(self, states: np.ndarray) -> np.ndarray:
        """Return network-space values of physical states."""


@dataclass(frozen=True, eq=False)
class ConstrainedDenoiser:
    """x0_hat <- encode(project(decode(x0_hat))): a clean estimate that obeys.

    The constraints see physical states, never noisy ones. For a linear equality (level means) this is the correction
    step of ECI (Cheng et al. 2024); for stability it is a projection of the estimate, small where the data are stable.
    Where gradients are wanted, or the estimate is not on the CPU, constraints act on tensors, if the codec can.

    In a latent space x0_hat moves by what a projection moves the encoder's answer, x0_hat + E(P D x0_hat) -
    E(D x0_hat): what the autoencoder does not keep of a state does not count as moved.

    Attributes:
        denoiser: What is wrapped.
        schedule: Tells how noisy x_t is.
        space: Network space to physical states and back.
        constraints: With the noise sigma / alpha from which on each acts.
    """

    denoiser: Denoiser
    schedule: Schedule
    space: Space
    constraints: Sequence[tuple[Constraint, float]]

    def __call__(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Return x0_hat (batch, channel, y, x); all of a batch share one t."""
        x0_hat = self.denoiser(x_t, t)
        noise = float(self.schedule.sigma(t[:1]) / self.schedule.alpha(t[:1]))
        acting = [constraint for constraint, from_noise in self.constraints if noise <= from_noise]
        if not acting:
            return x0_hat
        wanted = x0_hat.requires_grad or x0_hat.device.type not in ("cpu", "mps")  # MPS knows no float64
        if wanted and self._tensors is not None:
            space = self._tensors.to(x0_hat.device)
            states = projected = space.decode(x0_hat)
            for constraint in acting:
                projected = constraint.project_tensor(projected)
            moved = space.encode(projected)
            return (x0_hat + moved - space.encode(states) if self._lossy else moved).to(x0_hat)
        values = x0_hat.detach().float().cpu().numpy()
        before = after = self.space.decode(values)
        for constraint in acting:
            after = constraint.project(after)
        encoded = self.space.encode(after)
        return torch.from_numpy(values + encoded - self.space.encode(before) if self._lossy else encoded).to(x0_hat)

    @cached_property
    def _tensors(self) -> TensorSpace | None:
        return tensor_space(self.space)

    @property
    def _lossy(self) -> bool:
        return isinstance(self.space, LatentStates)
