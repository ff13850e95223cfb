"""Write a trained generator anew with another choice of sampler and constraints, and what these fit to the data.

    python tools/refit_model.py runs/dino-R4 --recipe dino --data DINO.zarr --out runs/dino-R4-60

Weights and training figures stay; codec, conditions, contents and patterns are fitted to the same training states as
they were. Refused if the data or the network would be another one. The card says that this was done.
"""

import argparse
from pathlib import Path

from halocline.recipes.compose import arrays_of, prepare
from halocline.recipes.config import load_config, parse_config
from halocline.recipes.seaice_config import SeaIceGeneratorConfig
from halocline.recipes.surrogate_config import SurrogateConfig
from halocline.runtime.errors import ConfigError, ModelError
from halocline.runtime.model_folder import read_model, write_model
from halocline.states.store import open_store


def main() -> None:
    """Read, compare, fit, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path)
    parser.add_argument("--recipe", required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--set", action="append", default=[], dest="overrides")
    arguments = parser.parse_args()
    weights, _, card = read_model(arguments.model)
    before, store = parse_config(card["config"]), open_store(arguments.data)
    config = load_config(arguments.recipe, arguments.overrides)
    if isinstance(config, SeaIceGeneratorConfig | SurrogateConfig) or type(before) is not type(config):
        raise ConfigError("recipe", found=config.recipe, expected="an ocean generator, as the model",
                          remedy="Other recipes fit nothing beside the network: train again.")  # fmt: skip
    if before.denoiser != config.denoiser or before.codec != config.codec or before.every != config.every:
        raise ModelError(f"model {arguments.model}", found="another network, codec or choice of states",
                         expected="those of the recipe", remedy="Train this recipe.")  # fmt: skip
    if store.fingerprint != card["data_fingerprint"]:
        raise ModelError(f"model {arguments.model}", found=f"training data {card['data_fingerprint']}",
                         expected=f"{store.fingerprint}, those of --data", remedy="Give its own data.")  # fmt: skip
    parts = prepare(config, store)
    told = None if parts.conditions is None else parts.conditions.to_card()
    words = f"; then tools/refit_model.py --recipe {arguments.recipe}"
    words += "".join(f" --set {text}" for text in arguments.overrides)
    changed = {"config": config.model_dump(mode="json"), "codec": parts.codec.to_card(), "conditions": told,
               "command": card["command"] + words}  # fmt: skip
    kept = {k: v for k, v in card.items() if k not in ("halocline_model", "files", "card_sha256")}
    write_model(arguments.out, weights, store.grid.to_arrays() | arrays_of(config, parts), kept | changed)
    log = (arguments.model / "log.jsonl").read_text(encoding="utf-8")
    (arguments.out / "log.jsonl").write_text(log, encoding="utf-8")


if __name__ == "__main__":
    main()
