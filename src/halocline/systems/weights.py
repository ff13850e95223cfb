"""Weights of a network: initial ones by key, trained ones from a model folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from halocline.runtime import keyed
from halocline.runtime.errors import ModelError


@dataclass
class keyed_initialisation:
    """Draw initial weights from a generator of their own, leaving PyTorch's global one as it was."""

    seed: int
    purpose: str

    def __enter__(self) -> None:
        self._fork = torch.random.fork_rng(devices=[])
        self._fork.__enter__()
        torch.manual_seed(int(keyed.generator(self.seed, "initial-weights", self.purpose).integers(2**62)))

    def __exit__(self, *exception: object) -> None:
        self._fork.__exit__(None, None, None)


def fill(
    module: nn.Module,
    weights: dict[str, Any],
    prefix: str,
    path: Path,
    *,
    whose: str = "its card",
    expected: str = "the weights of its own recipe",
    remedy: str = "The folder was put together from two models; train or copy it again.",
) -> None:
    """Put the weights whose names begin with ``prefix`` into a module, in the module's own precision.

    Raises:
        ModelError: If names or shapes differ; ``whose``, ``expected`` and ``remedy`` are words of its message.
    """
    state = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
    try:
        module.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise ModelError(
            f"model {path}",
            found=f"weights that do not fit {whose} ({str(error).splitlines()[-1].strip()})",
            expected=expected,
            remedy=remedy,
        ) from error
