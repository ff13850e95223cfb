"""The almost fair CRPS of a few members, cell by cell and over blocks of cells."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn


def almost_fair_crps(members: Tensor, truth: Tensor, alpha: float = 0.95) -> Tensor:
    """Return mean_j |y_j - y| - (1 - (1 - alpha) / M) / (2 M (M - 1)) sum_{j != k} |y_j - y_k|.

    alpha = 1 is the fair CRPS, whose expectation does not depend on the number of members M; it cannot tell ensembles
    whose members are all at the truth but one, so a little of the usual CRPS (alpha = 0) is left in.

    Source: Lang et al. 2024, "AIFS-CRPS", arXiv 2412.15832; Ferro 2014 (fair).

    Args:
        members: (member, ...), at least two.
        truth: (...).
        alpha: Share of the fair score, 0..1.

    Returns:
        (...), the unit of the members.
    """
    m = len(members)
    error = (members - truth).abs().mean(dim=0)
    apart = (members[:, None] - members[None]).abs().sum(dim=(0, 1))
    return error - (1.0 - (1.0 - alpha) / m) / (2.0 * m * (m - 1)) * apart


def multi_scale_crps(
    members: Tensor,
    truth: Tensor,
    weight: Tensor,
    scales: Sequence[int],
    alpha: float = 0.95,
    whole: Tensor | None = None,
) -> Tensor:
    """Return the weighted mean of the almost fair CRPS of block means, averaged over block sizes, a scalar.

    Args:
        members: (member, batch, channel, y, x).
        truth: (batch, channel, y, x).
        weight: (batch, 1 or channel, y, x), 0 where nothing counts; a block counts with the sum of its weights.
        scales: Sides of the blocks in cells; 1 is the field itself.
        alpha: See almost_fair_crps.
        whole: For a part of a batch, the ``block_counts`` of all of it (scale,).
    """
    counts = block_counts(truth, weight, scales) if whole is None else whole
    total = members.new_zeros(())
    for scale, count in zip(scales, counts, strict=True):
        pooled = _block_mean(weight, scale)
        score = almost_fair_crps(
            torch.stack([_block_mean(member * weight, scale) / pooled.clamp(min=1e-6) for member in members]),
            _block_mean(truth * weight, scale) / pooled.clamp(min=1e-6),
            alpha,
        )
        total = total + (score * pooled).sum() / count
    return total / len(scales)


def block_counts(truth: Tensor, weight: Tensor, scales: Sequence[int]) -> Tensor:
    """Return the sums (scale,) of the weights of all blocks of all channels; arguments as of multi_scale_crps."""
    channels = truth.shape[1] // weight.shape[1]
    return torch.stack([_block_mean(weight, scale).sum() * channels for scale in scales])


def _block_mean(x: Tensor, scale: int) -> Tensor:
    return x if scale == 1 else nn.functional.avg_pool2d(x, scale)
