"""Denoisers that wrap a denoiser: with its condition given, with its clean estimate clipped."""

from dataclasses import dataclass

from torch import Tensor

from halocline.diffusion.denoiser import Denoiser


@dataclass(frozen=True, eq=False)
class Conditioned:
    """The denoiser with one condition for all noise levels.

    Attributes:
        denoiser: What is wrapped.
        condition: Condition vectors (batch, condition).
    """

    denoiser: Denoiser
    condition: Tensor

    def __call__(self, x_t: Tensor, t: Tensor, condition: Tensor | None = None) -> Tensor:
        """See Denoiser; a condition given here wins."""
        return self.denoiser(x_t, t, self.condition if condition is None else condition)


@dataclass(frozen=True, eq=False)
class Clipped:
    """x0_hat clipped to -limit..limit.

    Source: the sampler of Meunier et al. 2025, limit 1 at fields divided by 3 standard deviations: nothing beyond 3
    standard deviations of a level can be drawn.

    Attributes:
        denoiser: What is wrapped.
        limit: Largest magnitude, network space.
    """

    denoiser: Denoiser
    limit: float

    def __call__(self, x_t: Tensor, t: Tensor, condition: Tensor | None = None) -> Tensor:
        """See Denoiser."""
        return self.denoiser(x_t, t, condition).clamp(-self.limit, self.limit)
