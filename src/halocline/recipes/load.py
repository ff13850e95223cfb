"""Load a model folder, or a shipped model by name, as a chain ready to draw."""

from pathlib import Path
from typing import Any

import torch

from halocline.generate.chain import Chain
from halocline.generate.latent import LatentSpace
from halocline.recipes.config import parse_config
from halocline.recipes.seaice_generator import make_autoencoder, make_chain, make_denoiser
from halocline.recipes.shipped import model_path
from halocline.runtime.device import Compute, choose_compute
from halocline.runtime.errors import ModelError
from halocline.runtime.model_folder import read_model
from halocline.states.codec import Codec
from halocline.states.grid import Grid


def load_model(model: str | Path, compute: Compute | None = None) -> Chain:
    """Load a model.

    Args:
        model: A model folder, or the name of a shipped model.
        compute: Device and precision; chosen automatically if None.

    Raises:
        ModelError: If the folder is missing, damaged, or holds weights of another shape.
    """
    compute = compute or choose_compute()
    path = model_path(model)
    weights, arrays, card = read_model(path)
    config = parse_config(card["config"])
    grid = Grid(
        name=card["grid"]["name"],
        x=arrays["x"],
        y=arrays["y"],
        lat=arrays["lat"],
        lon=arrays["lon"],
        area=arrays["area"],
        mask=arrays["mask"] > 0,
        spacing=float(card["grid"]["spacing"]),
        projection=card["grid"]["projection"],
    )
    codec = Codec.from_card(card["codec"], grid.mask)
    latent = None
    if config.space == "latent":
        autoencoder = make_autoencoder(config, grid)
        _fill(autoencoder, weights, "autoencoder.", path)
        autoencoder = autoencoder.eval().to(compute.device, memory_format=torch.channels_last)  # type: ignore[call-overload]
        latent = LatentSpace(
            autoencoder, weights["latent.mean"].to(compute.device), weights["latent.std"].to(compute.device)
        )
    denoiser = make_denoiser(config, grid)
    _fill(denoiser, weights, "denoiser.", path)
    return make_chain(config, codec, grid, denoiser, latent, compute, card)


def _fill(module: torch.nn.Module, weights: dict[str, Any], prefix: str, path: Path) -> None:
    state = {k.removeprefix(prefix): v for k, v in weights.items() if k.startswith(prefix)}
    try:
        module.load_state_dict(state, strict=True)
    except RuntimeError as error:
        raise ModelError(
            f"model {path}",
            found=f"weights that do not fit its card ({str(error).splitlines()[0]})",
            expected="the weights of its own recipe",
            remedy="The folder was put together from two models; train or copy it again.",
        ) from error
