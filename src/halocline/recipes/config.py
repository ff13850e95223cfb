"""Configuration: typed, with unknown keys refused and the nearest valid one named.

A preset is a TOML file in ``recipes/presets``; ``--set denoiser.width=64`` changes one key of it.
"""

import json
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from halocline.runtime.errors import ConfigError, did_you_mean
from halocline.train.settings import TrainingSettings


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AutoencoderConfig(_Section):
    """The autoencoder and its training.

    Attributes:
        likelihood: ``gaussian`` or ``censored`` (bounds as atoms).
        latent: Latent channels.
        width: Channels at the finest level.
        levels: Halvings after the patches; the latent is smaller by patch * 2**levels a side.
        blocks: Residual blocks a level.
        patch: Side of the patches.
        beta: Weight of the KL.
        training: How long and how fast.
    """

    likelihood: Literal["gaussian", "censored"] = "censored"
    latent: int = Field(default=8, gt=0)
    width: int = Field(default=32, gt=0)
    levels: int = Field(default=1, ge=0, le=4)
    blocks: int = Field(default=1, gt=0)
    patch: int = Field(default=2, gt=0)
    beta: float = Field(default=1e-3, ge=0)
    training: TrainingSettings


class DenoiserConfig(_Section):
    """The denoiser's network, its objective and its training.

    Attributes:
        width: Channels at the finest level.
        multipliers: Channels of each level as multiples of width.
        blocks: Residual blocks a level.
        patch: Side of the patches.
        attention: Self-attention at the coarsest level.
        prediction: What the network predicts.
        schedule: Noise schedule.
        snr_limit: Cap of the loss weight, see diffusion/objectives.py.
        training: How long and how fast.
    """

    width: int = Field(default=32, gt=0)
    multipliers: tuple[int, ...] = (1, 2, 4)
    blocks: int = Field(default=2, gt=0)
    patch: int = Field(default=2, gt=0)
    attention: bool = True
    prediction: Literal["x", "eps", "v", "karras"] = "x"
    schedule: Literal["cosine", "karras"] = "cosine"
    snr_limit: float = Field(default=25.0, gt=0)
    training: TrainingSettings


class SamplerConfig(_Section):
    """How states are drawn.

    Attributes:
        solver: Name of the solver.
        steps: Solver steps.
        sic_minimum: Concentrations below count as open water.
    """

    solver: Literal["ddpm", "ddim", "heun", "multistep"] = "heun"
    steps: int = Field(default=20, gt=0)
    sic_minimum: float = Field(default=0.0, ge=0, lt=1)


class SeaIceGeneratorConfig(_Section):
    """Recipe 1, the sea-ice generator of Finn et al. 2024.

    Attributes:
        recipe: The recipe's name.
        description: One sentence for people.
        variables: What is drawn.
        space: ``latent`` (of the autoencoder) or ``data``.
        bounds: ``clip`` or ``lift`` (data space; see states/lift.py).
        every: Train on every n-th stored time.
        seed: Seed of initial weights, batches and noise.
        autoencoder: Used if space is latent.
        denoiser: The diffusion model.
        sampler: The defaults of ``generate``.
    """

    recipe: Literal["seaice-generator"]
    description: str = ""
    variables: tuple[str, ...] = ("sit", "sic", "sid", "siu", "siv")
    space: Literal["latent", "data"] = "latent"
    bounds: Literal["clip", "lift"] = "clip"
    every: int = Field(default=1, gt=0)
    seed: int = 0
    autoencoder: AutoencoderConfig
    denoiser: DenoiserConfig
    sampler: SamplerConfig = SamplerConfig()


def preset_names() -> list[str]:
    """Return the names of the presets that ship with Halocline."""
    folder = resources.files("halocline.recipes") / "presets"
    return sorted(f.name.removesuffix(".toml") for f in folder.iterdir() if f.name.endswith(".toml"))


def load_config(recipe: str, overrides: list[str] | None = None) -> SeaIceGeneratorConfig:
    """Load a preset by name, or a TOML file by path, and apply ``key.path=value`` overrides.

    Raises:
        ConfigError: If there is no such preset, or a key or value does not fit.
    """
    path = Path(recipe)
    if path.suffix == ".toml":
        if not path.is_file():
            raise ConfigError(f"recipe {path}", found="no such file", expected="a TOML file",
                              remedy="Check the path, or use a preset: " + ", ".join(preset_names()))  # fmt: skip
        text = path.read_text(encoding="utf-8")
    elif recipe in preset_names():
        text = (resources.files("halocline.recipes") / "presets" / f"{recipe}.toml").read_text(encoding="utf-8")
    else:
        raise ConfigError(f"recipe '{recipe}'", found="no such preset", expected="a preset's name or a .toml file",
                          remedy=did_you_mean(recipe, preset_names()))  # fmt: skip
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"recipe {recipe}", found=f"invalid TOML ({error})", expected="valid TOML",
                          remedy="Mend the line that the message names.") from error  # fmt: skip
    for item in overrides or []:
        _override(raw, item)
    return parse_config(raw)


def parse_config(raw: dict[str, Any]) -> SeaIceGeneratorConfig:
    """Check a configuration.

    Raises:
        ConfigError: For the first key or value that does not fit; names the nearest valid key.
    """
    try:
        return SeaIceGeneratorConfig.model_validate(raw)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            section = _section(first["loc"][:-1])
            raise ConfigError(
                f"configuration key '{where}'",
                found="no such key",
                expected="a key of the recipe",
                remedy=did_you_mean(str(first["loc"][-1]), section.model_fields),
            ) from None
        raise ConfigError(
            f"configuration key '{where}'",
            found=repr(first.get("input")) if first["type"] != "missing" else "nothing",
            expected=first["msg"],
            remedy="Correct the value in the recipe or in --set.",
        ) from None


def _section(location: tuple[int | str, ...]) -> type[BaseModel]:
    section: type[BaseModel] = SeaIceGeneratorConfig
    for part in location:
        annotation = section.model_fields[str(part)].annotation
        assert isinstance(annotation, type)
        section = annotation
    return section


def _override(raw: dict[str, Any], item: str) -> None:
    key, separator, value = item.partition("=")
    if not separator:
        raise ConfigError(f"--set {item}", found="no '='", expected="key.path=value",
                          remedy="Write for example --set denoiser.width=64")  # fmt: skip
    *path, last = key.strip().split(".")
    section = raw
    for part in path:
        section = section.setdefault(part, {})
        if not isinstance(section, dict):
            raise ConfigError(f"--set {item}", found=f"'{part}' holds a value", expected="a section",
                              remedy="Give the full path of one key.")  # fmt: skip
    try:
        section[last] = json.loads(value)
    except json.JSONDecodeError:
        section[last] = value
