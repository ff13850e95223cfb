"""A weighted squared error of the clean estimate, over the cells that count."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.objectives.base import OBJECTIVES, Batch, Objective

Weighting = Literal["v", "eps", "edm"]


@OBJECTIVES.register("denoising")
@dataclass(frozen=True)
class DenoisingObjective(Objective):
    """L = mean_t w(t) |x_0 - x0_hat|^2, SNR = alpha^2 / sigma^2.

    ``v``: w = 1 + min(SNR, snr_limit). 1 + SNR equals the unweighted loss on v (Salimans & Ho 2022); the cap keeps
    almost clean fields from dominating (Hang et al. 2023, "Efficient diffusion training via min-SNR weighting").
    ``eps``: w = SNR, which is the unweighted loss on eps (Ho et al. 2020, equation 14); no cap.
    ``edm``: w = (r^2 + 1) / r^2 with r = sigma / alpha, which is ``v`` without the cap: the unweighted loss on what a
    ``karras`` network predicts, for data of unit variance (Karras et al. 2022, table 1, sigma_data = 1).

    Attributes:
        snr_limit: Largest SNR that counts in ``v``.
        weighting: ``v``, ``eps`` or ``edm``.
    """

    snr_limit: float = 25.0
    weighting: Weighting = "v"

    def counts(self, denoiser: NetworkDenoiser, batch: Batch) -> Tensor:
        """Return the numbers that count (1,)."""
        x0, where = batch.x0, batch.counted(denoiser)
        size = where.expand(x0.shape).sum() if where.ndim == 4 else where.expand(x0.shape[1:]).sum() * x0.shape[0]
        return size[None]

    def loss(self, denoiser: NetworkDenoiser, batch: Batch) -> Tensor:
        """Return the mean loss per number that counts, a scalar."""
        x0, where = batch.x0, batch.counted(denoiser)
        x_t, alpha, sigma = batch.noised(denoiser, batch.t)
        error = (denoiser(x_t, batch.t, batch.given) - x0) ** 2 * where
        weight = self.weight((alpha / sigma) ** 2)
        size = self.counts(denoiser, batch) if batch.whole is None else batch.whole
        return (weight * error).sum() / size[0]

    def weight(self, snr: Tensor) -> Tensor:
        """Return w, like the signal-to-noise ratio it is a function of."""
        if self.weighting == "eps":
            return snr
        return 1.0 + (snr if self.weighting == "edm" else torch.clamp(snr, max=self.snr_limit))
