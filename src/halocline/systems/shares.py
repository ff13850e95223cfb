"""Whether the batches of a recipe can be shared out: over processes, and in each over passes."""

from typing import Any

from halocline.runtime.errors import ConfigError
from halocline.systems.base_config import Section, SystemConfig
from halocline.training.settings import TrainingSettings


def require_equal_shares(config: SystemConfig, processes: int, accumulate: int) -> None:
    """Raise ConfigError unless every training's batch has equal parts for all processes and their passes.

    Args:
        config: The recipe.
        processes: How many train together.
        accumulate: In how many passes each of them works through its share.
    """
    parts = processes * accumulate
    for key, samples in _batches(config).items():
        if samples % parts:
            sizes = [parts * (samples // parts + more) for more in (0, 1) if samples // parts + more]
            raise ConfigError(
                key,
                found=f"{samples} samples a step for {processes} processes x {accumulate} passes",
                expected=f"a multiple of {parts}",
                remedy="Start another number of processes or change --accumulate; or train with another batch: "
                f"--set {key}={' or '.join(map(str, sizes))}.",
            )


def _batches(section: Any) -> dict[str, int]:
    """Return how many samples a step has, by key; of a training that counts squares, how many fields they are cut from.

    An autoencoder that a recipe in data space does not use is left out.
    """
    found: dict[str, int] = {}
    for name in type(section).model_fields:
        value = getattr(section, name)
        if isinstance(value, TrainingSettings):
            found[f"{name}.batch"] = value.batch // getattr(section, "crops", 1)
        elif isinstance(value, Section) and (name != "autoencoder" or section.space == "latent"):  # type: ignore[attr-defined]
            found |= {f"{name}.{key}": samples for key, samples in _batches(value).items()}
    return found
