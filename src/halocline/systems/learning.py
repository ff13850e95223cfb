"""What a generator's denoiser learns from: its objective, which noise levels it sees, what counts in the loss."""

from collections.abc import Mapping

import numpy as np
import torch

from halocline.data.codecs.protocol import StateCodec
from halocline.diffusion.objectives.denoising import DenoisingObjective
from halocline.diffusion.paths.base import SCHEDULES
from halocline.diffusion.times import Lognormal, Times, uniform
from halocline.runtime.errors import require_choice
from halocline.systems.sections import DenoiserConfig, GeneratorConfig


def make_objective(part: DenoiserConfig) -> DenoisingObjective:
    """Return what the denoiser is trained on."""
    return DenoisingObjective(part.snr_limit, part.weighting)


def make_times(part: DenoiserConfig) -> Times:
    """Return the training's time density.

    Raises:
        ConfigError: If it is not uniform and the schedule has no inverse.
    """
    if part.times == "uniform":
        return uniform
    times = Lognormal(SCHEDULES[part.schedule](), part.p_mean, part.p_std)
    times(torch.full((1,), 0.5))
    return times


def channel_weights(config: GeneratorConfig, codec: StateCodec) -> dict[str, float]:
    """Return what the recipe says each variable counts in the loss; empty where they all count alike, or ``auto``.

    Raises:
        ConfigError: If a name is no variable of the model.
    """
    weights = config.denoiser.channel_weights
    if weights == "auto":
        return {}
    for name in weights:
        require_choice("variable of denoiser.channel_weights", name, dict.fromkeys(codec.network_variables))
    return weights


def loss_weight(config: GeneratorConfig, codec: StateCodec, weights: Mapping[str, float]) -> np.ndarray | None:
    """Return where and how much the loss counts (channel or 1, y, x); None for the denoiser's mask.

    Args:
        config: The recipe.
        codec: Names the channels, and says where there is water.
        weights: What variables count beside the others' 1.
    """
    if config.space == "latent":
        return None
    wet = config.denoiser.cells == "wet"
    where = codec.loss_mask if wet else np.ones((1, *codec.shape[1:]), np.float32)
    if weights:
        each = [weights.get(name, 1.0) for name in codec.network_variables]
        return where * np.array(each, np.float32)[:, None, None]
    return where if wet and (where != codec.network_mask).any() else None
