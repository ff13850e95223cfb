"""Load a model folder, or a shipped model by name, as a chain ready to draw."""

from collections.abc import Sequence
from pathlib import Path

import torch

from halocline.chain.chain import Chain
from halocline.chain.latent import LatentSpace
from halocline.data.grids.grid import Grid
from halocline.runtime.device import Compute, choose_compute
from halocline.runtime.errors import ModelError
from halocline.runtime.model_folder import read_model
from halocline.systems.compose import make_chain, make_denoiser, obeying, restore
from halocline.systems.config import parse_config
from halocline.systems.seaice import make_autoencoder
from halocline.systems.seaice_config import SeaIceGeneratorConfig
from halocline.systems.shipped import model_path
from halocline.systems.surrogate_config import SurrogateConfig
from halocline.systems.trained_weights import fill


def load_model(model: str | Path, compute: Compute | None = None, *, constraints: Sequence[str] | None = None) -> Chain:
    """Load a model.

    Args:
        model: A model folder, or the name of a shipped model.
        compute: Device and precision; chosen automatically if None.
        constraints: Obeyed instead of the recipe's own: none, paper, patterns, contents, stability, sort (ocean
            models).

    Raises:
        ModelError: If the folder is missing, damaged, or holds weights of another shape.
        ConfigError: If there is no such constraint.
    """
    compute = compute or choose_compute()
    path = model_path(model)
    weights, arrays, card = read_model(path)
    config = parse_config(card["config"])
    if isinstance(config, SurrogateConfig):
        raise ModelError(
            f"model {path}",
            found="a surrogate, which steps states forward",
            expected="a generator",
            remedy="Use: halocline forecast, or halocline.load_surrogate.",
        )
    if constraints is not None:
        config = obeying(config, constraints)
    grid = Grid.from_arrays(arrays, card["grid"])
    parts = restore(config, grid, arrays, card)
    latent = None
    if isinstance(config, SeaIceGeneratorConfig) and config.space == "latent":
        autoencoder = make_autoencoder(config, grid)
        fill(autoencoder, weights, "autoencoder.", path)
        autoencoder = autoencoder.eval().to(compute.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        latent = LatentSpace(
            autoencoder, weights["latent.mean"].to(compute.device), weights["latent.std"].to(compute.device)
        )
    denoiser = make_denoiser(config, grid, parts)
    fill(denoiser, weights, "denoiser.", path)
    return make_chain(config, parts, grid, denoiser, latent, compute, card)
