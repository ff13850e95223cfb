"""What an objective is: the loss of a denoiser on a batch, and the noise that the batch needs."""

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple, Protocol

import torch
from torch import Tensor

from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.given import NOTHING, Given
from halocline.runtime.registry import Registry


class Batch(NamedTuple):
    """What a training step sees.

    Attributes:
        x0: Clean fields (batch, channel, y, x), 0 outside the mask.
        t: Pseudo-times (batch,).
        eps: Standard normal noise, of the objective's ``noise_shape``.
        given: What the fields are drawn for.
        lower: Lower bound like x0, -inf where there is none; None for no bounds. x0 is at a bound where it equals it.
        upper: Upper bound, likewise.
        weight: Where the loss counts (batch, 1 or channel, y, x); None for the denoiser's mask.
        whole: For a part of a batch, the objective's ``counts`` of all of it (term,); None for a batch in one piece.
    """

    x0: Tensor
    t: Tensor
    eps: Tensor
    given: Given = NOTHING
    lower: Tensor | None = None
    upper: Tensor | None = None
    weight: Tensor | None = None
    whole: Tensor | None = None

    @property
    def bounds(self) -> tuple[Tensor, Tensor]:
        """Lower and upper bound; infinite where there are none."""
        low = self.x0.new_tensor(-torch.inf) if self.lower is None else self.lower
        return low, self.x0.new_tensor(torch.inf) if self.upper is None else self.upper

    def to(self, device: torch.device) -> "Batch":
        """Return the batch on a device."""
        return Batch(*(None if part is None else part.to(device, non_blocking=True) for part in self))  # type: ignore[arg-type]

    def noised(self, denoiser: NetworkDenoiser, t: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return x_t = alpha x0 + sigma eps (batch, channel, y, x) on the cells that count, alpha and sigma at t."""
        schedule = denoiser.schedule
        alpha, sigma = (part(t)[:, None, None, None] for part in (schedule.alpha, schedule.sigma))
        return (alpha * self.x0 + sigma * self.eps) * denoiser.counts(self.given), alpha, sigma

    def counted(self, denoiser: NetworkDenoiser) -> Tensor:
        """Return where the loss counts: the weight, or the cells that count for a denoiser."""
        return denoiser.counts(self.given) if self.weight is None else self.weight


class Objective(Protocol):
    """A loss on batches, and what it makes of the noise.

    The loss is a sum of means. That of a part of a batch divides by ``batch.whole`` instead of its own ``counts``, so
    that the losses of the parts add up to that of the batch, and their gradients to its gradient.

    Attributes:
        noisy: Whether the network is fed noise; a deterministic model starts from zeros.
    """

    noisy: ClassVar[bool] = True

    def noise_shape(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Return the shape of the noise for clean fields (batch, channel, y, x): theirs."""
        return tuple(shape)

    def counts(self, denoiser: NetworkDenoiser, batch: Batch) -> Tensor:
        """Return what each mean of the loss divides by (term,): here one, over channels and cells that count.

        Of x0 the shape alone is looked at, wherever it lies.
        """
        return counted(batch.x0, batch.counted(denoiser).expand(len(batch.x0), -1, -1, -1))[None]

    def loss(self, denoiser: NetworkDenoiser, batch: Batch) -> Tensor:
        """Return the loss, a scalar."""


OBJECTIVES: Registry[Callable[..., Objective]] = Registry("objective", __package__, "halocline.objectives")
"""Objectives by name."""


def stratified_times(uniform: float, batch: int) -> Tensor:
    """Return (batch,) pseudo-times: one common uniform shift plus k / batch, modulo 1 (Kingma et al. 2021)."""
    return (uniform + torch.arange(batch) / batch) % 1.0


def weighted_mean(values: Tensor, weight: Tensor, whole: Tensor | None = None) -> Tensor:
    """Return the mean of values (batch, channel, y, x) over what a weight (batch, 1 or channel, y, x) counts.

    Of a part of a batch, its share in the mean over all parts, which count ``whole`` (1,).
    """
    return (values * weight).sum() / (counted(values, weight) if whole is None else whole[0])


def counted(values: Tensor, weight: Tensor) -> Tensor:
    """Return how much values (batch, channel, y, x) count with a weight (batch, 1 or channel, y, x), a scalar."""
    return weight.sum() * (values.shape[1] // weight.shape[1])
