"""Observations as the sampler meets them: predicted from a clean estimate, in units of their errors."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from torch import Tensor

from halocline.analysis.operators.observing import ObservationOperator
from halocline.analysis.smooth_space import SmoothSpace
from halocline.analysis.spread import Spread
from halocline.observations.quantities import quantity
from halocline.observations.table import Observations

_VIOLATED = -8.0
"""Standard errors of violation from which on an inequality is as good as a measurement of its bound."""


@dataclass(frozen=True, eq=False)
class Measured:
    """y = H(decode(x_0)) + e for the sampler; see diffusion/guided.

    Attributes:
        table: The observations, all good and seen by the operator.
        operator: H of physical states.
        space: Network space to physical states, smoothed.
        spread: How uncertain a clean estimate is.
    """

    table: Observations
    operator: ObservationOperator
    space: SmoothSpace
    spread: Spread

    def __len__(self) -> int:
        return len(self.table)

    def predicted(self, x0_hat: Tensor, noise: float) -> Tensor:
        """Return H(E[decode]) / sigma (member, observation), with gradients."""
        parts = self.space.parts(x0_hat)
        physical = self.space.physical(parts, self.spread(noise).to(parts))
        return self.operator(physical) / self._sigma.to(parts)

    def innovation(self, x0_hat: Tensor, predicted: Tensor, noise: float) -> tuple[Tensor, Tensor]:
        """Return what to add to H in units of sigma, and the square root of how much that counts (member, observation).

        y - H, which counts in full; of an inequality, see ``inequality``.
        """
        d = (self._value / self._sigma).to(predicted) - predicted
        side = self._side.to(predicted)
        if not side.any():
            return d, torch.ones_like(d)
        pulled, weight = inequality(-side * d, self._variance(x0_hat, noise))
        return torch.where(side == 0, d, side * pulled), torch.where(side == 0, 1.0, weight)

    @torch.enable_grad()
    def _variance(self, x0_hat: Tensor, noise: float) -> Tensor:
        """Return A S A^T of each observation by itself, S the squared spread of the estimate, in units of sigma^2.

        Where observations share cells, as if their errors were one.
        """
        parts = self.space.parts(x0_hat.detach()).detach().requires_grad_()
        spread = self.spread(noise).to(parts)
        predicted = self.operator(self.space.physical(parts, spread)) / self._sigma.to(parts)
        one = torch.ones_like(predicted).requires_grad_()
        (back,) = torch.autograd.grad(predicted, parts, one, create_graph=True)
        (variance,) = torch.autograd.grad(back, one, (spread**2 * back).detach())
        return variance.clamp(min=0.0)

    @cached_property
    def _value(self) -> Tensor:
        return torch.from_numpy(self.table.value)

    @cached_property
    def _sigma(self) -> Tensor:
        return torch.from_numpy(self.table.sigma)

    @cached_property
    def _side(self) -> Tensor:
        return torch.from_numpy(sides(self.table))


def inequality(room: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
    """Return the measurement that a censored one amounts to, for a prediction that is uncertain.

    What a bound has cut off is known to lie beyond it, with a normal error: p = Phi(room). With h normal about its
    prediction, the mean and variance of h given that are known, and those of a measurement of something farther beyond
    with a larger error. So an atom of open water that was measured as 0 asks for less ice, and one that was measured as
    a little ice, by the same error, asks for more: in the mean of both, for none.

    Source: Tobin 1958, Econometrica 26, 24 (the likelihood); Minka 2001, expectation propagation (its moments).

    Args:
        room: How far the prediction lies on the right side of the bound, in standard errors.
        variance: Of the prediction, in squared standard errors.

    Returns:
        The step beyond the prediction, in standard errors, and the square root of how much it counts, 0 to 1.
    """
    wide = (1.0 + variance).sqrt()
    at = (room / wide).clamp(min=_VIOLATED)
    slope = torch.exp(-0.5 * at**2 - 0.5 * math.log(2 * math.pi) - torch.special.log_ndtr(at))
    beyond = slope + at
    share = (slope * beyond).clamp(0.0, 1.0)
    weight = (share / (1.0 + variance * (1.0 - share))).sqrt()
    violated = room / wide < _VIOLATED
    return torch.where(violated, -room, wide / beyond), torch.where(violated, 1.0, weight)


def sides(table: Observations) -> np.ndarray:
    """Return which rows tell an inequality (observation,): -1 at most their value, 1 at least, 0 neither.

    Those that a bound cut off, and those that lie on a bound of their quantity exactly: an atom of the truth.
    """
    out = table.censored.astype(np.int64)
    for name in dict.fromkeys(table.variable.tolist()):
        of, here = quantity(name, on_grid=table.axes == "grid"), table.variable == name
        for side, bound in ((-1, of.lower), (1, of.upper)):
            if bound is not None:
                out[here & (table.value == bound)] = side
    return out
