"""Layers shared by the networks."""

import math
from collections.abc import Sequence
from typing import Literal, TypeVar

import torch
from torch import Tensor, nn

Layer = TypeVar("Layer", bound=nn.Module)
Norm = Literal["group", "cell"]
_SMALL = 20480
"""Numbers up to which PyTorch leaves a single sample to its own convolution."""


class FourierFeatures(nn.Module):
    """Embed a scalar per sample: MLP(cos(w c), sin(w c)) with fixed log-spaced frequencies w.

    Args:
        features: Width of the output.
        highest: Highest angular frequency.
    """

    frequencies: Tensor

    def __init__(self, features: int, highest: float = 32.0) -> None:
        super().__init__()
        steps = torch.linspace(0.0, 1.0, 32)
        self.register_buffer("frequencies", 0.25 * (highest / 0.25) ** steps, persistent=False)
        self.mlp = nn.Sequential(nn.Linear(64, features), nn.SiLU(), nn.Linear(features, features))

    def forward(self, scalar: Tensor) -> Tensor:
        """Map (batch,) to (batch, features)."""
        angle = scalar[:, None].float() * self.frequencies
        return self.mlp(torch.cat([angle.cos(), angle.sin()], dim=1))


class WrappedConv2d(nn.Conv2d):
    """A convolution whose plane closes on itself along some axes; beyond the other sides lie zeros.

    Args:
        inputs: Channels in.
        outputs: Channels out.
        size: Odd side of the kernel.
        stride: Step.
        periodic: Axes that close, out of ``y`` and ``x``.
    """

    def __init__(self, inputs: int, outputs: int, size: int, *, stride: int = 1, periodic: Sequence[str]) -> None:
        rest = {axis: 0 if axis in periodic else size // 2 for axis in ("y", "x")}
        super().__init__(inputs, outputs, size, stride=stride, padding=(rest["y"], rest["x"]))
        left, top = (size // 2 - rest[axis] for axis in ("x", "y"))
        self.around = (left, left, top, top)

    def forward(self, input: Tensor) -> Tensor:
        """Map (batch, inputs, y, x) to (batch, outputs, y, x)."""
        return super().forward(nn.functional.pad(input, self.around, mode="circular"))


class PointwiseConv2d(nn.Conv2d):
    """A convolution that mixes the channels of each cell.

    On one CPU thread PyTorch leaves a 1 x 1 kernel to oneDNN from a batch of 16 on only, and takes more than twice as
    long below. With a dilation, which means nothing to a single cell, oneDNN has it, unless a single sample is small.

    Args:
        inputs: Channels in.
        outputs: Channels out.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(inputs, outputs, 1)

    def forward(self, input: Tensor) -> Tensor:
        """Map (batch, inputs, y, x) to (batch, outputs, y, x)."""
        dilation = 2 if input.device.type == "cpu" and input.numel() > _SMALL else 1
        return nn.functional.conv2d(input, self.weight, self.bias, dilation=dilation)


def conv(inputs: int, outputs: int, *, stride: int = 1, periodic: Sequence[str] = ()) -> nn.Conv2d:
    """Return a 3 x 3 convolution with a margin; its weights are named alike on closed planes and others."""
    if not periodic:
        return nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1)
    return WrappedConv2d(inputs, outputs, 3, stride=stride, periodic=periodic)


class CellNorm(nn.LayerNorm):
    """Normalise the channels of each cell by themselves: a patch becomes what the field that it was cut from becomes.

    Group normalisation also averages over the plane, so that pack ice alone is seen otherwise than beside open water.

    Source: Ba et al. 2016 (layer normalisation), cell by cell as in Liu et al. 2022 (ConvNeXt).
    """

    def forward(self, input: Tensor) -> Tensor:
        """Map (batch, channels, y, x) to the same shape."""
        return super().forward(input.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


def normalisation(norm: Norm, channels: int) -> nn.Module:
    """Return a normalisation with a learned scale and offset a channel: of groups over the plane, or cell by cell."""
    return CellNorm(channels) if norm == "cell" else nn.GroupNorm(groups_of(channels), channels)


class ResidualBlock(nn.Module):
    """x + conv(silu(scale * norm(conv(silu(norm(x)))) + shift)); the last convolution starts at zero.

    Args:
        inputs: Channels in.
        outputs: Channels out.
        embedding: Width of the embedding that gives scale and shift; 0 for none.
        periodic: Axes along which the plane closes, out of ``y`` and ``x``.
        norm: See normalisation.
    """

    def __init__(
        self, inputs: int, outputs: int, embedding: int = 0, *, periodic: Sequence[str] = (), norm: Norm = "group"
    ) -> None:
        super().__init__()
        self.norm1 = normalisation(norm, inputs)
        self.conv1 = conv(inputs, outputs, periodic=periodic)
        self.modulation = nn.Linear(embedding, 2 * outputs) if embedding else None
        self.norm2 = normalisation(norm, outputs)
        self.conv2 = zeroed(conv(outputs, outputs, periodic=periodic))
        self.shortcut = PointwiseConv2d(inputs, outputs) if inputs != outputs else nn.Identity()

    def forward(self, x: Tensor, embedding: Tensor | None = None) -> Tensor:
        """Map (batch, inputs, y, x) to (batch, outputs, y, x)."""
        h = self.conv1(nn.functional.silu(self.norm1(x)))
        h = self.norm2(h)
        if self.modulation is not None and embedding is not None:
            scale, shift = self.modulation(embedding)[:, :, None, None].chunk(2, dim=1)
            h = h * (1 + scale) + shift
        return self.shortcut(x) + self.conv2(nn.functional.silu(h))


class SelfAttention(nn.Module):
    """Multi-head attention over all cells, residual, zero-initialised; queries and keys are RMS-normalised."""

    def __init__(self, channels: int, head: int = 32) -> None:
        super().__init__()
        self.heads = max(1, channels // head)
        self.norm = nn.GroupNorm(groups_of(channels), channels)
        self.qkv = PointwiseConv2d(channels, 3 * channels)
        self.out = zeroed(PointwiseConv2d(channels, channels))

    def forward(self, x: Tensor) -> Tensor:
        """Map (batch, channels, y, x) to the same shape."""
        batch, channels, ny, nx = x.shape
        qkv = self.qkv(self.norm(x)).reshape(batch, 3, self.heads, channels // self.heads, ny * nx)
        q, k, v = qkv.transpose(-1, -2).unbind(1)
        q, k = (nn.functional.rms_norm(part, (part.shape[-1],)) for part in (q, k))
        mixed = nn.functional.scaled_dot_product_attention(q, k, v)
        return x + self.out(mixed.transpose(-1, -2).reshape(batch, channels, ny, nx))


def zeroed(layer: Layer) -> Layer:
    """Return a layer whose weight and bias start at zero."""
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


def groups_of(channels: int) -> int:
    """Return a number of normalisation groups that divides ``channels``: 8 where possible."""
    return math.gcd(channels, 8)


def down(channels_in: int, channels_out: int, periodic: Sequence[str] = ()) -> nn.Module:
    """Halve the resolution."""
    return conv(channels_in, channels_out, stride=2, periodic=periodic)


def up(channels_in: int, channels_out: int, periodic: Sequence[str] = ()) -> nn.Module:
    """Double the resolution by nearest neighbours and a convolution."""
    return nn.Sequential(nn.Upsample(scale_factor=2.0), conv(channels_in, channels_out, periodic=periodic))
