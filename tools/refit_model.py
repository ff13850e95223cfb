"""Write a trained model anew with another choice of sampler and constraints, and what these fit to the data.

    python tools/refit_model.py runs/dino-R4 --recipe dino --data DINO.zarr --out runs/dino-R4-60
    python tools/refit_model.py runs/surrogate --recipe arctic-surrogate-100km --data ARCTIC.zarr --out SHIPPED --half

Weights and training figures stay; an ocean generator's codec, conditions, contents and patterns are fitted to the same
training states as they were. Refused if the data or what was trained would be another. The card says what was done.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from halocline.data.store.store import StateStore, open_store
from halocline.runtime.errors import ConfigError, ModelError
from halocline.runtime.model_folder import read_model, write_model
from halocline.systems.config import load_config, parse_config
from halocline.systems.generators import GeneratorSystem
from halocline.systems.protocol import SYSTEMS
from halocline.systems.sections import SystemConfig

FREE = {"condition"}
"""Keys, beside those that change what is drawn, that no weight depends on."""


def main() -> None:
    """Read, compare, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--recipe", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", help="The model's name in its card.")
    parser.add_argument("--half", action="store_true", help="Store weights in float16.")
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    arguments = parser.parse_args()
    weights, _, card = read_model(arguments.model)
    config, store = load_config(arguments.recipe, arguments.overrides), open_store(arguments.data)
    require_same(parse_config(card["config"]), config, arguments.model)
    if store.fingerprint != card["data_fingerprint"]:
        raise ModelError(
            f"model {arguments.model}",
            found=f"training data {card['data_fingerprint']}",
            expected=f"{store.fingerprint}, those of --data",
            remedy="Give its own data.",
        )
    arrays, fitted = fit(config, store)
    words = f"; then tools/refit_model.py --recipe {arguments.recipe}{' --half' if arguments.half else ''}"
    words += "".join(f" --set {text}" for text in arguments.overrides)
    changed = {
        "name": arguments.name or card["name"],
        "config": config.model_dump(mode="json"),
        "command": card["command"] + words,
    } | fitted
    kept = {k: v for k, v in card.items() if k not in ("halocline_model", "files", "card_sha256")}
    if arguments.half:
        weights = {k: v.half() for k, v in weights.items()}
    write_model(arguments.out, weights, store.grid.to_arrays() | arrays, kept | changed)
    log = (arguments.model / "log.jsonl").read_text(encoding="utf-8")
    (arguments.out / "log.jsonl").write_text(log, encoding="utf-8")


def require_same(before: SystemConfig, config: SystemConfig, model: Path) -> None:
    """Raise unless both recipes train the same network in the same way."""
    if type(before) is not type(config):
        raise ConfigError(
            "recipe", found=config.recipe, expected=f"the model's, {before.recipe}", remedy="Train again."
        )
    one, two = (c.model_dump(exclude=FREE | config.drawing) for c in (before, config))
    other = [name for name in one if one[name] != two[name]]
    if other:
        raise ModelError(
            f"model {model}",
            found=f"another {', '.join(other)}",
            expected="those of the recipe",
            remedy="Train this recipe.",
        )


def fit(config: SystemConfig, store: StateStore) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays that the data determine, and what the card says of them."""
    system = SYSTEMS[config.recipe]
    if not isinstance(system, GeneratorSystem):
        return {}, {}
    parts = system.fit(config, store, quiet=True)
    conditions = None if parts.conditions is None else parts.conditions.to_card()
    return system.arrays(parts), {"codec": parts.codec.to_card(), "conditions": conditions}


if __name__ == "__main__":
    main()
