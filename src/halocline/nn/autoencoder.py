"""A convolutional variational autoencoder on masked fields."""

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor, nn

from halocline.nn.layers import ResidualBlock, conv, down, groups_of, up


class Posterior(NamedTuple):
    """q(z|x): mean and log-variance, each (batch, z, y/f, x/f)."""

    mean: Tensor
    log_variance: Tensor

    def sample(self, eps: Tensor) -> Tensor:
        """Return mean + std * eps."""
        return self.mean + torch.exp(0.5 * self.log_variance) * eps

    def kl(self) -> Tensor:
        """Return KL(q || N(0, I)) per latent number, shape of the mean."""
        return 0.5 * (self.mean**2 + self.log_variance.exp() - 1.0 - self.log_variance)


class Autoencoder(nn.Module):
    """Encoder to a Gaussian posterior, decoder to one location per variable, one learned scale per variable.

    The decoder's output is the location mu of a likelihood (Gaussian or censored Gaussian) whose scale is
    ``log_scale.exp()``. Latent cells whose block holds no ocean are set to 0 on the way out of the encoder.

    Args:
        variables: Channels in and out.
        maps: Static maps (maps, y, x) that both halves see at their finest level; the first is the ocean mask.
        latent: Latent channels.
        width: Channels at the finest level.
        levels: Number of halvings after the patches; the latent is smaller by ``patch * 2**levels`` a side.
        blocks: Residual blocks a level.
        patch: Side of the patches that both halves work on (space to depth, as in DC-AE).
        periodic: Axes along which the plane closes, out of ``y`` and ``x``.
    """

    maps: Tensor
    latent_mask: Tensor

    def __init__(
        self,
        variables: int,
        maps: Tensor,
        *,
        latent: int,
        width: int,
        levels: int,
        blocks: int = 1,
        patch: int = 1,
        periodic: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.register_buffer("maps", maps, persistent=False)
        self.factor = patch * 2**levels
        self.unshuffle, self.shuffle = nn.PixelUnshuffle(patch), nn.PixelShuffle(patch)
        area = patch**2
        pooled = nn.functional.max_pool2d(maps[None, :1], self.factor)[0]
        self.register_buffer("latent_mask", pooled, persistent=False)
        self.latent = latent
        sizes = [width * min(2**k, 4) for k in range(levels + 1)]

        def residual(size: int, count: int) -> list[nn.Module]:
            return [ResidualBlock(size, size, periodic=periodic) for _ in range(count)]

        encoder: list[nn.Module] = [conv((variables + len(maps)) * area, sizes[0], periodic=periodic)]
        for k in range(levels):
            encoder += [*residual(sizes[k], blocks), down(sizes[k], sizes[k + 1], periodic)]
        encoder += residual(sizes[-1], 2 * blocks)
        encoder += [*_head(sizes[-1]), conv(sizes[-1], 2 * latent, periodic=periodic)]
        self.encoder = nn.Sequential(*encoder)

        decoder: list[nn.Module] = [conv(latent, sizes[-1], periodic=periodic), *residual(sizes[-1], 2 * blocks)]
        for k in reversed(range(levels)):
            decoder += [up(sizes[k + 1], sizes[k], periodic), *residual(sizes[k], blocks)]
        self.decoder = nn.Sequential(*decoder)
        self.mapped = conv(sizes[0] + len(maps) * area, sizes[0], periodic=periodic)
        self.head = nn.Sequential(
            *residual(sizes[0], 1), *_head(sizes[0]), conv(sizes[0], variables * area, periodic=periodic)
        )
        self.log_scale = nn.Parameter(torch.zeros(variables))

    def encode(self, x: Tensor) -> Posterior:
        """Return the posterior of x (batch, variable, y, x)."""
        maps = self.maps.expand(len(x), -1, -1, -1)
        joined = self.unshuffle(torch.cat([x, maps], dim=1)).contiguous(memory_format=torch.channels_last)
        mean, log_variance = self.encoder(joined).float().chunk(2, dim=1)
        return Posterior(mean * self.latent_mask, log_variance.clamp(-12.0, 4.0) * self.latent_mask)

    def decode(self, z: Tensor) -> Tensor:
        """Return the location mu (batch, variable, y, x) of z (batch, z, y/f, x/f)."""
        h = self.decoder((z * self.latent_mask).contiguous(memory_format=torch.channels_last))
        maps = self.unshuffle(self.maps.expand(len(z), -1, -1, -1))
        h = self.mapped(torch.cat([h, maps], dim=1))
        return self.shuffle(self.head(h)).float()


def _head(channels: int) -> list[nn.Module]:
    return [nn.GroupNorm(groups_of(channels), channels), nn.SiLU()]
