"""Model folders: ``model.safetensors`` + ``grid.safetensors`` + ``card.json``. No pickle anywhere.

The card is the model's whole description (recipe, configuration, variables, normalisation, fingerprints, versions) and
holds the sha256 of each file and of itself, so that one flipped bit anywhere is found before use.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from halocline.runtime import files
from halocline.runtime.errors import ModelError

if TYPE_CHECKING:
    import torch

MODEL_VERSION = 1
WEIGHTS, GRID, CARD, LOG = "model.safetensors", "grid.safetensors", "card.json", "log.jsonl"


def write_model(
    path: Path,
    weights: Mapping[str, "torch.Tensor"],
    grid: Mapping[str, np.ndarray],
    card: Mapping[str, Any],
    log: str = "",
) -> None:
    """Write a model folder; it appears whole or not at all.

    Args:
        path: Folder to create; must not exist.
        weights: Named tensors.
        grid: Named static arrays.
        card: JSON-able description.
        log: Records of the training, one JSON object a line; no file if empty.

    Raises:
        OutputError: If ``path`` exists or cannot be written.
    """
    import safetensors.numpy
    import safetensors.torch

    with files.new_folder(Path(path)) as folder:
        contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
        files.write_bytes(folder / WEIGHTS, safetensors.torch.save(contiguous))
        arrays = {name: np.ascontiguousarray(values) for name, values in grid.items()}
        files.write_bytes(folder / GRID, safetensors.numpy.save(arrays))
        if log:
            files.write_text(folder / LOG, log)
        full = {
            "halocline_model": MODEL_VERSION,
            **card,
            "files": {name: files.sha256_of(folder / name) for name in (WEIGHTS, GRID)},
        }
        full["card_sha256"] = _card_hash(full)
        files.write_text(folder / CARD, json.dumps(full, indent=1) + "\n")


def read_card(path: Path) -> dict[str, Any]:
    """Read and check a model's card.

    Raises:
        ModelError: If there is no card, it was changed, or it is of another version.
    """
    path = Path(path)
    file = path / CARD
    if not file.is_file():
        raise ModelError(
            f"model {path}",
            found="no card.json" if path.is_dir() else "no such folder",
            expected="a model folder written by 'halocline train', or the name of a shipped model",
            remedy="Check the path; 'halocline models' lists the models that ship with Halocline.",
        )
    try:
        card: dict[str, Any] = json.loads(file.read_bytes())
        stated = card["card_sha256"]
    except (ValueError, KeyError) as error:
        raise _damaged(file, f"a card that cannot be read ({error})") from error
    if stated != _card_hash(card):
        raise _damaged(file, "a card that does not fit its own checksum")
    if card.get("halocline_model") != MODEL_VERSION:
        raise ModelError(
            f"model {path}",
            found=f"model version {card.get('halocline_model')}",
            expected=f"version {MODEL_VERSION}",
            remedy="Install the version of Halocline named in its card, or train it again.",
        )
    return card


def read_model(path: Path) -> tuple[dict[str, "torch.Tensor"], dict[str, np.ndarray], dict[str, Any]]:
    """Read a model folder after checking every checksum.

    Returns:
        Weights, grid arrays and card.

    Raises:
        ModelError: If a file is missing, truncated or changed.
    """
    import safetensors.numpy
    import safetensors.torch

    path = Path(path)
    card = read_card(path)
    for name, stated in card["files"].items():
        file = path / name
        if not file.is_file():
            raise _damaged(file, "no such file")
        found = files.sha256_of(file)
        if found != stated:
            raise _damaged(file, f"sha256 {found[:12]}… where the card says {stated[:12]}…")
    weights = safetensors.torch.load((path / WEIGHTS).read_bytes())
    grid = safetensors.numpy.load((path / GRID).read_bytes())
    return weights, grid, card


def _card_hash(card: Mapping[str, Any]) -> str:
    bare = {key: value for key, value in card.items() if key != "card_sha256"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()


def _damaged(file: Path, found: str) -> ModelError:
    remedy = "The file is truncated or was changed on disk; copy the model folder again or train it again."
    return ModelError(f"model file {file}", found=found, expected="the file as it was written", remedy=remedy)
