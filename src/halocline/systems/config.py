"""Configuration: typed, with unknown keys refused and the nearest valid one named.

A preset is a TOML file in ``systems/presets``; ``--set denoiser.width=64`` changes one key of it.
"""

import json
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from halocline.runtime.errors import ConfigError, did_you_mean, require_choice
from halocline.runtime.model_folder import read_card, require_parts
from halocline.systems.base_config import SystemConfig
from halocline.systems.shipped import model_path


def preset_names() -> list[str]:
    """Return the names of the presets that ship with Halocline."""
    folder = resources.files("halocline.systems") / "presets"
    return sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))


def preset_descriptions() -> dict[str, str]:
    """Return what each preset says of itself, by name."""
    folder = resources.files("halocline.systems") / "presets"
    texts = {name: (folder / f"{name}.toml").read_text(encoding="utf-8") for name in preset_names()}
    return {name: str(tomllib.loads(text).get("description", "")) for name, text in texts.items()}


def load_config(
    recipe: str | None, overrides: list[str] | None = None, start_from: str | Path | None = None
) -> SystemConfig:
    """Load a preset by name, or a TOML file by path, and apply ``key.path=value`` overrides.

    Args:
        recipe: The preset or file; None for the recipe of ``start_from`` itself, with short and slow trainings.
        overrides: Keys to change.
        start_from: A model folder or shipped model whose weights the trainings start from.

    Raises:
        ConfigError: If there is no such preset, or a key or value does not fit.
        ModelError: If there is no such model.
    """
    if recipe is not None:
        raw = _read(recipe) | ({} if start_from is None else {"initial": str(start_from)})
    elif start_from is not None:
        card = require_parts(model_path(start_from), read_card(model_path(start_from)))
        raw = parse_config(card["config"]).going_on(str(start_from), card).model_dump(mode="json")
    else:
        raise ConfigError(
            "recipe",
            found="nothing",
            expected="a preset, a TOML file, or a model to start from",
            remedy="Name a preset (halocline train --list), or give --from MODEL.",
        )
    for item in overrides or []:
        _override(raw, item)
    return parse_config(raw)


def _read(recipe: str) -> dict[str, Any]:
    """Return what a preset or a TOML file says."""
    path = Path(recipe)
    if path.suffix == ".toml":
        if not path.is_file():
            raise ConfigError(
                f"recipe {path}",
                found="no such file",
                expected="a TOML file",
                remedy="Check the path, or use a preset: " + ", ".join(preset_names()),
            )
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                f"recipe {path}",
                found=f"a file that cannot be read ({error})",
                expected="a TOML file in UTF-8",
                remedy="Check the path and what the file holds.",
            ) from error
    else:
        require_choice("preset", recipe, preset_names())
        text = (resources.files("halocline.systems") / "presets" / f"{recipe}.toml").read_text(encoding="utf-8")
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise ConfigError(
            f"recipe {recipe}",
            found=f"invalid TOML ({error})",
            expected="valid TOML",
            remedy="Correct the line that the message names.",
        ) from error


def parse_config(raw: dict[str, Any]) -> SystemConfig:
    """Check a configuration.

    Raises:
        ConfigError: If keys or values do not fit: it lists them all, and names the nearest valid key of each.
    """
    from halocline.systems.protocol import SYSTEMS  # systems import torch; a list of presets need not

    if "recipe" not in raw:
        raise ConfigError(
            "configuration key 'recipe'",
            found="nothing",
            expected="a system's name",
            remedy=f"Give one of: {', '.join(SYSTEMS)}.",
        )
    config = SYSTEMS[str(raw["recipe"])].config
    try:
        return config.model_validate(raw)
    except ValidationError as error:
        wrong = [_explained(config, each) for each in error.errors()]
    if len(wrong) == 1:
        raise wrong[0]
    raise ConfigError(
        "configuration",
        found=f"{len(wrong)} keys that do not fit",
        expected="keys and values of the recipe",
        remedy="They are:\n" + "\n".join(f"- {each}" for each in wrong),
    )


def _explained(config: type[BaseModel], error: Mapping[str, Any]) -> ConfigError:
    location = error["loc"]
    where = f"configuration key '{'.'.join(str(part) for part in location)}'"
    if error["type"] == "extra_forbidden":
        remedy = did_you_mean(str(location[-1]), _section(config, location[:-1]).model_fields)
        return ConfigError(where, found="no such key", expected="a key of the recipe", remedy=remedy)
    found = repr(error.get("input")) if error["type"] != "missing" else "nothing"
    return ConfigError(where, found=found, expected=error["msg"], remedy="Correct the value in the recipe or in --set.")


def _section(section: type[BaseModel], location: tuple[int | str, ...]) -> type[BaseModel]:
    for part in location:
        found = section.model_fields[str(part)].annotation
        options = [kind for kind in (found, *get_args(found)) if isinstance(kind, type) and issubclass(kind, BaseModel)]
        section = options[0]
    return section


def _override(raw: dict[str, Any], item: str) -> None:
    key, separator, value = item.partition("=")
    if not separator:
        raise ConfigError(
            f"--set {item}",
            found="no '='",
            expected="key.path=value",
            remedy="Write for example --set denoiser.width=64",
        )
    *path, last = key.strip().split(".")
    section = raw
    for part in path:
        section = section.setdefault(part, {})
        if not isinstance(section, dict):
            raise ConfigError(
                f"--set {item}",
                found=f"'{part}' holds a value",
                expected="a section",
                remedy="Give the full path of one key.",
            )
    try:
        section[last] = json.loads(value)
    except (json.JSONDecodeError, RecursionError):
        section[last] = value
    if not path and section[last] is None:
        _forget(raw.get("sampler"), last)


def _forget(sampler: Any, section: str) -> None:
    """Take what a sampler is told of a section that is no longer there."""
    for key in [key for key in sampler or () if key.startswith(f"{section}_")]:
        del sampler[key]
