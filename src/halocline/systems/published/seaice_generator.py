"""The sea-ice generator (Finn et al. 2024), in the latent space of an autoencoder or in data space."""

from typing import Any, ClassVar, Literal

import numpy as np
from pydantic import Field

from halocline.chain.placed import Always, Placed
from halocline.constraints.named.ice_bounds import IceBounds
from halocline.constraints.protocol import Setting
from halocline.data.codecs.ice import IceCodec
from halocline.data.codecs.ice_fit import fit_ice
from halocline.data.codecs.padding import Padding
from halocline.data.codecs.protocol import StateCodec
from halocline.data.codecs.standard import Codec
from halocline.data.grids.grid import Grid
from halocline.data.sampling.conditions import Conditions
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.physics.sea_ice import PACK_ICE
from halocline.runtime.errors import InputError
from halocline.systems.generators import GeneratorSystem, Parts, others
from halocline.systems.preflight import Place
from halocline.systems.protocol import SYSTEMS, Folder
from halocline.systems.sections import GeneratorConfig, SamplerConfig

_FITTED = 40_000_000  # numbers of the training states, at most, to which the codec of ice is fitted


class SeaIceSamplerConfig(SamplerConfig):
    """How states are drawn.

    Attributes:
        sic_minimum: Concentrations below count as open water.
    """

    sic_minimum: float = Field(default=0.0, ge=0, lt=1)


class SeaIceGeneratorConfig(GeneratorConfig):
    """The sea-ice generator of Finn et al. 2024.

    Attributes:
        variables: What is drawn.
        codec: ``standard``, or ``ice``: logarithmic open water and damage, atoms as tails (data/codecs/ice.py).
        bounds: Of the standard codec, ``clip`` or ``lift`` (data space; see data/codecs/lift.py).
    """

    added: ClassVar[frozenset[str]] = frozenset({"condition", "validation_every", "codec"})

    recipe: Literal["seaice-generator"]
    variables: tuple[str, ...] = ("sit", "sic", "sid", "siu", "siv")
    space: Literal["latent", "data"] = "latent"
    codec: Literal["standard", "ice"] = "standard"
    bounds: Literal["clip", "lift"] = "clip"
    sampler: SeaIceSamplerConfig = SeaIceSamplerConfig()

    def reading(self) -> dict[str, Any]:
        """Return the networks, and which variables they draw in which order."""
        return super().reading() | {"variables": list(self.variables), "codec": self.codec}


class SeaIceGenerator(GeneratorSystem):
    """Codec with exact bounds, [autoencoder with a censored likelihood,] denoiser, one ice mask."""

    config = SeaIceGeneratorConfig

    def fit(self, config: SeaIceGeneratorConfig, store: StateStore, *, quiet: bool) -> Parts:
        """Return codec and conditions; the lift applies in data space only.

        Raises:
            InputError: If the store lacks a variable.
        """
        missing = [name for name in config.variables if name not in store.statistics]
        if missing:
            raise InputError(
                f"variable '{missing[0]}'",
                found=f"a store with {', '.join(store.statistics)}",
                expected=f"the recipe's variables {', '.join(config.variables)}",
                remedy="Simulate the variable, or leave it out with --set variables='[…]'.",
            )
        grid, padding = store.grid, _padding(config, store.grid)
        codec = _codec(config, store, padding)
        conditions = Conditions.of(store, config.condition, quiet=quiet) if config.condition else None
        return Parts(codec, padding.pad(grid.static_maps()), grid.topology.periodic, conditions)

    def places(self, parts: Parts, fields: np.ndarray) -> tuple[Place, ...]:
        """Return the pack, where all ice is denser than 80 %, and all the ocean, land up to 5 % of a tile."""
        codec: Any = parts.codec
        everywhere = Place("everywhere", codec.network_mask[None] > 0, 0.95)
        if "sic" not in codec.channels:
            return (everywhere,)
        dense = codec.decode(fields)[:, codec.channels.index("sic")] > PACK_ICE
        return (Place("pack", codec.padding.pad(dense)[:, None]), everywhere)

    def restore(self, config: SeaIceGeneratorConfig, folder: Folder) -> Parts:
        """Return codec and conditions of a model's card."""
        card, grid = folder.card, folder.grid
        conditions = Conditions.from_card(card["conditions"], folder.arrays) if card.get("conditions") else None
        padding = _padding(config, grid)
        kind: Any = IceCodec if config.codec == IceCodec.kind else Codec
        codec = kind.from_card(card["codec"], grid.mask, padding)
        return Parts(codec, padding.pad(grid.static_maps()), grid.topology.periodic, conditions)

    def offered(self, config: SeaIceGeneratorConfig, parts: Parts, grid: Grid) -> tuple[Placed, ...]:
        """Return other constraints on ice, to be chosen by name, then the bounds of all variables with one ice mask."""
        codec: Any = parts.codec
        bounds = IceBounds(codec.variables, sic_minimum=config.sampler.sic_minimum)
        more = others("ice", Setting(tuple(codec.variables)), own=(bounds.name,))
        return (*more, Placed(bounds.name, Always(bounds)))


def _codec(config: SeaIceGeneratorConfig, store: StateStore, padding: Padding) -> StateCodec:
    names = tuple(config.variables)
    if config.codec == IceCodec.kind:
        pairs = samples_of(store, "train")
        channels = [store.channels.index(name) for name in names]
        most = max(1, _FITTED // (len(names) * store.grid.mask.size))
        states = (store.read(*pair)[channels] for pair in pairs[:: max(1, -(-len(pairs) // most))])
        return fit_ice(names, states, store.grid.mask, padding)
    bounds = config.bounds if config.space == "data" else "clip"
    return Codec.from_statistics(names, store.statistics, store.grid.mask, bounds, padding)


def _padding(config: SeaIceGeneratorConfig, grid: Grid) -> Padding:
    """Return the cells that both networks together need around the grid."""
    return Padding.to_multiple(grid.shape, config.multiple, periodic=grid.topology.periodic)


SYSTEMS.register("seaice-generator")(SeaIceGenerator())
