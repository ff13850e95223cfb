"""What a generator's denoiser learns from: its objective, which noise levels it sees, what counts in the loss."""

import numpy as np
import torch

from halocline.data.codecs.protocol import StateCodec
from halocline.data.fields.variables import channel_variable
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


def loss_weight(config: GeneratorConfig, codec: StateCodec) -> np.ndarray | None:
    """Return where and how much the loss counts (channel or 1, y, x); None for the denoiser's mask.

    Raises:
        ConfigError: If a weight's name is no variable of the model.
    """
    if config.space == "latent":
        return None
    wet = config.denoiser.cells == "wet"
    where = codec.loss_mask if wet else np.ones((1, *codec.shape[1:]), np.float32)
    if weights := config.denoiser.channel_weights:
        names = [channel_variable(channel)[0].name for channel in codec.channels]
        for name in weights:
            require_choice("variable of denoiser.channel_weights", name, dict.fromkeys(names))
        return where * np.array([weights.get(name, 1.0) for name in names], np.float32)[:, None, None]
    return where if wet and (where != codec.network_mask).any() else None
