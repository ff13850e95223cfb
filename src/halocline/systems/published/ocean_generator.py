"""The ocean generator (Meunier et al. 2025, and what follows from it), in data space or in a latent space."""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal, Self

import numpy as np
import torch
from pydantic import model_validator

from halocline.chain.placed import Always, Draw, Placed
from halocline.constraints.level_means import means_of
from halocline.constraints.mean_distribution import MeanDistribution
from halocline.constraints.named.contents import LevelMeans
from halocline.constraints.named.patterns import OnPatterns
from halocline.constraints.named.sort import ThorpeSorted
from halocline.constraints.named.southern_border import SouthernBorder
from halocline.constraints.named.stability import MinimumChange
from halocline.constraints.paper_pull import PaperPull
from halocline.constraints.pattern_basis import PatternBasis
from halocline.constraints.protocol import Setting
from halocline.constraints.streamed_patterns import fit_patterns
from halocline.data.codecs.ocean import OceanCodec
from halocline.data.codecs.response import ResponseCodec
from halocline.data.fields.layout import Layout
from halocline.data.fields.variables import channel_variable
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import GridLayout
from halocline.data.sampling.conditions import Conditions
from halocline.data.store.ocean_statistics import OceanStatistics
from halocline.data.store.splits import samples_of
from halocline.data.store.store import StateStore
from halocline.physics.stability import Reference
from halocline.runtime.errors import InputError
from halocline.systems.generators import GeneratorSystem, Parts, others
from halocline.systems.ocean_sections import OceanCodecConfig, OceanConstraintsConfig, OceanSamplerConfig
from halocline.systems.protocol import SYSTEMS, Folder
from halocline.systems.response import fit_response
from halocline.systems.sections import GeneratorConfig

_STATES_AT_ONCE = 32
_PLACED = ("southern-border", "patterns", "contents", "stability", "sort")


class OceanGeneratorConfig(GeneratorConfig):
    """The ocean generator of Meunier et al. 2025 and what follows from it.

    Attributes:
        variables: What is drawn, all levels of each; all of the store's if empty.
        codec: Normalisation and levels.
        constraints: What states obey by default.
    """

    added: ClassVar[frozenset[str]] = frozenset({"space", "autoencoder", "validation_every", "variables"})

    recipe: Literal["ocean-generator"]
    variables: tuple[str, ...] = ()
    codec: OceanCodecConfig = OceanCodecConfig()
    sampler: OceanSamplerConfig = OceanSamplerConfig()
    constraints: OceanConstraintsConfig = OceanConstraintsConfig()

    @model_validator(mode="after")
    def _paper_needs_levels(self) -> "OceanGeneratorConfig":
        if self.constraints.paper and self.space == "latent":
            raise ValueError("constraints.paper pulls at noisy level means: it needs space = 'data'; take contents")
        return self

    @model_validator(mode="after")
    def _a_response_needs_parameters(self) -> "OceanGeneratorConfig":
        if self.codec.mean == "response":
            if self.codec.normalisation != "cell" or self.space != "data":
                raise ValueError("codec.mean = 'response' needs codec.normalisation = 'cell' and space = 'data'")
            if not set(self.condition) - {"day_of_year", "wind"}:
                raise ValueError(
                    "codec.mean = 'response' answers parameters: condition = ['day_of_year', 'parameters']"
                )
            if self.denoiser.drop_conditions:
                raise ValueError("codec.mean = 'response' must be told its parameters: denoiser.drop_conditions = 0")
        return self

    def going_on(self, model: str, card: Mapping[str, Any]) -> Self:
        """Return the recipe that goes on from a model: its variables, whatever else a store holds."""
        names = Layout.from_channels(card["codec"]["variables"]).names
        return super().going_on(model, card).model_copy(update={"variables": names})

    @property
    def padded(self) -> int:
        """What y and x are padded to multiples of; in a latent space the factors of both networks count."""
        return math.lcm(self.multiple, self.codec.pad_multiple)


