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
_PARTS: dict[str, type] = {
    "name": str,
    "recipe": str,
    "command": str,
    "data_fingerprint": str,
    "config": dict,
    "codec": dict,
    "grid": dict,
    "parameters": dict,
    "versions": dict,
}
WEIGHTS, GRID, CARD, LOG = "model.safetensors", "grid.safetensors", "card.json", "log.jsonl"


def write_model(
    path: Path,
    weights: Mapping[str, "torch.Tensor"],
    grid: Mapping[str, np.ndarray],
    card: Mapping[str, Any],
    beside: Mapping[str, bytes] | None = None,
) -> None:
    """Write a model folder; it appears whole or not at all.

    Args:
        path: Folder to create; must not exist.
        weights: Named tensors.
        grid: Named static arrays.
        card: JSON-able description.
        beside: Further files by name, e.g. the log of the training; the card holds their sha256, too.

    Raises:
        OutputError: If ``path`` exists or cannot be written.
    """
    import safetensors.numpy
    import safetensors.torch

    _check_weights(Path(path) / WEIGHTS, weights)
    with files.new_folder(Path(path)) as folder:
        contiguous = {name: tensor.detach().cpu().contiguous() for name, tensor in weights.items()}
        files.write_bytes(folder / WEIGHTS, safetensors.torch.save(contiguous))
        arrays = {name: np.ascontiguousarray(values) for name, values in grid.items()}
        files.write_bytes(folder / GRID, safetensors.numpy.save(arrays))
        for name, data in (beside or {}).items():
            files.write_bytes(folder / name, data)
        full = {
            "halocline_model": MODEL_VERSION,
            **card,
            "files": {name: files.sha256_of(folder / name) for name in (WEIGHTS, GRID, *(beside or {}))},
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
        fits = card["card_sha256"] == _card_hash(card)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _damaged(file, f"a card that cannot be read ({error})") from error
    if not fits:
        raise _damaged(file, "a card that does not fit its own checksum")
    if card.get("halocline_model") != MODEL_VERSION:
        raise ModelError(
            f"model {path}",
            found=f"model version {card.get('halocline_model')}",
            expected=f"version {MODEL_VERSION}",
            remedy="Install the version of Halocline named in its card, or train it again.",
        )
    named: Any = card.get("files")
    fits = isinstance(named, dict) and {WEIGHTS, GRID} <= set(named)
    if not fits or not all(Path(name).name == name and isinstance(named[name], str) for name in named):
        raise _unknown(file, f"files {named!r}"[:80], f"the sha256 of {WEIGHTS} and {GRID}, and of files beside them")
    return card


def require_parts(path: Path, card: dict[str, Any]) -> dict[str, Any]:
    """Return the card of a model that a system trained.

    Raises:
        ModelError: If it lacks a part that every such model has.
    """
    wrong = [f"{key} {card.get(key)!r}"[:80] for key, kind in _PARTS.items() if not isinstance(card.get(key), kind)]
    if wrong:
        raise _unknown(Path(path) / CARD, wrong[0], ", ".join(_PARTS))
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
    read: dict[str, bytes] = {}
    for name, stated in card["files"].items():
        try:
            data = (path / name).read_bytes()
        except OSError as error:
            raise _damaged(path / name, f"a file that cannot be read ({error.strerror})") from error
        if (found := hashlib.sha256(data).hexdigest()) != stated:
            raise _damaged(path / name, f"sha256 {found[:12]}… where the card says {stated[:12]}…")
        if name in (WEIGHTS, GRID):
            read[name] = data
    try:
        weights = safetensors.torch.load(read[WEIGHTS])
        grid = safetensors.numpy.load(read.pop(GRID))
    except Exception as error:  # the library's errors have no class in common
        raise _damaged(path, f"weights or a grid that are no safetensors ({error})") from error
    if not _finite_float32(read[WEIGHTS], weights):
        _check_weights(path / WEIGHTS, weights)
    return weights, grid, card


def _check_weights(file: Path, weights: Mapping[str, "torch.Tensor"]) -> None:
    """Raise ModelError unless all weights are finite numbers of a floating type."""
    if _all_finite(list(weights.values())):
        return
    for name, values in weights.items():
        if not values.is_floating_point() or not bool(values.isfinite().all()):
            kind = "NaN or infinity" if values.is_floating_point() else str(values.dtype).removeprefix("torch.")
            raise ModelError(
                f"weights '{name}' of {file}",
                found=kind,
                expected="finite numbers of a floating type",
                remedy="The training that made them has failed; train it again.",
            )


def _all_finite(tensors: "list[torch.Tensor]") -> bool:
    """Tell whether the sums of floating tensors are finite, as they are not where a value is NaN or infinite.

    False leaves it open: a sum can overflow.
    """
    import torch

    if not tensors or not all(values.is_floating_point() for values in tensors):
        return False
    return bool(torch.stack([values.sum(dtype=torch.float32) for values in tensors]).isfinite().all())


def _finite_float32(content: bytes, weights: Mapping[str, "torch.Tensor"]) -> bool:
    """Tell whether all weights that a safetensors file holds are finite float32, by one look at all of its numbers.

    False leaves it open: they can be of another type. For many small tensors it takes a fifth of a look at each.
    """
    import torch

    if any(values.dtype != torch.float32 for values in weights.values()):
        return False
    begin = 8 + int.from_bytes(content[:8], "little")  # behind the header and its length; there are no gaps
    return bool(np.isfinite(np.frombuffer(content, "<f4", offset=begin)).all())


def _card_hash(card: Mapping[str, Any]) -> str:
    bare = {key: value for key, value in card.items() if key != "card_sha256"}
    return hashlib.sha256(json.dumps(bare, sort_keys=True).encode()).hexdigest()


def unlisted(path: Path, card: Mapping[str, Any]) -> list[str]:
    """Return the files of a model folder of which its card holds no checksum."""
    return sorted(file.name for file in Path(path).iterdir() if file.name not in (*card["files"], CARD))


def _unknown(file: Path, found: str, expected: str) -> ModelError:
    remedy = "This is no card that Halocline wrote; use a model of which you know the origin."
    return ModelError(f"model file {file}", found=found, expected=expected, remedy=remedy)


def _damaged(file: Path, found: str) -> ModelError:
    remedy = "The file is truncated or was changed on disk; copy the model folder again or train it again."
    return ModelError(f"model file {file}", found=found, expected="the file as it was written", remedy=remedy)
