"""A U-Net on patches, conditioned on one scalar (the noise level) and, if wanted, a vector."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn

from halocline.nn.base import NETWORKS, check_options
from halocline.nn.layers import (
    FourierFeatures,
    Norm,
    ResidualBlock,
    SelfAttention,
    conv,
    down,
    normalisation,
    up,
    zeroed,
)


class UNet(nn.Module):
    """U-Net of residual blocks behind a space-to-depth patch embedding.

    Source: Ronneberger et al. 2015; patches and zero-initialised outputs as in Karras et al. 2022, appendix F.

    Args:
        inputs: Channels in.
        outputs: Channels out.
        width: Channels at the finest level.
        multipliers: Channels of each level, as multiples of ``width``; each further level halves the resolution.
        blocks: Residual blocks a level.
        patch: Side of the square patches; y and x must be multiples of ``patch * 2**(levels - 1)``.
        attention: Self-attention at the coarsest level.
        condition: Length of the condition vector; 0 for none.
        periodic: Axes along which the plane closes, out of ``y`` and ``x``: the last cell is the first one's neighbour.
        norm: ``group``, or ``cell`` for a network that sees no farther than its convolutions (without attention), so
            that it can be trained on patches.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        width: int,
        multipliers: Sequence[int],
        blocks: int = 2,
        patch: int = 1,
        attention: bool = True,
        condition: int = 0,
        periodic: Sequence[str] = (),
        norm: Norm = "group",
    ) -> None:
        super().__init__()
        embedding, self._shallow = 4 * width, False
        self.multiple = patch * 2 ** (len(multipliers) - 1)
        self.noise_level = FourierFeatures(embedding)
        self.condition = (
            nn.Sequential(nn.Linear(condition, embedding), nn.SiLU(), nn.Linear(embedding, embedding))
            if condition
            else None
        )
        channels = [width * m for m in multipliers]
        self.unshuffle = nn.PixelUnshuffle(patch)
        self.stem = conv(inputs * patch**2, channels[0], periodic=periodic)

        def residual(before: int, after: int) -> ResidualBlock:
            return ResidualBlock(before, after, embedding, periodic=periodic, norm=norm)

        self.encoder = nn.ModuleList()
        skips, current = [channels[0]], channels[0]
        for level, size in enumerate(channels):
            stage = nn.ModuleList([down(current, size, periodic)] if level else [])
            current = size
            stage.extend([residual(size, size) for _ in range(blocks)])
            skips += [size] * len(stage)
            self.encoder.append(stage)

        self.middle = nn.ModuleList([residual(current, current)])
        if attention:
            self.middle.append(SelfAttention(current))
        self.middle.append(residual(current, current))

        self.decoder = nn.ModuleList()
        for level, size in reversed(list(enumerate(channels))):
            stage = nn.ModuleList()
            for _ in range(blocks + 1):
                stage.append(residual(current + skips.pop(), size))
                current = size
            if level:
                stage.append(up(current, channels[level - 1], periodic))
                current = channels[level - 1]
            self.decoder.append(stage)

        self.norm = normalisation(norm, current)
        self.head = zeroed(conv(current, outputs * patch**2, periodic=periodic))
        self.shuffle = nn.PixelShuffle(patch)

    def forward(self, x: Tensor, level: Tensor, vector: Tensor | None = None, mask: Tensor | None = None) -> Tensor:
        """Apply the network.

        Args:
            x: (batch, inputs, y, x).
            level: Noise level (batch,), a scalar of order one.
            vector: Conditions (batch, condition) or None.
            mask: Not used: land is 0 in ``x``.

        Returns:
            (batch, outputs, y, x).
        """
        embedding = self.noise_level(level)
        if self.condition is not None and vector is not None:
            embedding = embedding + self.condition(vector)
        embedding = nn.functional.silu(embedding)
        h = self.stem(self.unshuffle(x).contiguous(memory_format=torch.channels_last))
        skips = [h]
        for stage in self.encoder:
            for layer in stage:  # type: ignore[attr-defined]
                h = layer(h, embedding) if isinstance(layer, ResidualBlock) else layer(h)
                skips.append(h)
        for layer in self.middle:
            h = layer(h, embedding) if isinstance(layer, ResidualBlock) else layer(h)
        left_out = self.decoder[-1][0] if self._shallow else None  # type: ignore[index]
        for stage in self.decoder:
            for layer in stage:  # type: ignore[attr-defined]
                if left_out is not None and layer is left_out:
                    h = layer.shortcut(torch.cat([h, skips.pop()], dim=1))
                elif isinstance(layer, ResidualBlock):
                    h = layer(torch.cat([h, skips.pop()], dim=1), embedding)
                else:
                    h = layer(h)
        return self.shuffle(self.head(nn.functional.silu(self.norm(h))))

    @contextmanager
    def shallower(self) -> Iterator[None]:
        """Have the network leave out the first block of the finest level on its way up, in the block that follows.

        What it then says is a weaker model's answer, away from which a sampler may be guided (diffusion/wrappers.py).
        """
        self._shallow = True
        try:
            yield
        finally:
            self._shallow = False

    def compile_blocks(self) -> None:
        """Have the network compiled at its first call, as a whole: its blocks are of too many sizes to share one."""
        self.compile()


@NETWORKS.register("unet")
def build(inputs: int, outputs: int, vector: int, options: Mapping[str, Any]) -> UNet:
    """Return a U-Net; options: width, multipliers, blocks, patch, attention, norm."""
    check_options(UNet, options)
    return UNet(inputs, outputs, condition=vector, **options)
