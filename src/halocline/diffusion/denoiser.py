"""Denoisers: E[x_0 | x_t, given] by a network behind a schedule and a parameterisation."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from halocline.diffusion.given import NOTHING, Given
from halocline.diffusion.parameterisations import PARAMETERISATIONS, Parameterisation, Prediction
from halocline.diffusion.paths.base import Schedule


class Denoiser(Protocol):
    """Anything that estimates the clean field; what it is given is bound to it."""

    def __call__(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Return x0_hat (batch, channel, y, x) of x_t at t (batch,)."""


class NetworkDenoiser(nn.Module):
    """x0_hat = c_skip x_t + c_out F(c_in x_t, level, given), times the mask; see PARAMETERISATIONS.

    Beside it may stand one learned scale per variable, ln s(t, vector): how well x_0 is known from x_t. In the space
    of velocities the likelihood has scale s, in that of x_0 it has sigma s.

    Source: Karras et al. 2022, table 1; Finn et al. 2025, arXiv 2508.14984 (learned scale of a flow).

    Args:
        network: F(fields, level, vector, mask) with ``channels + maps + given fields`` channels in, ``channels`` out.
        schedule: alpha(t), sigma(t).
        prediction: Name of the parameterisation.
        maps: Static maps (map, y, x) appended to the network's input.
        mask: Cells that count (1, y, x) or (channel, y, x), elsewhere x0_hat is 0; a mask that is given wins.
        scale: ln s(t, vector) -> (batch, channel).
    """

    maps: Tensor | None
    mask: Tensor | None

    def __init__(
        self,
        network: nn.Module,
        schedule: Schedule,
        prediction: Prediction,
        *,
        maps: Tensor | None = None,
        mask: Tensor | None = None,
        scale: nn.Module | None = None,
    ) -> None:
        super().__init__()
        self.network, self.schedule, self.prediction, self.scale = network, schedule, prediction, scale
        self.register_buffer("maps", maps, persistent=False)
        self.register_buffer("mask", mask, persistent=False)

    @property
    def row(self) -> Parameterisation:
        """How a clean estimate follows from what the network predicts."""
        return PARAMETERISATIONS[self.prediction]

    def forward(self, x_t: Tensor, t: Tensor, given: Given = NOTHING) -> Tensor:
        """Return x0_hat (batch, channel, y, x).

        Args:
            x_t: Noisy field (batch, channel, y, x), 0 outside the mask.
            t: Pseudo-time (batch,) in [0, 1], 1 = noise.
            given: What it is drawn for.
        """
        alpha, sigma = self.schedule.alpha(t), self.schedule.sigma(t)
        level = self.row.level(t, alpha, sigma)
        alpha, sigma = alpha[:, None, None, None], sigma[:, None, None, None]
        parts = [self.row.input(x_t, alpha, sigma)]
        if self.maps is not None:
            parts.append(self.maps.expand(len(x_t), -1, -1, -1))
        if given.fields is not None:
            parts.append(given.fields)
        cells = None if given.mask is None else given.mask.amax(dim=1, keepdim=True)
        output = self.network(torch.cat(parts, dim=1), level, given.vector, cells).float()
        return self.row.estimate(x_t, output, alpha, sigma) * self.counts(given)

    def counts(self, given: Given) -> Tensor:
        """Return where the field counts, 1 or 0, broadcastable to (batch, channel, y, x)."""
        mask = self.mask if given.mask is None else given.mask
        return torch.ones(()) if mask is None else mask

    def log_scale(self, t: Tensor, vector: Tensor | None) -> Tensor:
        """Return ln(sigma s) (batch, channel, 1, 1), the scale of x_0 about x0_hat; needs a learned scale."""
        assert self.scale is not None
        log_s = self.scale(t, vector).float().clamp(-7.0, 4.0)
        return (log_s + torch.log(self.schedule.sigma(t))[:, None])[:, :, None, None]


@dataclass(frozen=True, eq=False)
class Bound:
    """A network's denoiser with what it is given, the same at all noise levels.

    Attributes:
        denoiser: What is wrapped.
        given: What the fields are drawn for.
        precision: Context in which the network runs, such as autocast.
    """

    denoiser: NetworkDenoiser
    given: Given = NOTHING
    precision: Callable[[], AbstractContextManager[None]] = nullcontext

    def __call__(self, x_t: Tensor, t: Tensor) -> Tensor:
        """Return x0_hat (batch, channel, y, x) of x_t at t (batch,)."""
        with self.precision():
            return self.denoiser(x_t, t, self.given)
