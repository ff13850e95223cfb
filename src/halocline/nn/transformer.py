"""A transformer on the cells of a plane of any size, with a mask, a pseudo-time and labels."""

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from halocline.nn.base import NETWORKS, check_options
from halocline.nn.layers import FourierFeatures, zeroed
from halocline.nn.local_attention import LocalAttention


class TimeAndLabels(nn.Module):
    """Embed pseudo-time and labels: silu(MLP(Fourier features of t) + MLP(labels)).

    Args:
        labels: Number of labels.
        features: Width of the output.
    """

    def __init__(self, labels: int, features: int) -> None:
        super().__init__()
        self.time = FourierFeatures(features)
        self.labels = nn.Sequential(nn.Linear(labels, features), nn.SiLU(), nn.Linear(features, features))

    def forward(self, t: Tensor, labels: Tensor) -> Tensor:
        """Map t (batch,) and labels (batch, label) to (batch, features)."""
        return nn.functional.silu(self.time(t) + self.labels(labels))


class LogScale(nn.Module):
    """ln s(t, labels) per variable; 0 at the start.

    Args:
        labels: Number of labels.
        variables: Number of scales.
        features: Width of the embedding.
    """

    def __init__(self, labels: int, variables: int, features: int = 64) -> None:
        super().__init__()
        self.embedding = TimeAndLabels(labels, features)
        self.out = zeroed(nn.Linear(features, variables))

    def forward(self, t: Tensor, labels: Tensor) -> Tensor:
        """Map t (batch,) and labels (batch, label) to (batch, variables)."""
        return self.out(self.embedding(t, labels))


class Modulated(nn.Module):
    """RMS-normalise tokens and scale them by 1 + W c; W starts at zero."""

    def __init__(self, width: int, embedding: int) -> None:
        super().__init__()
        self.width = width
        self.scale = zeroed(nn.Linear(embedding, width, bias=False))

    def forward(self, tokens: Tensor, c: Tensor) -> Tensor:
        """Map tokens (batch, token, width) given c (batch, embedding) to the same shape."""
        return nn.functional.rms_norm(tokens, (self.width,)) * (1.0 + self.scale(c)[:, None])


class Block(nn.Module):
    """Attention, then a gated MLP, each behind a modulated norm, added to the tokens; both start at zero."""

    def __init__(self, width: int, heads: int, hidden: int, embedding: int, reach: tuple[float, float] | None) -> None:
        super().__init__()
        self.norm1, self.norm2 = Modulated(width, embedding), Modulated(width, embedding)
        self.attention = LocalAttention(width, heads, reach)
        self.up = nn.Linear(width, 2 * hidden, bias=False)
        self.down = zeroed(nn.Linear(hidden, width, bias=False))

    def forward(self, tokens: Tensor, position: Tensor, counts: Tensor, c: Tensor) -> Tensor:
        """Map (batch, token, width) to the same shape; tokens that do not count stay 0."""
        keep = counts[..., None]
        tokens = tokens + self.attention(self.norm1(tokens, c), position, counts) * keep
        gate, content = self.up(self.norm2(tokens, c)).chunk(2, dim=-1)
        return tokens + self.down(nn.functional.silu(gate) * content) * keep


class Join(nn.Module):
    """Long skip: lerp(skip, tokens, 1/2 + W c), feature by feature; W starts at zero."""

    def __init__(self, width: int, embedding: int) -> None:
        super().__init__()
        self.gate = zeroed(nn.Linear(embedding, width, bias=False))

    def forward(self, skip: Tensor, tokens: Tensor, c: Tensor) -> Tensor:
        """Join two (batch, token, width)."""
        return torch.lerp(skip, tokens, 0.5 + self.gate(c)[:, None].float())


