"""The paper's pull of level means to zero, with its growing gain, and its border of zeros.

Both act on normalised, padded states inside the sampler. They are kept to reproduce the paper; contents.py is the
constraint that keeps the spread.

Source: Meunier et al. 2025 (arXiv 2502.02499): x_{s-1} = ... - kappa(s) grad C with C = sum_k (mu_k - mean_ij x)^2,
whose gradient for one cell is taken as the difference of the means.
"""

import math
from collections.abc import Iterable
from typing import Any, TypeVar

ArrayT = TypeVar("ArrayT", bound=Any)
"""A numpy array or a torch tensor."""


def gain(step: float, beta: float) -> float:
    """Return kappa(s) = beta [1 + 40 exp(-20 s / 1000)] at step s = 999 (noise) ... 0 (state).

    The pull is stable while beta * 41 < 2.
    """
    return beta * (1.0 + 40.0 * math.exp(-20.0 * step / 1000.0))


def gradient_zero_mean(states: ArrayT, step: float, beta: float = 1e-3) -> ArrayT:
    """Return x - kappa(s) <x>: each channel's mean over all cells, padding included, shrinks by 1 - kappa(s).

    Args:
        states: (..., channel, y, x), normalised so that every channel's mean is 0.
        step: The step just done, 999 ... 0.
        beta: Strength; the paper's is 1e-3.
    """
    return states - gain(step, beta) * states.mean((-2, -1))[..., None, None]


def border_zero(states: ArrayT, wet: ArrayT) -> ArrayT:
    """Return states with exact zeros on land and padding; ``wet`` is 1 on ocean cells, (channel, y, x) or (y, x)."""
    return states * wet


def remaining_share(beta: float, steps: Iterable[float] = range(1000)) -> float:
    """Return prod_s (1 - kappa(s)): the share of a level mean's offset *and* of its natural spread that survives."""
    return math.prod(1.0 - gain(step, beta) for step in steps)
