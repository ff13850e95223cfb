"""The latent space of a trained autoencoder, scaled to unit variance per channel."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from halocline.data.codecs.protocol import StateCodec
from halocline.data.sampling.samples import Source
from halocline.nn.autoencoder import Autoencoder
from halocline.runtime.device import Compute


@dataclass(frozen=True, eq=False)
class LatentSpace:
    """Encoder and decoder with normalisation.

    Attributes:
        autoencoder: Trained weights.
        mean: Mean per latent channel (z, 1, 1) over wet latent cells of the training states.
        std: Standard deviation, likewise.
    """

    autoencoder: Autoencoder
    mean: Tensor
    std: Tensor

    @property
    def shape(self) -> tuple[int, int, int]:
        """(z, y/f, x/f)."""
        _, ny, nx = self.autoencoder.latent_mask.shape
        return self.autoencoder.latent, ny, nx

    def decode(self, z: Tensor, compute: Compute) -> Tensor:
        """Return network-space states (batch, variable, y, x) of normalised latents."""
        with compute.autocast():
            return self.autoencoder.decode((z * self.std + self.mean).float())

    def encode(self, x: Tensor, compute: Compute) -> Tensor:
        """Return normalised latents (batch, z, y/f, x/f), the posterior's mean, of network-space states."""
        with compute.autocast():
            return (self.autoencoder.encode(x).mean.float() - self.mean) / self.std * self.autoencoder.latent_mask


@dataclass(frozen=True, eq=False)
class LatentStates:
    """Latents to physical states and back, for constraints inside a sampler that runs in a latent space.

    The encoder does not undo the decoder; see ConstrainedDenoiser.

    Attributes:
        latent: The latent space.
        codec: Network space to physical space.
        compute: Device and precision.
    """

    latent: LatentSpace
    codec: StateCodec
    compute: Compute

    @torch.no_grad()
    def decode(self, values: np.ndarray) -> np.ndarray:
        """Return physical states (member, channel, y, x) of latents (member, z, y/f, x/f)."""
        z = torch.from_numpy(values).to(self.compute.device)
        return self.codec.decode(self.latent.decode(z, self.compute).float().cpu().numpy())

    @torch.no_grad()
    def encode(self, states: np.ndarray) -> np.ndarray:
        """Return latents (member, z, y/f, x/f) of physical states."""
        x = torch.from_numpy(self.codec.encode(states)).to(self.compute.device)
        return self.latent.encode(x, self.compute).float().cpu().numpy()


@torch.no_grad()
def encode_all(autoencoder: Autoencoder, source: Source, compute: Compute, batch: int = 64) -> np.ndarray:
    """Return the posterior means (sample, z, y/f, x/f) of all samples."""
    parts = []
    for start in range(0, len(source), batch):
        x = torch.from_numpy(source.take(np.arange(start, min(start + batch, len(source))))).to(compute.device)
        with compute.autocast():
            parts.append(autoencoder.encode(x).mean.float().cpu().numpy())
    return np.concatenate(parts)


def latent_moments(latents: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation (z, 1, 1) over wet latent cells; mask (1, y, x)."""
    wet = latents[:, :, mask[0] > 0].astype(np.float64)
    mean, std = wet.mean(axis=(0, 2)), wet.std(axis=(0, 2))
    return (part.astype(np.float32)[:, None, None] for part in (mean, np.maximum(std, 1e-6)))  # type: ignore[return-value]


class Latents:
    """Normalised latents held in memory, as a training source.

    Args:
        latents: (sample, z, y/f, x/f) float32.
        source: The samples they were encoded from, which know the conditions.
    """

    def __init__(self, latents: np.ndarray, source: Source) -> None:
        self._latents, self._source = latents, source

    def __len__(self) -> int:
        return len(self._latents)

    def take(self, numbers: np.ndarray) -> np.ndarray:
        """Return latents (len(numbers), z, y/f, x/f)."""
        return self._latents[numbers]

    def conditions(self, numbers: np.ndarray) -> np.ndarray | None:
        """Return the condition vectors (len(numbers), condition), or None if there are none."""
        return self._source.conditions(numbers)


def latent_sources(
    autoencoder: Autoencoder,
    sources: Sequence[Source],
    compute: Compute,
    moments: tuple[torch.Tensor, torch.Tensor] | None = None,
) -> tuple[list[Source], tuple[torch.Tensor, torch.Tensor]]:
    """Return sources as latents, normalised by mean and standard deviation (z, 1, 1), and these."""
    mask = autoencoder.latent_mask.cpu().numpy()
    encoded = [encode_all(autoencoder, source, compute) for source in sources]
    if moments is None:
        mean, std = latent_moments(encoded[0], mask)
    else:
        mean, std = (part.cpu().numpy() for part in moments)
    scaled = [((part - mean) / std * mask).astype(np.float32) for part in encoded]
    latents: list[Source] = [Latents(part, source) for part, source in zip(scaled, sources, strict=True)]
    return latents, (torch.from_numpy(mean), torch.from_numpy(std))