class Transformer(nn.Module):
    """Patches of cells to tokens, blocks with long skips from the first half to the second, tokens to cells.

    No absolute position goes in, no cell outside the mask gives or takes anything, and no bias could make something
    out of nothing there: the same sea in a larger frame, or elsewhere in it by whole patches, comes out the same. So
    each sample keeps the patches that count, and as many more as the sample of a batch that keeps most: land is cheap.

    Source: Finn et al. 2025, arXiv 2508.14984 (tokeniser, modulation, skips); Peebles & Xie 2023 (DiT).

    Args:
        inputs: Channels in; one more is made of the mask.
        outputs: Channels out.
        labels: Number of labels.
        width: Features of a token.
        blocks: Number of blocks; a third each opens and closes a skip, the rest lies between.
        heads: Attention heads.
        patch: Side of the patches; y and x must be multiples of it.
        hidden: Hidden features of the MLP; twice the width if 0.
        reach: Initial reach of the attention heads in cells; see LocalAttention.
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        labels: int,
        *,
        width: int,
        blocks: int,
        heads: int,
        patch: int = 2,
        hidden: int = 0,
        reach: tuple[float, float] | None = (4.0, 24.0),
    ) -> None:
        super().__init__()
        self.patch, self.skips = patch, min(-(-blocks // 3), (blocks - 1) // 2)
        self.embedding = TimeAndLabels(labels, width)
        self.unshuffle, self.shuffle = nn.PixelUnshuffle(patch), nn.PixelShuffle(patch)
        self.tokenise = nn.Linear((inputs + 1) * patch**2, width, bias=False)
        self.blocks = nn.ModuleList([Block(width, heads, hidden or 2 * width, width, reach) for _ in range(blocks)])
        self.joins = nn.ModuleList([Join(width, width) for _ in range(self.skips + 1)])
        self.norm = Modulated(width, width)
        self.head = zeroed(nn.Linear(width, outputs * patch**2, bias=False))

    def forward(self, x: Tensor, level: Tensor, vector: Tensor, mask: Tensor) -> Tensor:
        """Apply the network.

        Args:
            x: (batch, inputs, y, x).
            level: Pseudo-time (batch,).
            vector: Labels (batch, label).
            mask: (batch, 1, y, x), 1 on cells that count.

        Returns:
            (batch, outputs, y, x), 0 outside the mask.
        """
        rows, columns = (n // self.patch for n in x.shape[-2:])
        c = self.embedding(level, vector)
        cells = self.unshuffle(torch.cat([x * mask, mask], dim=1))
        # Sums over blocks stay in float32 under autocast; matrix products take what autocast gives them.
        tokens = self.tokenise(cells.flatten(2).transpose(1, 2)).float()
        counts = nn.functional.max_pool2d(mask, self.patch).flatten(1)
        kept = _kept(counts)  # (batch or 1, token)
        position = _positions(rows, columns, self.patch, x.device)[kept]
        every = kept.expand(len(tokens), -1)
        tokens, counts = tokens.gather(1, every[..., None].expand(-1, -1, tokens.shape[-1])), counts.gather(1, every)
        opened = [tokens]
        for k, block in enumerate(self.blocks):
            if k >= len(self.blocks) - self.skips:
                tokens = self.joins[len(opened) - 1](opened.pop(), tokens, c)
            tokens = block(tokens, position, counts, c)
            if k < self.skips:
                opened.append(tokens)
        tokens = self.joins[0](opened[0], tokens, c)
        out = self.head(nn.functional.relu(self.norm(tokens, c)))
        empty = out.new_zeros(len(out), rows * columns, out.shape[-1])
        cells = empty.scatter(1, every[..., None].expand_as(out), out)
        return self.shuffle(cells.transpose(1, 2).unflatten(2, (rows, columns))) * mask

    def compile_blocks(self) -> None:
        """Have the blocks compiled at their first call, one program for all of them and for any number of tokens."""
        for block in self.blocks:
            block.compile(dynamic=True)

    def activation_bytes(self, ny: int, nx: int) -> int:
        """Return about how many bytes one sample of y x cells needs while passing, without gradients."""
        tokens, width = (ny // self.patch) * (nx // self.patch), self.head.in_features
        block = self.blocks[0]
        assert isinstance(block, Block)
        return 4 * tokens * ((len(self.joins) + 12) * width + 3 * block.up.out_features)


@NETWORKS.register("transformer")
def build(inputs: int, outputs: int, vector: int, options: Mapping[str, Any]) -> Transformer:
    """Return a transformer; options: width, blocks, heads, patch, hidden, reach."""
    check_options(Transformer, options)
    return Transformer(inputs, outputs, vector, **options)


def _kept(counts: Tensor) -> Tensor:
    """Return the tokens (batch, kept) that each sample keeps, in order; (1, kept) if all keep the same."""
    most = int(counts.sum(dim=1).max())
    kept = torch.argsort(counts[:1] if (counts == counts[:1]).all() else counts, dim=1, descending=True, stable=True)
    return kept[:, :most].sort(dim=1).values


def _positions(rows: int, columns: int, patch: int, device: torch.device) -> Tensor:
    """Return the middles of the patches (token, 2) in cells, from the middle of the frame."""
    y, x = (patch * (torch.arange(n, device=device) - (n - 1) / 2) for n in (rows, columns))
    return torch.stack(torch.meshgrid(y, x, indexing="ij"), dim=-1).flatten(0, 1)
