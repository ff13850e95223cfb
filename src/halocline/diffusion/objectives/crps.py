"""The objective of a one-pass head that draws members: their CRPS."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.diffusion.crps import block_counts, multi_scale_crps
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.energy import almost_fair_energy
from halocline.diffusion.objectives.base import OBJECTIVES, Batch, Objective, counted


@OBJECTIVES.register("crps")
@dataclass(frozen=True)
class EnsembleObjective(Objective):
    """L = almost fair multi-scale CRPS of members x0_hat(eps_j, t = 1), clipped to the bounds, + energy * energy score.

    The energy score is that of each variable's field in a sample; a sample counts with its cells. See diffusion/energy.

    The gradient passes through the clip as if it were not there, so that a member beyond a bound can come back.

    Source: Lang et al. 2024, arXiv 2412.15832 (score); Lang et al. 2025, arXiv 2506.10868 (several scales).

    Attributes:
        scales: Sides of the blocks in cells.
        alpha: Share of the fair score.
        members: Members drawn for each sample.
        energy: Weight of the energy score; 0 for none.
    """

    scales: Sequence[int] = (1, 2, 4)
    alpha: float = 0.95
    members: int = 2
    energy: float = 0.0

    def noise_shape(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Return (member, batch, channel, y, x)."""
        return (self.members, *shape)

    def counts(self, denoiser: NetworkDenoiser, batch: Batch) -> Tensor:
        """Return how much the blocks of each scale count (scale,), then the cells, if energy scores count."""
        weight = batch.counted(denoiser).expand(len(batch.x0), -1, -1, -1)
        blocks = block_counts(batch.x0, weight, self.scales)
        return torch.cat([blocks, counted(batch.x0, weight)[None]]) if self.energy else blocks

    def loss(self, denoiser: NetworkDenoiser, batch: Batch) -> Tensor:
        """Return the score, a scalar."""
        members, size = batch.eps.shape[:2]
        given = batch.given.map(lambda part: part.repeat(members, *[1] * (part.ndim - 1)))
        drawn = denoiser(batch.eps.flatten(0, 1) * denoiser.counts(given), batch.x0.new_ones(members * size), given)
        drawn = drawn.unflatten(0, (members, size))
        # Exactly the clipped value: where truth or another member is at the same bound, the score's slope is 0.
        drawn = torch.clamp(drawn, *batch.bounds).detach() + (drawn - drawn.detach())
        weight = batch.counted(denoiser).expand(size, -1, -1, -1)
        counts = self.counts(denoiser, batch) if batch.whole is None else batch.whole
        score = multi_scale_crps(drawn, batch.x0, weight, self.scales, self.alpha, counts[: len(self.scales)])
        if not self.energy:
            return score
        fields = almost_fair_energy(drawn, batch.x0, weight, self.alpha) * weight.sum(dim=(-2, -1))
        return score + self.energy * fields.sum() / counts[-1]
