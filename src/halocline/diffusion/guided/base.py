"""What guided denoisers share: the estimate with gradients, and the linearised measurements at it."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import torch
from torch import Tensor

from halocline.diffusion.denoiser import Denoiser
from halocline.diffusion.paths.base import Schedule

_DIFFERENCE = 0.2
"""Size of a finite step, of sigma: below it bfloat16 is heard, above it the estimate bends."""
LEAST_ALPHA = 1e-3
"""Share of signal below which x_t tells nothing of x_0 that rounding leaves: nothing is guided there."""


class Measurements(Protocol):
    """y = H(x_0) + e, e ~ N(0, 1): measurements in units of their errors."""

    def __len__(self) -> int:
        """Return how many there are."""

    def predicted(self, x0_hat: Tensor, noise: float) -> Tensor:
        """Return H(x0_hat) (batch, observation), with gradients; ``noise`` is sigma / alpha of x_t."""

    def innovation(self, predicted: Tensor) -> tuple[Tensor, Tensor]:
        """Return y - H(x0_hat), and 1 where it counts, 0 for an inequality that holds; both (batch, observation)."""


@dataclass(frozen=True, eq=False)
class Observed(ABC):
    """x0_hat <- x0_hat + what the measurements add: E[x_0 | x_t, y] of E[x_0 | x_t], for any solver.

    Attributes:
        denoiser: What is wrapped; gradients flow through it.
        schedule: alpha(t), sigma(t).
        measurements: What was measured.
    """

    denoiser: Denoiser
    schedule: Schedule
    measurements: Measurements

    def __call__(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Return x0_hat (batch, channel, y, x); all of a batch share one t. Without measurements it is as it was."""
        alpha, sigma = (float(of(t[:1])) for of in (self.schedule.alpha, self.schedule.sigma))
        if not len(self.measurements) or alpha < LEAST_ALPHA:
            return self.denoiser(x_t, t)
        with torch.enable_grad():
            x = x_t.detach().requires_grad_()
            x0_hat = self.denoiser(x, t)
        at = Linearised(x, x0_hat, lambda x: self.denoiser(x, t), self.measurements, alpha, sigma)
        return x0_hat.detach() + self.added(at)

    @abstractmethod
    def added(self, at: "Linearised") -> Tensor:
        """Return what the measurements add to the estimate (batch, channel, y, x)."""


@dataclass(frozen=True, eq=False)
class Linearised:
    """Measurements linearised at an estimate: H(x0_hat + d) = H(x0_hat) + A d, and the network, dx0_hat = J dx_t.

    Attributes:
        x_t: The noisy field, a leaf.
        x0_hat: The estimate of it, with its graph.
        estimate: x0_hat of any noisy field.
        measurements: What was measured.
        alpha: Share of signal.
        sigma: Share of noise.
    """

    x_t: Tensor
    x0_hat: Tensor
    estimate: Callable[[Tensor], Tensor]
    measurements: Measurements
    alpha: float
    sigma: float

    @cached_property
    def innovation(self) -> Tensor:
        """Y - H(x0_hat) (batch, observation), 0 where it does not count."""
        d, counts = self._innovation
        return d * counts

    @property
    def gamma(self) -> float:
        """sigma^2 / alpha: V[x_0 | x_t] = gamma J^T (Tweedie; Rozet et al. 2024, equation 12)."""
        return self.sigma**2 / self.alpha

    def transposed(self, w: Tensor) -> Tensor:
        """Return A^T w (batch, channel, y, x) of w (batch, observation)."""
        (out,) = torch.autograd.grad(self._predicted, self._leaf, w * self._counts, retain_graph=True)
        return out

    def through_network(self, v: Tensor) -> Tensor:
        """Return J^T v (batch, channel, y, x), by one pass back through the network."""
        (out,) = torch.autograd.grad(self.x0_hat, self.x_t, v.to(self.x0_hat), retain_graph=True)
        return out

    @torch.no_grad()
    def along(self, v: Tensor) -> Tensor:
        """Return J v (batch, channel, y, x), by a central difference along v, of a fifth of the noise."""
        size = v.square().mean(dim=(1, 2, 3), keepdim=True).sqrt().clamp(min=1e-30)
        step = (_DIFFERENCE * self.sigma / size) * v.to(self.x_t)
        x = self.x_t.detach()
        return (self.estimate(x + step) - self.estimate(x - step)) * (size / (2 * _DIFFERENCE * self.sigma))

    def forward(self, d: Tensor) -> Tensor:
        """Return A d (batch, observation) of d (batch, channel, y, x)."""
        (out,) = torch.autograd.grad(self._twice[1], self._twice[0], d, retain_graph=True)
        return out * self._counts

    @cached_property
    def _leaf(self) -> Tensor:
        return self.x0_hat.detach().requires_grad_()

    @cached_property
    def _predicted(self) -> Tensor:
        with torch.enable_grad():
            return self.measurements.predicted(self._leaf, self.sigma / self.alpha)

    @cached_property
    def _innovation(self) -> tuple[Tensor, Tensor]:
        return self.measurements.innovation(self._predicted.detach())

    @property
    def _counts(self) -> Tensor:
        return self._innovation[1]

    @cached_property
    def _twice(self) -> tuple[Tensor, Tensor]:
        """Return a row of weights u and A^T u with its graph: it is linear in u, so that its gradient is A."""
        with torch.enable_grad():
            u = torch.zeros_like(self._predicted).requires_grad_()
            (back,) = torch.autograd.grad(self._predicted, self._leaf, u, create_graph=True)
        return u, back


def conjugate_gradient(
    product: Callable[[Tensor], tuple[Tensor, Tensor]], right: Tensor, iterations: int
) -> tuple[Tensor, Tensor]:
    """Solve (1 + B) w = r for each of a batch, from w = 0, and carry along what belongs to w.

    Source: Hestenes & Stiefel 1952. A direction whose curvature is not positive ends the iteration of its row: a
    learned covariance need not be one.

    Args:
        product: (B p (batch, n), C p (batch, ...)) of p (batch, n), C linear.
        right: r (batch, n).
        iterations: At most so many products.

    Returns:
        w (batch, n), and C w (batch, ...).
    """
    w, rest, direction = torch.zeros_like(right), right, right
    squared, carried = _dot(rest, rest), None
    for _ in range(iterations):
        b, c = product(direction)
        applied = direction + b
        curvature = _dot(direction, applied)
        length = torch.where((curvature > 0) & (squared > 0), squared / curvature.clamp(min=1e-30), 0.0)
        step = length.to(c).reshape(-1, *(1,) * (c.ndim - 1)) * c
        carried = step if carried is None else carried + step
        w = w + length[:, None] * direction
        rest = rest - length[:, None] * applied
        after = _dot(rest, rest)
        direction = rest + torch.where(length > 0, after / squared.clamp(min=1e-30), 0.0)[:, None] * direction
        squared = torch.where(length > 0, after, 0.0)
    assert carried is not None
    return w, carried


def _dot(a: Tensor, b: Tensor) -> Tensor:
    return (a * b).sum(dim=1)
