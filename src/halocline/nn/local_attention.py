"""Self-attention that knows distances: rotary positions with learned frequencies, a learned reach per head, a mask."""

import math

import torch
from torch import Tensor, nn

from halocline.nn.layers import zeroed

_PLACE = 4  # numbers of a head that carry reach and mask instead of content; four keep the head even
_EXCLUDED = -1e4  # log-weight of a token that does not count; exp of it is exactly 0


class LocalAttention(nn.Module):
    """Multi-head attention over tokens in a plane; what it does depends on their relative positions only.

    The log-weight of token j for token i in head h is

        g_h q_i . k_j / sqrt(d) - |x_i - x_j|^2 / (2 R_h^2) + (0 where j counts, -10^4 elsewhere)

    with RMS-normalised queries and keys turned by rotary angles w . x of learned frequencies w, a learned gain g_h and
    a learned reach R_h: the head's localisation. As |x_i|^2 is the same for all j, reach and mask are three more
    numbers of each key, (x_j / R^2, y_j / R^2, mask - |x_j|^2 / 2R^2) against (x_i, y_i, 1) of the query, so
    that fused kernels need no matrix of token pairs. Computed in float32: the squares do not survive bfloat16.

    Source: Su et al. 2021, RoFormer (rotary); Heo et al. 2024 (learned frequencies in two dimensions);
    Finn et al. 2025, arXiv 2508.14984 (learned localisation). The reach is ours.

    Args:
        width: Features of a token.
        heads: Number of heads; ``width / heads`` a multiple of 4, at least 8.
        reach: Initial reach of the heads in cells, spread evenly in the logarithm from first to last; None for
            attention over any distance, which leaves localisation to the rotary frequencies.
    """

    def __init__(self, width: int, heads: int, reach: tuple[float, float] | None) -> None:
        super().__init__()
        self.heads, self.head = heads, width // heads
        self.content = self.head - _PLACE
        self.query_key = nn.Linear(width, 2 * heads * self.content, bias=False)
        self.value = nn.Linear(width, width, bias=False)
        self.out = zeroed(nn.Linear(width, width, bias=False))
        self.gain = nn.Parameter(torch.ones(heads))
        magnitude = 10.0 ** -torch.linspace(0.0, 1.0, self.content // 2)
        turn = 2 * math.pi * torch.rand(heads, 1) + math.pi / 2 * torch.arange(self.content // 2)
        self.frequency = nn.Parameter(torch.stack([magnitude * turn.cos(), magnitude * turn.sin()]))
        self.log_reach = None
        if reach is not None:
            ends = torch.tensor(reach).log()
            self.log_reach = nn.Parameter(torch.linspace(float(ends[0]), float(ends[1]), heads))

    def forward(self, tokens: Tensor, position: Tensor, counts: Tensor) -> Tensor:
        """Map tokens to what they gather (batch, token, width).

        Args:
            tokens: (batch, token, width).
            position: (batch or 1, token, 2), in cells; any origin, near the middle for precision.
            counts: (batch, token), 1 where a token counts.
        """
        batch, n, width = tokens.shape
        qk = self.query_key(tokens).view(batch, n, 2, self.heads, self.content).permute(2, 0, 3, 1, 4)
        value = self.value(tokens).view(batch, n, self.heads, self.head).transpose(1, 2)
        with torch.autocast(tokens.device.type, enabled=False):
            query, key = nn.functional.rms_norm(qk.float(), (self.content,)).unbind(0)
            angle = torch.einsum("bnc,chf->bhnf", position, self.frequency)
            query = _turned(query, angle) * (self.gain / math.sqrt(self.content))[:, None, None]
            key = _turned(key, angle)
            q_place, k_place = self._place(position, counts)
            mixed = nn.functional.scaled_dot_product_attention(
                torch.cat([query, q_place.expand(batch, self.heads, n, _PLACE)], dim=-1),
                torch.cat([key, k_place.expand(batch, self.heads, n, _PLACE)], dim=-1),
                value.float(),
                scale=1.0,
            )
        return self.out(mixed.transpose(1, 2).reshape(batch, n, width))

    def _place(self, position: Tensor, counts: Tensor) -> tuple[Tensor, Tensor]:
        excluded = _EXCLUDED * (1.0 - counts.float())[:, None, :, None]  # (batch, 1, token, 1)
        zero, one = torch.zeros_like(position[..., :1]), torch.ones_like(position[..., :1])
        query = torch.cat([position, one, zero], dim=-1)[:, None]
        if self.log_reach is None:
            return query, torch.cat([torch.zeros_like(excluded).expand(-1, -1, -1, 2), excluded, 0 * excluded], dim=-1)
        inverse = torch.exp(-2.0 * self.log_reach)[None, :, None, None]
        plane = position[:, None] * inverse  # (batch or 1, head, token, 2)
        far = -0.5 * (position**2).sum(dim=-1)[:, None, :, None] * inverse
        last = excluded + far
        return query, torch.cat([plane.expand(len(counts), -1, -1, -1), last, 0 * last], dim=-1)


def _turned(x: Tensor, angle: Tensor) -> Tensor:
    """Turn pairs of numbers (batch, head, token, 2 f) by angles (batch or 1, head, token, f)."""
    a, b = x.chunk(2, dim=-1)
    cos, sin = angle.cos(), angle.sin()
    return torch.cat([a * cos - b * sin, a * sin + b * cos], dim=-1)
