"""What a denoiser is trained on: a weighted squared error of the clean estimate, over the cells of its mask only."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

from halocline.diffusion.denoiser import NetworkDenoiser

Weighting = Literal["v", "eps"]


@dataclass(frozen=True)
class DenoisingObjective:
    """L = mean_t w(t) |x_0 - x0_hat|^2, SNR = alpha^2 / sigma^2.

    ``v``: w = 1 + min(SNR, snr_limit). 1 + SNR equals the unweighted loss on v (Salimans & Ho 2022); the cap keeps
    almost clean fields from dominating (Hang et al. 2023, "Efficient diffusion training via min-SNR weighting").
    ``eps``: w = SNR, which is the unweighted loss on eps (Ho et al. 2020, equation 14); no cap.

    Attributes:
        snr_limit: Largest SNR that counts in ``v``.
        weighting: ``v`` or ``eps``.
    """

    snr_limit: float = 25.0
    weighting: Weighting = "v"

    def loss(
        self, denoiser: NetworkDenoiser, x0: Tensor, t: Tensor, eps: Tensor, condition: Tensor | None = None
    ) -> Tensor:
        """Return the mean loss per number inside the mask, a scalar.

        Args:
            denoiser: The denoiser in training.
            x0: Clean fields (batch, channel, y, x), zero outside the mask.
            t: Pseudo-times (batch,).
            eps: Standard normal noise like x0.
            condition: Condition vector or None.
        """
        alpha, sigma = (part(t)[:, None, None, None] for part in (denoiser.schedule.alpha, denoiser.schedule.sigma))
        x_t = (alpha * x0 + sigma * eps) * denoiser.mask
        error = (denoiser(x_t, t, condition) - x0) ** 2 * denoiser.mask
        snr = (alpha / sigma) ** 2
        weight = snr if self.weighting == "eps" else 1.0 + torch.clamp(snr, max=self.snr_limit)
        return (weight * error).sum() / (denoiser.mask.expand(x0.shape[1:]).sum() * x0.shape[0])


def stratified_times(uniform: float, batch: int) -> Tensor:
    """Return (batch,) pseudo-times: one common uniform shift plus k / batch, modulo 1 (Kingma et al. 2021)."""
    return (uniform + torch.arange(batch) / batch) % 1.0
