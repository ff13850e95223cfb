"""The almost fair energy score of a few members: the CRPS of whole fields instead of cells."""

import torch
from torch import Tensor

_LEAST = 1e-12
"""Mean squares below count as this: the slope of a root is infinite at 0."""


def almost_fair_energy(members: Tensor, truth: Tensor, weight: Tensor, alpha: float = 0.95) -> Tensor:
    """Return mean_j |y_j - y| - (1 - (1 - alpha) / M) / (2 M (M - 1)) sum_{j != k} |y_j - y_k|, |.| the rms of a field.

    Of a single cell it is the almost fair CRPS. Of a field of many cells the mean squares hardly differ from their
    expectations, |y_j - y|^2 from e^2 + s^2 and |y_j - y_k|^2 from 2 s^2, with e the error of the distribution's mean
    and s its spread. Then the fair score is (e^2 + s^2)^(1/2) - s / 2^(1/2), and its least value is at s = e: it asks
    for the spread that a spread-skill ratio measures, whereas the least CRPS of a distribution with too light tails has
    less spread, because it counts the few cells with large errors by their size and not by its square.

    Source: Gneiting and Raftery 2007, "Strictly proper scoring rules", J. Am. Stat. Assoc. 102, equation 22 (energy
    score); Lang et al. 2024, arXiv 2412.15832 (almost fair). The limit of many cells follows as above.

    Args:
        members: (member, batch, channel, y, x), at least two.
        truth: (batch, channel, y, x).
        weight: (batch, 1 or channel, y, x), 0 where nothing counts.
        alpha: Share of the fair score, 0..1.

    Returns:
        (batch, channel), the unit of the members; 0 where no cell counts.
    """
    m = len(members)
    first, second = torch.triu_indices(m, m, 1)
    error = _rms(members - truth, weight).mean(dim=0)
    apart = _rms(members[first] - members[second], weight).sum(dim=0)
    return (error - (1.0 - (1.0 - alpha) / m) / (m * (m - 1)) * apart) * (weight.sum(dim=(-2, -1)) > 0)


def _rms(x: Tensor, weight: Tensor) -> Tensor:
    """Return the root mean square (member, batch, channel) over the cells that count."""
    square = (x**2 * weight).sum(dim=(-2, -1)) / weight.sum(dim=(-2, -1)).clamp(min=1e-6)
    return square.clamp(min=_LEAST).sqrt()
