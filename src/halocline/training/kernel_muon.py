"""Muon for the kernels of convolutions: each moves by the nearest orthogonal matrix to its momentum."""

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim import Optimizer

_NEWTON_SCHULZ = (3.4445, -4.7750, 2.0315)
_ITERATIONS = 5
_SIZE = 0.4  # rms of an update over the rate; twice that of Muon's matrices


class KernelMuon(Optimizer):
    """Muon with a kernel (out, in, y, x) taken as the matrix (out, in y x).

    Source: Jordan et al. 2024 (Muon; Nesterov momentum and the coefficients of the quintic iteration).

    Args:
        kernels: Parameters of two or more dimensions.
        lr: Learning rate.
        weight_decay: Decoupled decay.
        momentum: Of the gradient.
    """

    def __init__(
        self, kernels: Iterable[nn.Parameter], lr: float, weight_decay: float = 0.0, momentum: float = 0.95
    ) -> None:
        super().__init__(list(kernels), {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Move every kernel that has a gradient."""
        for group in self.param_groups:
            for kernel in (k for k in group["params"] if k.grad is not None):
                self._move(kernel, group)

    def _move(self, kernel: Tensor, group: dict[str, Any]) -> None:
        state = self.state[kernel]
        momentum = state.setdefault("momentum_buffer", torch.zeros_like(kernel))
        momentum.lerp_(kernel.grad, 1.0 - group["momentum"])  # type: ignore[arg-type]
        update = orthogonal(kernel.grad.lerp(momentum, group["momentum"]).flatten(1).float())  # type: ignore[union-attr]
        kernel.mul_(1.0 - group["lr"] * group["weight_decay"])
        kernel.add_(update.reshape(kernel.shape), alpha=-group["lr"] * _SIZE * max(update.shape) ** 0.5)


def orthogonal(matrix: Tensor) -> Tensor:
    """Return the matrix (out, in) with singular values about 1, by five quintic Newton-Schulz iterations.

    x <- (a + b G + c G^2) x with G = x x^T. The iterations work on the small G alone, and x is multiplied once.
    """
    wide = matrix.T if matrix.shape[0] > matrix.shape[1] else matrix
    wide = wide / (wide.norm() + 1e-7)
    square, product = wide @ wide.T, torch.eye(len(wide), dtype=wide.dtype, device=wide.device)
    a, b, c = _NEWTON_SCHULZ
    for _ in range(_ITERATIONS):
        factor = b * square + c * square @ square
        factor.diagonal().add_(a)
        product, square = factor @ product, factor @ square @ factor
    x = product @ wide
    return x.T if matrix.shape[0] > matrix.shape[1] else x
