"""Recipe 1: the sea-ice generator (Finn et al. 2024), latent or in data space, as a composition over the chain."""

from typing import Any

import torch
from torch import nn

from halocline.chain.chain import Chain
from halocline.chain.latent import LatentSpace
from halocline.chain.placed import ActiveConstraint
from halocline.constraints.named.ice_bounds import IceBounds
from halocline.data.codecs.standard import Codec
from halocline.data.grids.grid import Grid
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.schedules import make_schedule
from halocline.nn.autoencoder import Autoencoder
from halocline.nn.unet import UNet
from halocline.runtime.device import Compute
from halocline.runtime.errors import InputError
from halocline.systems.fitted import Parts
from halocline.systems.initial_weights import keyed_initialisation
from halocline.systems.seaice_config import SeaIceGeneratorConfig


def make_codec(config: SeaIceGeneratorConfig, statistics: dict[str, dict[str, float]], grid: Grid) -> Codec:
    """Return the codec of a recipe; the lift applies in data space only."""
    missing = [name for name in config.variables if name not in statistics]
    if missing:
        raise InputError(
            f"variable '{missing[0]}'",
            found=f"a store with {', '.join(statistics)}",
            expected=f"the recipe's variables {', '.join(config.variables)}",
            remedy="Simulate the variable, or leave it out with --set variables='[…]'.",
        )
    bounds = config.bounds if config.space == "data" else "clip"
    return Codec.from_statistics(tuple(config.variables), statistics, grid.mask, bounds)


def make_autoencoder(config: SeaIceGeneratorConfig, grid: Grid) -> Autoencoder:
    """Return a freshly initialised autoencoder."""
    part = config.autoencoder
    _check_divides(grid, part.patch * 2**part.levels, "autoencoder.patch and levels")
    with keyed_initialisation(config.seed, "autoencoder"):
        return Autoencoder(
            len(config.variables),
            torch.from_numpy(grid.static_maps()),
            latent=part.latent,
            width=part.width,
            levels=part.levels,
            blocks=part.blocks,
            patch=part.patch,
        )


def make_denoiser(config: SeaIceGeneratorConfig, grid: Grid) -> NetworkDenoiser:
    """Return a freshly initialised denoiser for data space or for the latent."""
    part = config.denoiser
    maps = torch.from_numpy(grid.static_maps())
    channels = len(config.variables)
    if config.space == "latent":
        factor = config.autoencoder.patch * 2**config.autoencoder.levels
        mask = nn.functional.max_pool2d(maps[None, :1], factor)[0]
        maps = nn.functional.avg_pool2d(maps[None], factor)[0]
        channels = config.autoencoder.latent
    else:
        mask = maps[:1]
        factor = 1
    _check_divides(grid, factor * part.patch * 2 ** (len(part.multipliers) - 1), "denoiser.patch and multipliers")
    with keyed_initialisation(config.seed, "denoiser"):
        network = UNet(
            channels + len(maps),
            channels,
            width=part.width,
            multipliers=part.multipliers,
            blocks=part.blocks,
            patch=part.patch,
            attention=part.attention,
        )
    return NetworkDenoiser(network, make_schedule(part.schedule), part.prediction, maps, mask)


def make_chain(
    config: SeaIceGeneratorConfig,
    parts: Parts,
    grid: Grid,
    denoiser: NetworkDenoiser,
    latent: LatentSpace | None,
    compute: Compute,
    card: dict[str, Any],
) -> Chain:
    """Compose the chain from its trained parts."""
    assert isinstance(parts.codec, Codec)
    bounds = IceBounds(parts.codec.variables, sic_minimum=config.sampler.sic_minimum)
    return Chain(
        codec=parts.codec,
        denoiser=denoiser.eval().to(compute.device, memory_format=torch.channels_last),  # type: ignore[call-overload]
        latent=latent,
        constraints=(ActiveConstraint(bounds.name, lambda draw: bounds),),
        grid=grid,
        solver=config.sampler.solver,
        steps=config.sampler.steps,
        compute=compute,
        card=card,
    )


def _check_divides(grid: Grid, multiple: int, key: str) -> None:
    if any(n % multiple for n in grid.shape):
        raise InputError(
            f"grid {grid.name}",
            found=f"{grid.shape[0]} x {grid.shape[1]} cells",
            expected=f"multiples of {multiple} a side",
            remedy=f"Change {key}, or crop or pad the grid.",
        )
