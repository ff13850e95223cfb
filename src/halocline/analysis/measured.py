"""Observations as the sampler meets them: predicted from a clean estimate, in units of their errors."""

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

_WITHIN = 0.1
"""An inequality holds where the prediction violates it by less than so many standard errors."""


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

    def innovation(self, predicted: Tensor) -> tuple[Tensor, Tensor]:
        """Return y - H in units of sigma, and what counts (member, observation)."""
        d = (self._value / self._sigma).to(predicted) - predicted
        side = self._side.to(predicted)
        holds = ((side < 0) & (d > -_WITHIN)) | ((side > 0) & (d < _WITHIN))
        return d, (~holds).to(predicted)

    @cached_property
    def _value(self) -> Tensor:
        return torch.from_numpy(self.table.value)

    @cached_property
    def _sigma(self) -> Tensor:
        return torch.from_numpy(self.table.sigma)

    @cached_property
    def _side(self) -> Tensor:
        return torch.from_numpy(sides(self.table))


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
