"""The unweighted squared error of the velocity of a straight path."""

from dataclasses import dataclass

from torch import Tensor

from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.objectives.base import OBJECTIVES, Batch, Objective, weighted_mean


@OBJECTIVES.register("velocity")
@dataclass(frozen=True)
class VelocityObjective(Objective):
    """L = mean_t |v - v_hat|^2 = mean_t |x_0 - x0_hat|^2 / sigma^2, with v = x_0 - eps; for the straight path only.

    Source: Lipman et al. 2023, equation 23; Fotiadis et al. 2024, arXiv 2410.19814.
    """

    def loss(self, denoiser: NetworkDenoiser, batch: Batch) -> Tensor:
        """Return the mean over channels and the cells that count, a scalar; times are kept away from 0."""
        t = batch.t.clamp(min=denoiser.row.least_t)
        x_t, _, sigma = batch.noised(denoiser, t)
        error = (denoiser(x_t, t, batch.given) - batch.x0) / sigma
        return weighted_mean(error**2, batch.counted(denoiser).expand(len(t), -1, -1, -1), batch.whole)