class OceanGenerator(GeneratorSystem):
    """Levels as channels on a padded plane, level means and patterns of the training states, stable columns."""

    config = OceanGeneratorConfig

    def fit(self, config: OceanGeneratorConfig, store: StateStore, *, quiet: bool) -> Parts:
        """Return codec, conditions, the distribution of level means and the patterns.

        Raises:
            InputError: If the store has no levels, lacks what a chosen constraint needs, or holds other units.
            ConfigError: If a condition is no parameter of the store.
        """
        if config.variables:
            store = store.of_fields(config.variables)
        if not store.layout.levelled:
            raise InputError(
                f"store {store.path}",
                found=f"channels {', '.join(store.channels[:3])}, …",
                expected="at least one variable on levels, such as thetao and so",
                remedy="Use a store of ocean states, made by: halocline simulate dino --out DATA.zarr",
            )
        _check_fields(config, store.layout)
        conditions = Conditions.of(store, config.condition, quiet=quiet) if config.condition else None
        fitted: dict[str, Any] = {}
        codec: OceanCodec | ResponseCodec
        if config.codec.mean == "response":
            assert conditions is not None
            codec, fitted["quality"] = fit_response(
                store,
                conditions,
                patterns=config.codec.patterns,
                scale=config.codec.scale,
                levels_every=config.codec.levels_every,
                multiple=config.padded,
                every=config.every,
            )
            if not quiet:
                print(fitted["quality"].text(), file=sys.stderr)
        else:
            codec = _build_codec(config, store, quiet)
        if _has_water(store.layout):
            fitted["contents"] = _fit_contents(config, store, conditions, codec)
        if config.constraints.patterns_kept:
            pairs = samples_of(store, "train", every=config.every)
            read = partial(map, lambda pair: store.read(*pair), pairs)
            fitted["patterns"] = fit_patterns(read, len(pairs), store.wet, config.constraints.patterns_kept)
        return Parts(codec, _maps(codec, store.grid), store.grid.topology.periodic, conditions, fitted)

    def arrays(self, parts: Parts) -> dict[str, np.ndarray]:
        """Return the codec's arrays, the distribution of level means and the patterns."""
        fitted, codec = parts.fitted or {}, parts.codec
        assert isinstance(codec, (OceanCodec, ResponseCodec))
        named = {"codec": codec.arrays()}
        if "contents" in fitted:
            draws = fitted["contents"]
            named["contents"] = {name: getattr(draws, name) for name in ("mean", "slope", "factors", "rest")}
        if "patterns" in fitted:
            named["patterns"] = fitted["patterns"].arrays()
        return {f"{kind}.{name}": values for kind, part in named.items() for name, values in part.items()}

    def about(self, parts: Parts) -> dict[str, Any]:
        """Return the leave-one-out errors of the response surface, if there is one."""
        quality = (parts.fitted or {}).get("quality")
        return (
            {} if quality is None else {"response": {"members": len(quality.states.members), "errors": quality.rows()}}
        )

    def restore(self, config: OceanGeneratorConfig, folder: Folder) -> Parts:
        """Return the parts that a model folder holds."""
        grid, arrays = folder.grid, folder.arrays
        every, multiple = config.codec.levels_every, config.padded
        layout = GridLayout(Layout.from_channels(folder.card["codec"]["variables"]), grid)
        own = _named(arrays, "codec.")
        codec: OceanCodec | ResponseCodec
        codec = OceanCodec.from_arrays(grid, layout.fields, own, every=every, multiple=multiple)
        if config.codec.mean == "response":
            codec = ResponseCodec.from_arrays(codec, own)
        card = folder.card.get("conditions")
        fitted: dict[str, Any] = {}
        if draws := _named(arrays, "contents."):
            fitted["contents"] = MeanDistribution(**draws)
        if config.constraints.patterns_kept:
            fitted["patterns"] = PatternBasis.from_arrays(layout.wet, _named(arrays, "patterns."))
        conditions = Conditions.from_card(card, arrays) if card else None
        return Parts(codec, _maps(codec, grid), grid.topology.periodic, conditions, fitted)

    def offered(self, config: OceanGeneratorConfig, parts: Parts, grid: Grid) -> tuple[Placed, ...]:
        """Return the constraints in the order in which they act; other registered ones come first."""
        chosen, fitted, codec = config.constraints, parts.fitted or {}, parts.codec
        assert isinstance(codec, (OceanCodec, ResponseCodec))
        layout = GridLayout(codec.fields, grid)
        reference: Reference = 0.0 if chosen.reference == "surface" else chosen.reference  # type: ignore[assignment]
        wet = torch.from_numpy(codec.network_mask)

        every = []
        if config.space == "data":  # it pulls at noisy fields, which in a latent space are no levels
            where: Literal["step", "none"] = "step" if chosen.paper else "none"
            every.append(Placed("paper", PullOf(wet, chosen.beta), where, "step"))
        setting = Setting(tuple(channel_variable(name)[0] for name in codec.channels), layout, reference)
        every += others("ocean", setting, own=_PLACED)
        if config.sampler.repair_border:
            every.append(Placed("southern-border", Always(SouthernBorder())))
        if "patterns" in fitted:
            on_patterns = OnPatterns(fitted["patterns"])
            every.append(Placed("patterns", Always(on_patterns), chosen.patterns, from_noise=chosen.patterns_from))
        if not _has_water(codec.fields):
            return tuple(every)
        return (
            *every,
            Placed(
                "contents", DrawnMeans(layout, fitted["contents"], codec), chosen.contents, "both", chosen.contents_from
            ),
            Placed(
                "stability",
                Always(MinimumChange(layout, reference=reference)),
                chosen.stability,
                from_noise=chosen.stability_from,
            ),
            Placed(
                "sort",
                Always(ThorpeSorted(layout, reference=reference)),
                chosen.sort,
                from_noise=chosen.stability_from,
            ),
        )


