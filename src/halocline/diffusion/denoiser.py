"""Denoisers: E[x_0 | x_t, condition] by a network behind a schedule and a parameterisation."""

from typing import Literal, Protocol

import torch
from torch import Tensor, nn

from halocline.diffusion.schedules import Schedule

Prediction = Literal["x", "eps", "v", "karras"]


class Denoiser(Protocol):
    """Anything that estimates the clean field."""

    def __call__(self, x_t: Tensor, t: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return x0_hat (batch, channel, y, x) of x_t at t (batch,)."""
        ...


class NetworkDenoiser(nn.Module):
    """x0_hat = c_skip x_t + c_out F(c_in x_t, c_noise), times the mask.

    ======  =========================  =============================
    name    c_skip                     c_out
    ======  =========================  =============================
    x       0                          1
    eps     1 / alpha                  -sigma / alpha
    v       alpha / (a^2 + s^2)        -sigma / sqrt(a^2 + s^2)
    karras  alpha / (a^2 + s^2)         sigma / sqrt(a^2 + s^2)
    ======  =========================  =============================

    c_in = 1 / sqrt(alpha^2 + sigma^2) and c_noise = log(sigma / alpha) / 4 for all (data of unit variance).

    Source: Karras et al. 2022, table 1; Salimans & Ho 2022 (v). ``karras`` is v with the network's sign turned.

    Args:
        network: F(x, noise_level, condition) with ``channels + len(maps)`` channels in and ``channels`` out.
        schedule: alpha(t), sigma(t).
        prediction: Name of the parameterisation.
        maps: Static maps (map, y, x) appended to the network's input.
        mask: Cells that count (1, y, x) or (channel, y, x); elsewhere x0_hat is 0.
    """

    maps: Tensor
    mask: Tensor

    def __init__(
        self, network: nn.Module, schedule: Schedule, prediction: Prediction, maps: Tensor, mask: Tensor
    ) -> None:
        super().__init__()
        self.network, self.schedule, self.prediction = network, schedule, prediction
        self.register_buffer("maps", maps, persistent=False)
        self.register_buffer("mask", mask, persistent=False)

    def forward(self, x_t: Tensor, t: Tensor, condition: Tensor | None = None) -> Tensor:
        """Return x0_hat (batch, channel, y, x).

        Args:
            x_t: Noisy field (batch, channel, y, x).
            t: Pseudo-time (batch,) in [0, 1].
            condition: Condition vector (batch, condition) or None.
        """
        alpha, sigma = (part(t)[:, None, None, None] for part in (self.schedule.alpha, self.schedule.sigma))
        norm = (alpha**2 + sigma**2).sqrt()
        c_noise = torch.log(self.schedule.sigma(t) / self.schedule.alpha(t)) / 4.0
        joined = torch.cat([x_t / norm, self.maps.expand(len(x_t), -1, -1, -1)], dim=1)
        output = self.network(joined, c_noise, condition).float()
        match self.prediction:
            case "x":
                x0_hat = output
            case "eps":
                x0_hat = (x_t - sigma * output) / alpha
            case "v":
                x0_hat = alpha / norm**2 * x_t - sigma / norm * output
            case "karras":
                x0_hat = alpha / norm**2 * x_t + sigma / norm * output
        return x0_hat * self.mask
