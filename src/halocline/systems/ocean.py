"""Recipe 2: the ocean generator (Meunier et al. 2025, and what follows from it), as a composition over the chain."""

from typing import Any

import numpy as np
import torch

from halocline.chain.chain import Chain
from halocline.constraints.level_means import means_of
from halocline.constraints.mean_distribution import MeanDistribution
from halocline.constraints.pattern_basis import PatternBasis
from halocline.data.codecs.ocean import OceanCodec
from halocline.data.fields.variables import ocean_channels
from halocline.data.grids.grid import Grid
from halocline.data.grids.ocean_layout import OceanLayout
from halocline.data.sampling.conditions import Conditions
from halocline.data.store.ocean_statistics import OceanStatistics
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.schedules import make_schedule
from halocline.nn.unet import UNet
from halocline.runtime.device import Compute
from halocline.runtime.errors import InputError
from halocline.systems.fitted import Parts
from halocline.systems.initial_weights import keyed_initialisation
from halocline.systems.ocean_config import OceanGeneratorConfig
from halocline.systems.ocean_constraints import active_constraints

_STATES_AT_ONCE = 32


def prepare(config: OceanGeneratorConfig, store: StateStore, *, quiet: bool = True) -> Parts:
    """Return the parts that a store's training states determine.

    Raises:
        InputError: If the store holds no ocean states, or values in another unit.
        ConfigError: If a condition is no parameter of the store.
    """
    levels = 0 if store.grid.vertical is None else store.grid.vertical.levels
    if store.channels != ocean_channels(levels) or not levels:
        raise InputError(
            f"store {store.path}",
            found=f"channels {', '.join(store.channels[:3])}, …",
            expected="thetao and so on all levels and zos",
            remedy="Use a store of ocean states, made by: halocline simulate dino --out DATA.zarr",
        )
    told = Conditions.of(store, config.condition) if config.condition else None
    statistics = OceanStatistics.of(store, every=config.every, quiet=quiet)
    codec = OceanCodec.build(
        store.grid,
        statistics,
        normalisation=config.codec.normalisation,
        scale=config.codec.scale,
        every=config.codec.levels_every,
        multiple=config.multiple,
    )
    return Parts(codec, told, _fit_contents(config, store, told), _fit_patterns(config, store))


def _fit_contents(config: OceanGeneratorConfig, store: StateStore, told: Conditions | None) -> MeanDistribution:
    layout = OceanLayout(store.grid.ocean_grid())
    pairs = samples_of(store, "train", every=config.every)
    parts = []
    for start in range(0, len(pairs), _STATES_AT_ONCE):
        states = np.stack([store.read(*pair) for pair in pairs[start : start + _STATES_AT_ONCE]])
        parts.append(means_of(states, layout, "level-means"))
    predictors = None
    if told is not None:
        rows = [told.of_sample(store, *pair) for pair in pairs]
        predictors = told.encode({name: np.array([row[name] for row in rows]) for name in told.names})
    return MeanDistribution.fit(np.concatenate(parts), predictors)


def _fit_patterns(config: OceanGeneratorConfig, store: StateStore) -> PatternBasis | None:
    if not config.constraints.patterns_kept:
        return None
    states = (store.read(*pair) for pair in samples_of(store, "train", every=config.every))
    return PatternBasis.fit(states, store.wet, config.constraints.patterns_kept)


def arrays_of(parts: Parts) -> dict[str, np.ndarray]:
    """Return what a model folder stores of the parts, beside the grid."""
    assert isinstance(parts.codec, OceanCodec)
    assert parts.contents is not None
    codec = {f"codec.{name}": values for name, values in parts.codec.arrays().items()}
    contents = {f"contents.{name}": getattr(parts.contents, name) for name in ("mean", "slope", "factors", "rest")}
    patterns = {} if parts.patterns is None else parts.patterns.arrays()
    return codec | contents | {f"patterns.{name}": values for name, values in patterns.items()}


def restore(config: OceanGeneratorConfig, grid: Grid, arrays: dict[str, np.ndarray], card: dict[str, Any]) -> Parts:
    """Read the parts back from a model folder."""
    codec = OceanCodec.from_arrays(
        grid, _named(arrays, "codec."), every=config.codec.levels_every, multiple=config.multiple
    )
    told = Conditions.from_card(card["conditions"]) if card.get("conditions") else None
    patterns = None
    if config.constraints.patterns_kept:
        patterns = PatternBasis.from_arrays(grid.channel_mask(codec.channels), _named(arrays, "patterns."))
    return Parts(codec, told, MeanDistribution(**_named(arrays, "contents.")), patterns)


def _named(arrays: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): values for name, values in arrays.items() if name.startswith(prefix)}


def make_denoiser(config: OceanGeneratorConfig, grid: Grid, parts: Parts) -> NetworkDenoiser:
    """Return a freshly initialised denoiser on the padded plane.

    Its maps, where wanted: ocean mask, position along y and x, share of the levels that are wet.
    """
    part, codec = config.denoiser, parts.codec
    assert isinstance(codec, OceanCodec)
    assert grid.vertical is not None
    channels, ny, nx = codec.shape
    maps = np.zeros((0, ny, nx), np.float32)
    if part.maps:
        depth = grid.vertical.mask.mean(axis=0, dtype=np.float32)
        maps = codec.padding.pad(np.concatenate([grid.static_maps(), depth[None]]))
    mask = codec.network_mask if part.cells == "wet" else np.ones((1, ny, nx), np.float32)
    with keyed_initialisation(config.seed, "denoiser"):
        network = UNet(
            channels + len(maps),
            channels,
            width=part.width,
            multipliers=part.multipliers,
            blocks=part.blocks,
            patch=part.patch,
            attention=part.attention,
            condition=parts.conditions.size if parts.conditions else 0,
        )
    return NetworkDenoiser(
        network, make_schedule(part.schedule), part.prediction, torch.from_numpy(maps), torch.from_numpy(mask)
    )


def make_chain(
    config: OceanGeneratorConfig,
    parts: Parts,
    grid: Grid,
    denoiser: NetworkDenoiser,
    compute: Compute,
    card: dict[str, Any],
) -> Chain:
    """Compose the chain from its trained parts."""
    chosen = config.constraints
    return Chain(
        codec=parts.codec,
        denoiser=denoiser.eval().to(compute.device, memory_format=torch.channels_last),  # type: ignore[call-overload]
        latent=None,
        constraints=active_constraints(chosen, OceanLayout(grid.ocean_grid()), parts),
        grid=grid,
        solver=config.sampler.solver,
        steps=config.sampler.steps,
        compute=compute,
        card=card,
        conditions=parts.conditions,
        clip=config.sampler.clip or None,
        pull=chosen.beta if chosen.paper else 0.0,
        repair=config.sampler.repair_border,
    )
