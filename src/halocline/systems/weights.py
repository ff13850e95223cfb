"""Weights of a network: initial ones by key, trained ones from a model folder."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn

from halocline.runtime import keyed
from halocline.runtime.errors import ModelError
from halocline.runtime.limits import require_memory

Network = TypeVar("Network", bound=nn.Module)
_LARGE = 10_000_000
_COPIES = 5
_SMALLER = "Make it smaller: width, multipliers, blocks."


@dataclass
class keyed_initialisation:
    """Draw initial weights from a generator of their own, leaving PyTorch's global one as it was."""

    seed: int
    purpose: str

    def __enter__(self) -> None:
        self._fork = torch.random.fork_rng(devices=[])
        self._fork.__enter__()
        torch.default_generator.manual_seed(
            int(keyed.generator(self.seed, "initial-weights", self.purpose).integers(2**62))
        )

    def __exit__(self, *exception: object) -> None:
        self._fork.__exit__(None, None, None)


def built(purpose: str, seed: int, size: float, build: Callable[[], Network]) -> Network:
    """Return a freshly initialised network, keyed by (seed, purpose), if it fits in memory.

    Args:
        purpose: The stage.
        seed: Of the initial weights.
        size: Number of its weights, roughly; of a small one nobody asks.
        build: Makes it.

    Raises:
        ConfigError: If its weights alone are larger than the memory of this machine.
    """
    if size > _LARGE:
        with torch.device("meta"):
            weights = sum(value.numel() for value in build().parameters())
        require_memory(f"weights of the {purpose}", 4 * weights, _SMALLER)
    with keyed_initialisation(seed, purpose):
        return build()


def require_room_to_train(stage: str, module: nn.Module) -> None:
    """Raise ConfigError unless weights, their average, gradients and the optimiser's moments fit in memory."""
    weights = sum(value.numel() for value in module.parameters())
    require_memory(f"training of the {stage}", _COPIES * 4 * weights, _SMALLER)


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
