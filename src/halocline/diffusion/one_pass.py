"""Objectives of one network pass: the deterministic twin of a flow, and a head that draws members by the CRPS."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.diffusion.crps import multi_scale_crps
from halocline.diffusion.flow import FlowDenoiser, Given, weighted_mean


@dataclass(frozen=True)
class RegressionObjective:
    """L = mean |x_0 - x0_hat(0, t = 1)|^2: no noise goes in, so the mean comes out."""

    def loss(self, denoiser: FlowDenoiser, x0: Tensor, given: Given, weight: Tensor) -> Tensor:
        """Return the mean squared error over channels and weighted cells; arguments as in FlowObjective."""
        t = x0.new_ones(len(x0))
        return weighted_mean((denoiser(torch.zeros_like(x0), t, given) - x0) ** 2, weight)


@dataclass(frozen=True)
class EnsembleObjective:
    """L = almost fair multi-scale CRPS of members x0_hat(eps_j, t = 1), clipped to the bounds.

    The gradient passes through the clip as if it were not there, so that a member beyond a bound can come back.

    Source: Lang et al. 2024, arXiv 2412.15832 (score); Lang et al. 2025, arXiv 2506.10868 (several scales).

    Attributes:
        scales: Sides of the blocks in cells.
        alpha: Share of the fair score.
    """

    scales: Sequence[int] = (1, 2, 4)
    alpha: float = 0.95

    def loss(
        self,
        denoiser: FlowDenoiser,
        x0: Tensor,
        eps: Tensor,
        given: Given,
        bounds: tuple[Tensor, Tensor],
        weight: Tensor,
    ) -> Tensor:
        """Return the score, a scalar; eps is (member, batch, channel, y, x), the rest as in FlowObjective."""
        members, batch = eps.shape[:2]
        t = x0.new_ones(members * batch)
        repeated = Given(*(part.repeat(members, *[1] * (part.ndim - 1)) for part in _parts(given)))
        drawn = denoiser(eps.flatten(0, 1) * repeated.mask, t, repeated).unflatten(0, (members, batch))
        # Exactly the clipped value: where truth or another member is at the same bound, the score's slope is 0.
        drawn = torch.clamp(drawn, *bounds).detach() + (drawn - drawn.detach())
        return multi_scale_crps(drawn, x0, weight, self.scales, self.alpha)


def _parts(given: Given) -> tuple[Tensor, Tensor, Tensor]:
    return given.fields, given.mask, given.labels
