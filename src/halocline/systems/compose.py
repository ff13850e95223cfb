"""The recipes behind one set of functions: training and loading ask here, and know no recipe."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from halocline.chain.chain import Chain
from halocline.chain.latent import LatentSpace
from halocline.data.codecs.standard import Codec
from halocline.data.grids.grid import Grid
from halocline.data.store.store import StateStore
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.runtime.device import Compute
from halocline.runtime.errors import ConfigError
from halocline.systems import ocean as ocean_generator
from halocline.systems import seaice as seaice_generator
from halocline.systems.config import GeneratorConfig
from halocline.systems.fitted import Parts
from halocline.systems.ocean_config import OceanGeneratorConfig
from halocline.systems.ocean_constraints import with_constraints


def prepare(config: GeneratorConfig, store: StateStore, *, quiet: bool = True) -> Parts:
    """Return codec, conditions and contents as the training states determine them."""
    if isinstance(config, OceanGeneratorConfig):
        return ocean_generator.prepare(config, store, quiet=quiet)
    return Parts(seaice_generator.make_codec(config, store.statistics, store.grid))


def arrays_of(config: GeneratorConfig, parts: Parts) -> dict[str, np.ndarray]:
    """Return what a model folder stores of the parts beside its card and grid."""
    return ocean_generator.arrays_of(parts) if isinstance(config, OceanGeneratorConfig) else {}


def restore(config: GeneratorConfig, grid: Grid, arrays: dict[str, np.ndarray], card: dict[str, Any]) -> Parts:
    """Read the parts back from a model folder."""
    if isinstance(config, OceanGeneratorConfig):
        return ocean_generator.restore(config, grid, arrays, card)
    return Parts(Codec.from_card(card["codec"], grid.mask))


def make_denoiser(config: GeneratorConfig, grid: Grid, parts: Parts) -> NetworkDenoiser:
    """Return a freshly initialised denoiser."""
    if isinstance(config, OceanGeneratorConfig):
        return ocean_generator.make_denoiser(config, grid, parts)
    return seaice_generator.make_denoiser(config, grid)


def make_chain(
    config: GeneratorConfig,
    parts: Parts,
    grid: Grid,
    denoiser: NetworkDenoiser,
    latent: LatentSpace | None,
    compute: Compute,
    card: dict[str, Any],
) -> Chain:
    """Compose the chain from its trained parts."""
    if isinstance(config, OceanGeneratorConfig):
        return ocean_generator.make_chain(config, parts, grid, denoiser, compute, card)
    return seaice_generator.make_chain(config, parts, grid, denoiser, latent, compute, card)


def obeying(config: GeneratorConfig, constraints: Sequence[str]) -> GeneratorConfig:
    """Return the recipe with other constraints than its own.

    Raises:
        ConfigError: If the recipe lets none be chosen, or there is no such constraint.
    """
    if isinstance(config, OceanGeneratorConfig):
        return with_constraints(config, constraints)
    raise ConfigError(
        f"constraint '{constraints[0]}'",
        found=f"a model of the recipe '{config.recipe}', which always obeys its bounds",
        expected="an ocean model",
        remedy="Leave the constraint out; 'halocline constrain' applies constraints to any file of states.",
    )
