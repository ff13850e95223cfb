"""The exponential moving average of a network's weights, and what any average is to the training loop."""

import copy
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import torch
from torch import Tensor, nn


class Judge(Protocol):
    """What tells how good a network is: the task that is trained."""

    def validate(self, module: nn.Module) -> dict[str, float]:
        """Return named validation figures."""

    def error(self, figures: dict[str, float]) -> float:
        """Return what of them networks are compared by; smaller is better."""


class Averaging(Protocol):
    """Averages of the weights that a training makes as it goes.

    Attributes:
        modules: The averaged networks, by the prefix of their weights in a checkpoint.
        module: The one that validation sees.
    """

    modules: Mapping[str, nn.Module]
    module: nn.Module

    def update(self, step: int) -> None:
        """Take in the trained weights after step number ``step``."""

    def keep(self, folder: Path, done: int) -> None:
        """Write what ``chosen`` needs after ``done`` steps, before any checkpoint of that step."""

    def chosen(self, folder: Path, judge: Judge) -> tuple[nn.Module, dict[str, float]]:
        """Return the averaged network of a training that is done, and its validation figures."""


class Average:
    """Keeps ``module``, a copy whose weights follow the trained ones.

    The decay of step n is min(decay, (1 + n) / (10 + n)), so that a short run does not remember its start.
    """

    def __init__(self, trained: nn.Module, decay: float) -> None:
        self._decay = decay
        self.module: nn.Module = copy.deepcopy(trained).requires_grad_(False)
        self.modules: Mapping[str, nn.Module] = {"average": self.module}
        self._theirs: list[Tensor] = list(trained.parameters())
        self._ours: list[Tensor] = list(self.module.parameters())

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Move the average towards the trained weights after step number ``step``."""
        decay = min(self._decay, (1 + step) / (10 + step))
        torch._foreach_lerp_(self._ours, self._theirs, 1.0 - decay)

    def keep(self, folder: Path, done: int) -> None:
        """Write nothing: there is one average."""

    def chosen(self, folder: Path, judge: Judge) -> tuple[nn.Module, dict[str, float]]:
        """Return the average and its validation figures."""
        return self.module, judge.validate(self.module)
