"""The exponential moving average of a network's weights."""

import copy

import torch
from torch import Tensor, nn


class Average:
    """Keeps ``module``, a copy whose weights follow the trained ones.

    The decay of step n is min(decay, (1 + n) / (10 + n)), so that a short run does not remember its start.
    """

    def __init__(self, trained: nn.Module, decay: float) -> None:
        self._decay = decay
        self.module = copy.deepcopy(trained).requires_grad_(False)
        self._theirs: list[Tensor] = list(trained.parameters())
        self._ours: list[Tensor] = list(self.module.parameters())

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move the average towards the trained weights after step number ``step``."""
        decay = min(self._decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(self._ours, self._theirs, 1.0 - decay)
