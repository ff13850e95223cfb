"""The objective of a deterministic model: one pass, no noise, the mean comes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.objectives.base import OBJECTIVES, Batch, Objective, weighted_mean


@OBJECTIVES.register("regression")
@dataclass(frozen=True)
class RegressionObjective(Objective):
    """L = mean |x_0 - x0_hat(0, t = 1)|^2: no noise goes in, so the mean comes out."""

    noisy: ClassVar[bool] = False

    def noise_shape(self, shape: Sequence[int]) -> tuple[int, ...]:
        """Return an empty shape: no noise is needed."""
        return (0,)

    def loss(self, denoiser: NetworkDenoiser, batch: Batch) -> Tensor:
        """Return the mean squared error over channels and weighted cells, a scalar."""
        x0 = batch.x0
        error = (denoiser(torch.zeros_like(x0), x0.new_ones(len(x0)), batch.given) - x0) ** 2
        return weighted_mean(error, batch.counted(denoiser), batch.whole)
