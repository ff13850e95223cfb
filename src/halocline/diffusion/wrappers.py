"""Denoisers that wrap a denoiser: its clean estimate within bounds, or drawn towards what it was told."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.diffusion.denoiser import Denoiser
from halocline.diffusion.likelihoods import censored_mean

_FAR = 1e4  # stands for infinity where infinity times zero would be not a number


@dataclass(frozen=True, eq=False)
class Clamped:
    """x0_hat <- clip(x0_hat, lower, upper).

    Source: Finn et al. 2025, arXiv 2508.14984 (physical bounds); right where little is left unknown, as over twelve
    hours. Meunier et al. 2025 clip to -1..1 at fields divided by 3 standard deviations: nothing beyond them is drawn.

    Attributes:
        denoiser: What is wrapped.
        lower: Lower bound like x0, or a number; -inf where there is none.
        upper: Upper bound, likewise.
    """

    denoiser: Denoiser
    lower: Tensor | float
    upper: Tensor | float

    def __call__(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Return x0_hat (batch, channel, y, x) within the bounds."""
        return torch.clamp(self.denoiser(x_t, t), self.lower, self.upper)  # type: ignore[arg-type]


@dataclass(frozen=True, eq=False)
class CensoredMean:
    """x0_hat <- E[clip(N(x0_hat, scale^2), lower, upper)]: the mean of a censored variable from its location.

    A network trained on the censored likelihood estimates the location of the uncensored normal; a flow needs the mean
    of what it draws. Clipping the location makes too many atoms where much is left unknown; this does not.

    Attributes:
        denoiser: What is wrapped.
        lower: Lower bound like x0.
        upper: Upper bound like x0.
        scale: Scale (batch, channel, 1, 1) of x0 about x0_hat at t (batch,).
    """

    denoiser: Denoiser
    lower: Tensor
    upper: Tensor
    scale: Callable[[Tensor], Tensor]

    def __call__(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Return the mean (batch, channel, y, x) of the censored variable."""
        location = self.denoiser(x_t, t)
        lower, upper = self.lower.clamp(min=-_FAR), self.upper.clamp(max=_FAR)
        return censored_mean(location, self.scale(t), lower, upper)


@dataclass(frozen=True, eq=False)
class Guided:
    """x0_hat <- x0_none + w (x0_told - x0_none): classifier-free guidance, two passes.

    Source: Ho & Salimans 2022, arXiv 2207.12598, equation 6, there for eps: x0 is linear in it.

    Attributes:
        told: What knows the conditions.
        untold: What does not.
        weight: w; 1 for what is told alone, more to stress it, which narrows the spread.
    """

    told: Denoiser
    untold: Denoiser
    weight: float

    def __call__(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Return x0_hat (batch, channel, y, x) of x_t at t (batch,)."""
        return torch.lerp(self.untold(x_t, t), self.told(x_t, t), self.weight)


@dataclass(frozen=True, eq=False)
class SelfGuided:
    """x0_hat <- x0_less + w (x0_hat - x0_less) where much is noise: away from the same network without a block.

    A network of limited size spreads what it draws over more than the data do; the difference to a weaker one that
    errs in the same way tells where to. At low noise it would only amplify, so it acts above a pseudo-time alone.

    Source: Karras et al. 2024, arXiv 2406.02507 (a weaker model); Hyung et al. 2024, arXiv 2411.18664 (the model itself
    with layers left out); Kynkaanniemi et al. 2024, arXiv 2404.07724 (in an interval of noise levels).

    Attributes:
        denoiser: What is wrapped.
        without: Context in which its network leaves a block out.
        weight: w of each variable (channel, 1, 1); 1 for the denoiser alone.
        above: Pseudo-time from which on it acts; two passes there.
    """

    denoiser: Denoiser
    without: Callable[[], AbstractContextManager[None]]
    weight: Tensor
    above: float

    def __call__(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Return x0_hat (batch, channel, y, x) of x_t at t, one time for all of the batch."""
        found = self.denoiser(x_t, t)
        if float(t.flatten()[0]) < self.above:
            return found
        with self.without():
            less = self.denoiser(x_t, t)
        return torch.lerp(less, found, self.weight.to(found))
