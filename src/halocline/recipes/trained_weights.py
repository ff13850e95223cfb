"""Weights of a trained model as the place where another training starts."""

from typing import Any

from torch import nn

from halocline.recipes.shipped import model_path
from halocline.runtime.errors import ModelError
from halocline.runtime.model_folder import read_model


def start_from(module: nn.Module, model: str, stage: str, config: dict[str, Any]) -> None:
    """Put the weights of one stage of a trained model into ``module``.

    Args:
        module: What will be trained.
        model: A model folder, or the name of a shipped model.
        stage: Name of the stage in that model.
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
    own = {k.removeprefix(f"{stage}."): v.float() for k, v in weights.items() if k.startswith(f"{stage}.")}
    try:
        module.load_state_dict(own, strict=True)
    except RuntimeError as error:
        raise ModelError(
            f"initial weights from {path}",
            found=f"weights of another shape ({str(error).splitlines()[-1].strip()})",
            expected="those of the recipe's network, state and forcing",
            remedy="Start from a model of the same sizes and variables, or from none (--set initial=).",
        ) from error
