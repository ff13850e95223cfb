"""The trained model that a training starts from: does it fit recipe and store, its weights, what a card says of it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import nn

from halocline.data.grids.grid import Grid
from halocline.data.store.store import StateStore
from halocline.runtime import keyed
from halocline.runtime.errors import InputError, ModelError
from halocline.runtime.model_folder import read_model, require_parts
from halocline.systems.base_config import SystemConfig
from halocline.systems.config import parse_config
from halocline.systems.shipped import model_path
from halocline.systems.weights import fill


@dataclass(frozen=True, eq=False)
class Initial:
    """A model whose weights a training takes over; statistics of the data are fitted anew.

    Attributes:
        named: Its folder or name, as the recipe gives it.
        path: Its folder.
        weights: Tensors by name, each with its stage's name before the first dot; without a third stage of another
            network than the recipe's, beside stages that are kept.
        card: Its card.
        arrays: Grid and fitted parts.
        grid: The grid it was trained on.
    """

    named: str
    path: Path
    weights: dict[str, Any]
    card: dict[str, Any]
    arrays: dict[str, Any]
    grid: Grid

    @classmethod
    def of(cls, config: SystemConfig) -> "Initial | None":
        """Return the model that a recipe names as ``initial``; None if it names none.

        Raises:
            ModelError: If it is missing or damaged, of another system or network, or its output is read otherwise.
        """
        named = str(getattr(config, "initial", ""))
        if not named:
            return None
        path = model_path(named)
        weights, arrays, card = read_model(path)
        require_parts(path, card)
        if card["recipe"] != config.recipe:
            raise _unlike(path, f"a model of the recipe '{card['recipe']}'", f"'{config.recipe}'")
        before, kept = parse_config(card["config"]).reading(), getattr(config, "keep", ())
        for name, value in config.reading().items():
            if before.get(name) == value:
                continue
            if name == "detail" and (before.get(name) is None or (kept and name not in kept)):
                weights = {key: tensor for key, tensor in weights.items() if not key.startswith(f"{name}.")}
                continue
            raise _unlike(path, f"{name} = {before.get(name)}", f"{name} = {value}, as in the recipe")
        return cls(named, path, weights, card, arrays, Grid.from_arrays(arrays, card["grid"]))

    @property
    def sha256(self) -> str:
        """Checksum of its weights."""
        return str(self.card["files"]["model.safetensors"])

    def check(self, store: StateStore) -> list[str]:
        """Return in words what a training on ``store`` leaves out or finds otherwise than in the model's own data.

        Raises:
            InputError: If the store lacks a variable or a forcing parameter of the model.
        """
        codec, conditions = self.card["codec"], self.card.get("conditions") or {}
        needed = [*codec["variables"], *codec.get("forcing", ())]
        parameters = list(conditions.get("parameters", ()))
        for kind, wanted, there in (
            ("variables", needed, store.channels),
            ("parameters of the members", parameters, tuple(store.parameters)),
        ):
            missing = [name for name in wanted if name not in there]
            if missing:
                raise InputError(
                    f"{kind} in {store.path}",
                    found=f"no {', '.join(missing)} (but {', '.join(there) or 'none'})",
                    expected=f"all of the model {self.named}: {', '.join(wanted)}",
                    remedy="Add what is missing to the store, or train a recipe of your own variables from scratch.",
                )
        notes = []
        extra = [name for name in store.channels if name not in needed]
        if extra:
            notes.append(f"left out, the model {self.named} does not know them: {', '.join(extra)}")
        if not self.grid.is_same_as(store.grid.fingerprint()):
            notes.append(f"another grid than the model's: {_size(store.grid)} for {_size(self.grid)}")
        return notes

    def has(self, stage: str) -> bool:
        """Return whether it has weights of a stage."""
        return any(name.startswith(f"{stage}.") for name in self.weights)

    def fill(self, module: nn.Module, stage: str) -> None:
        """Put the weights of a stage into the module that will be trained.

        Raises:
            ModelError: If names or shapes differ.
        """
        fill(
            module,
            self.weights,
            f"{stage}.",
            self.path,
            whose="the recipe",
            expected="initial weights of the recipe's network, state, levels and forcing",
            remedy="Start from a model of the same sizes and variables, or from none (--set initial=).",
        )

    def seed(self, seed: int) -> int:
        """Return another seed: patches, order and noise are not those that these weights have seen."""
        return keyed.derived(seed, "initial", self.sha256)

    def to_card(self) -> dict[str, str]:
        """Return what the new model's card says of it."""
        return {"model": self.named, "name": str(self.card.get("name", "")), "sha256": self.sha256}


def _size(grid: Grid) -> str:
    ny, nx = grid.shape
    return f"{ny} x {nx} cells, {int(grid.mask.sum())} of them wet"


def _unlike(path: Path, found: str, expected: str) -> ModelError:
    return ModelError(
        f"initial weights from {path}",
        found=found,
        expected=expected,
        remedy="Set it as in that model, start from another one, or from none (--set initial=).",
    )