@dataclass(frozen=True, eq=False)
class DrawnMeans:
    """Level means of each member, drawn from their distribution given its conditions.

    On a response surface they are those of the surface, and what is drawn is how far off it is (models of former
    versions have a regression there, too, and keep it).
    """

    layout: GridLayout
    distribution: MeanDistribution
    codec: OceanCodec | ResponseCodec

    def __call__(self, draw: Draw) -> LevelMeans:
        """Return the constraint for some members."""
        if isinstance(self.codec, ResponseCodec) and not len(self.distribution.slope):
            known = means_of(self.codec.told(draw.vector).mean, self.layout, "level-means")
            means = known + self.distribution.draw(draw.seed, draw.members)
        else:
            means = self.distribution.draw(draw.seed, draw.members, draw.vector)
        return LevelMeans(self.layout, means, "level-means")


@dataclass(frozen=True, eq=False)
class PullOf:
    """The published pull for a number of steps."""

    wet: torch.Tensor
    beta: float

    def __call__(self, draw: Draw) -> PaperPull:
        """Return what is done after each step."""
        return PaperPull(self.wet, draw.steps, self.beta)


def _has_water(layout: Layout) -> bool:
    """Tell whether states hold temperature and salinity on levels: what density and level means are made of."""
    return {"thetao", "so"} <= set(layout.levelled)


def _check_fields(config: OceanGeneratorConfig, layout: Layout) -> None:
    needing = [name for name in ("contents", "stability", "sort") if getattr(config.constraints, name) != "none"]
    if needing and not _has_water(layout):
        raise InputError(
            f"fields of the constraint '{needing[0]}'",
            found=", ".join(layout.names),
            expected="thetao and so, on all levels, among them",
            remedy=f"Train with {' '.join(f'--set constraints.{name}=none' for name in needing)}, or add them.",
        )


def _build_codec(config: OceanGeneratorConfig, store: StateStore, quiet: bool) -> OceanCodec:
    part = config.codec
    return OceanCodec.build(
        store.grid,
        store.layout,
        OceanStatistics.of(store, every=config.every, quiet=quiet),
        normalisation=part.normalisation,
        scale=part.scale,
        every=part.levels_every,
        multiple=config.padded,
    )


def _fit_contents(
    config: OceanGeneratorConfig,
    store: StateStore,
    conditions: Conditions | None,
    codec: OceanCodec | ResponseCodec,
) -> MeanDistribution:
    """Return the distribution of level means given the conditions, or of what a surface over other members leaves."""
    layout = GridLayout(store.layout, store.grid)
    pairs = samples_of(store, "train", every=config.every)
    predictors = None
    if conditions is not None:
        predictors = conditions.encode(conditions.of_samples(store, pairs))
    parts = []
    for start in range(0, len(pairs), _STATES_AT_ONCE):
        some = slice(start, start + _STATES_AT_ONCE)
        means = means_of(np.stack([store.read(*pair) for pair in pairs[some]]), layout, "level-means")
        if isinstance(codec, ResponseCodec):
            assert predictors is not None
            means = means - means_of(codec.told_in_training(predictors[some]).mean, layout, "level-means")
        parts.append(means)
    if isinstance(codec, ResponseCodec):
        return MeanDistribution.fit(np.concatenate(parts))
    members = np.array([member for member, _ in pairs])
    return MeanDistribution.fit(np.concatenate(parts), predictors, members=members)


def _maps(codec: OceanCodec | ResponseCodec, grid: Grid) -> np.ndarray:
    """Return ocean mask, position along y and x, and share of wet levels (4, y, x) on the padded plane."""
    depth = grid.wet.mean(axis=0, dtype=np.float32)
    return codec.padding.pad(np.concatenate([grid.static_maps(), depth[None]]))


def _named(arrays: dict[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    return {name.removeprefix(prefix): values for name, values in arrays.items() if name.startswith(prefix)}


SYSTEMS.register("ocean-generator")(OceanGenerator())
