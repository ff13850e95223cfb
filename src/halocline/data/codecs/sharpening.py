"""Sharpening: small scales of smooth fields made as large as those of rough ones, and exactly small again.

Thickness and drift have steep spectra: in the pack their shortest waves hold far less power than those of damage. A
denoiser decides a wave at the noise level of its power, so steep fields need noise levels at which nothing is left to
learn of the others, and what noise remains at the end shows first in them. In sharpened fields all
variables are decided at the same noise levels, and undoing it damps what noise remains.
"""

from functools import cached_property
from typing import Any

import numpy as np

_ITERATIONS = 40  # each halves the error at a strength of 8


class Sharpening:
    """H = (1 + k) I - k S, with S the mean over ocean cells of 3 x 3 cells weighted 1-2-1 along both axes.

    The eigenvalues of S lie in [0, 1] on any mask, those of H in [1, 1 + k]: constants stay, waves of two cells grow by
    1 + k. The inverse is a Chebyshev iteration on that interval (Saad 2003, algorithm 12.1); arrays and tensors pass.

    Args:
        mask: Ocean cells (y, x).
        strength: k; 0 changes nothing.
    """

    def __init__(self, mask: np.ndarray, strength: float) -> None:
        self._mask, self._strength = mask.astype(np.float64), strength

    def apply(self, x: Any, *, transposed: bool = False) -> Any:
        """Return H x, or H^T x, (..., y, x) of values that are 0 on land; so is the result."""
        return x + self._strength * (x - self._smooth(x, transposed)) * _like(self._mask, x)

    def undo(self, y: Any, iterations: int = _ITERATIONS, *, transposed: bool = False) -> Any:
        """Return x with H x = y, or H^T x = y, (..., y, x); 0 on land.

        Args:
            y: Sharpened values.
            iterations: Fewer for less accuracy; each halves the error at a strength of 8.
            transposed: Whether H^T is undone: what gradients need.
        """
        y = y * _like(self._mask, y)
        if not self._strength:
            return y
        centre, radius = 1.0 + self._strength / 2.0, self._strength / 2.0
        x, ratio = y, radius / centre
        rest = y - self.apply(x, transposed=transposed)
        move = rest / centre
        for _ in range(iterations):
            x = x + move
            rest = rest - self.apply(move, transposed=transposed)
            following = 1.0 / (2.0 * centre / radius - ratio)
            move = following * ratio * move + 2.0 * following / radius * rest
            ratio = following
        return x

    @cached_property
    def _inverse_weight(self) -> np.ndarray:
        return 1.0 / np.maximum(_weighted(self._mask), 1e-12)

    def _smooth(self, x: Any, transposed: bool) -> Any:
        share = _like(self._inverse_weight, x)
        return _weighted(x * share) if transposed else _weighted(x) * share


def _weighted(x: Any) -> Any:
    """Return the sum over 3 x 3 cells with weights 1-2-1 along y and x, zeros around the plane."""
    out = 2.0 * x
    out[..., 1:, :] += x[..., :-1, :]
    out[..., :-1, :] += x[..., 1:, :]
    both = 2.0 * out
    both[..., 1:] += out[..., :-1]
    both[..., :-1] += out[..., 1:]
    return both


def _like(array: np.ndarray, x: Any) -> Any:
    """Return an array as ``x`` is: itself, or a tensor on the device of the tensor x."""
    return array if isinstance(x, np.ndarray) else x.new_tensor(array)
