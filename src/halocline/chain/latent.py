"""The latent space of a trained autoencoder, scaled to unit variance per channel."""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

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


@torch.no_grad()
def encode_all(autoencoder: Autoencoder, source: Source, compute: Compute, batch: int = 64) -> np.ndarray:
    """Return the posterior means (sample, z, y/f, x/f) of all samples."""
    parts = []
    for start in range(0, len(source), batch):
        numbers = np.arange(start, min(start + batch, len(source)))
        x = torch.from_numpy(source.take(numbers)).to(compute.device)
        with compute.autocast():
            parts.append(autoencoder.encode(x).mean.float().cpu().numpy())
    return np.concatenate(parts)


def latent_moments(latents: np.ndarray, mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return mean and standard deviation (z, 1, 1) over wet latent cells; mask (1, y, x)."""
    wet = latents[:, :, mask[0] > 0].astype(np.float64)
    mean, std = wet.mean(axis=(0, 2)), wet.std(axis=(0, 2))
    return (part.astype(np.float32)[:, None, None] for part in (mean, np.maximum(std, 1e-6)))  # type: ignore[return-value]
