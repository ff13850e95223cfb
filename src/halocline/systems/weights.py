"""Weights of a network: initial ones by key, trained ones from a model folder."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from halocline.runtime import keyed
from halocline.runtime.errors import ModelError
from halocline.runtime.model_folder import read_model
from halocline.systems.shipped import model_path


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


def start_from(module: nn.Module, model: str, prefix: str, config: dict[str, Any]) -> str:
    """Put a trained model's weights into a module that will be trained; return the fingerprint of that model.

    Args:
        module: What will be trained.
        model: A model folder, or the name of a shipped model.
        prefix: Beginning of the weights' names in that model.
        config: Parts of its recipe that must be the same, by name: they decide what a weight means.

    Raises:
        ModelError: If the model is missing or damaged, or has another network or another reading of its output.
    """
    path = model_path(model)
    weights, _, card = read_model(path)
    for name, value in config.items():
        if card["config"].get(name) != value:
            raise ModelError(
                f"initial weights from {path}",
                found=f"{name} = {card['config'].get(name)}",
                expected=f"{name} = {value}, as in the recipe",
                remedy=f"Set {name} as in that model, start from another one, or from none (--set initial=).",
            )
    fill(
        module,
        weights,
        prefix,
        path,
        whose="the recipe",
        expected="initial weights of the recipe's network, state and forcing",
        remedy="Start from a model of the same sizes and variables, or from none (--set initial=).",
    )
    return str(card["files"]["model.safetensors"])
