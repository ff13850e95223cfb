"""What a stochastic decoder begins with: latents or noisy fields, and the answer that is made of them."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.chain.latent import LatentSpace
from halocline.data.sampling.samples import Source
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.given import Given
from halocline.diffusion.levels import time_of
from halocline.runtime.device import Compute

Answer = Callable[[Tensor, Tensor | None], Tensor]
"""Network-space states m (field, channel, y, x) of rough fields and of their condition vectors (field, condition)."""


@dataclass(frozen=True, eq=False)
class Rough:
    """Fields z + noise * eta, eta standard normal, of which ``answer`` makes the m that detail is drawn on.

    Attributes:
        answer: m of such fields; no gradient is needed.
        noise: Standard deviation of the noise.
        factor: Cells a side of a cell of the fields.
        sources: Training and validation fields.
        rim: Cells at the side of a square that see too little for their loss to count.
        marked: Whether condition vectors say that they are told (data/sampling/told.py).
    """

    answer: Answer
    noise: float
    factor: int
    sources: Sequence[Source]
    rim: int
    marked: bool = False


def rough_latents(latent: LatentSpace, sources: Sequence[Source], perturbation: float, compute: Compute) -> Rough:
    """Return perturbed latents, of which the decoder makes states; it is told no conditions."""

    def answer(z: Tensor, vector: Tensor | None) -> Tensor:
        return latent.decode(z, compute)

    factor = latent.autoencoder.factor
    return Rough(answer, perturbation, factor, sources, rim=factor)


def rough_states(
    denoiser: NetworkDenoiser, sources: Sequence[Source], level: float, compute: Compute, *, side: int, marked: bool
) -> Rough:
    """Return states with noise of a level, of which the denoiser makes its estimate of the clean state.

    The pairs (x, m) are those of the joint distribution of a state and its estimate: a sampler that stops at the level
    and draws x of p(x | m) draws what a perfect one draws that goes on.

    Args:
        denoiser: Trained, of data space.
        sources: Training and validation states in network space.
        level: sigma / alpha of the noise.
        compute: Device and precision.
        side: Cells a side of the squares of training; 0 for whole fields.
        marked: Whether the denoiser's conditions say that they are told.
    """
    schedule, mask = denoiser.schedule, denoiser.counts(Given())
    t = time_of(schedule, torch.tensor([-2.0 * math.log(level)], dtype=torch.float64)).float().to(compute.device)
    alpha = schedule.alpha(t)

    @torch.no_grad()
    def answer(y: Tensor, vector: Tensor | None) -> Tensor:
        with compute.autocast():
            return denoiser(alpha * y * mask.to(y.device), t.expand(len(y)), Given(vector=vector))

    return Rough(answer, level, 1, sources, rim=min(_RIM, side // 4), marked=marked)


_RIM = 4
