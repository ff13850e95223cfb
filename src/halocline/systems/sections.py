"""Sections that configurations share."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from halocline.runtime.errors import ConfigError
from halocline.training.settings import TrainingSettings, truth_is_no_number


class Section(BaseModel):
    """A section of a configuration: immutable, unknown keys refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _no_truth_for_a_number(cls, raw: Any) -> Any:
        return truth_is_no_number(cls, raw)


class SystemConfig(Section):
    """What every system's configuration has.

    Attributes:
        recipe: Name of the system.
        description: One sentence for people.
        seed: Seed of initial weights, batches and noise.
        drawing: Sections that change what is drawn, not what is trained.
        added: Keys that came after the first release: at their defaults they do not count as another recipe, so that a
            training which an older version began can be resumed.
    """

    drawing: ClassVar[frozenset[str]] = frozenset({"description", "sampler", "constraints", "forecast"})
    added: ClassVar[frozenset[str]] = frozenset()

    recipe: str
    description: str = ""
    seed: int = Field(default=0, ge=-(2**63), lt=2**63)

    def reading(self) -> dict[str, Any]:
        """Return what decides on the meaning of a weight; a model that training starts from must agree in it."""
        return {}

    def going_on(self, model: str, card: Mapping[str, Any]) -> Self:
        """Return the recipe that goes on from a model of this configuration: its weights, trainings short and slow.

        Args:
            model: Its folder or name.
            card: Its card.

        Raises:
            ConfigError: If trainings of this recipe start from no model.
        """
        if "initial" not in type(self).model_fields:
            raise ConfigError(
                "--from",
                found=f"a model of the recipe '{self.recipe}', whose trainings start from no model",
                expected="a recipe with the key 'initial'",
                remedy="Train the recipe from scratch.",
            )
        changes: dict[str, Any] = {"initial": model, "description": f"{card.get('name') or model}, adapted."}
        return _eased(self).model_copy(update=changes)


def _solver(name: str) -> str:
    from halocline.diffusion.solvers.base import SOLVERS

    return _known(SOLVERS, name)


def _schedule(name: str) -> str:
    from halocline.diffusion.paths.base import SCHEDULES

    return _known(SCHEDULES, name)


def _network(name: str) -> str:
    from halocline.nn.base import NETWORKS

    return _known(NETWORKS, name)


def _known(registry: Any, name: str) -> str:
    try:
        registry[name]
    except ConfigError as error:
        raise ValueError(f"one of: {', '.join(registry)}") from error
    return name


def _eased(section: Any) -> Any:
    """Return a section with each of its trainings as it adapts a model."""
    values = {name: getattr(section, name) for name in type(section).model_fields}
    eased = {k: v.adapting() for k, v in values.items() if isinstance(v, TrainingSettings)}
    eased |= {k: _eased(v) for k, v in values.items() if isinstance(v, Section)}
    return section.model_copy(update=eased)


WIDEST, DEEPEST = 65_536, 1024
"""Most channels of a level, most blocks, cells of a patch and the like; what fits in memory is asked for beside."""
Multipliers = Annotated[tuple[Annotated[int, Field(gt=0, le=DEEPEST)], ...], Field(min_length=1, max_length=12)]
SolverName = Annotated[str, AfterValidator(_solver)]
ScheduleName = Annotated[str, AfterValidator(_schedule)]
NetworkName = Annotated[str, AfterValidator(_network)]


def trained_part(config: SystemConfig) -> dict[str, Any]:
    """Return what of a configuration decides on what is trained, as JSON."""
    dump = config.model_dump(mode="json", exclude=set(config.drawing))
    _leave_out(config, dump)
    return dump


def _leave_out(section: Any, table: dict[str, Any]) -> None:
    """Take the keys that were added later and are at their defaults out of a section's table, and of those in it."""
    for name in {name for kind in type(section).__mro__ for name in vars(kind).get("added", ())}:
        if name in table and getattr(section, name) == type(section).model_fields[name].default:
            del table[name]
    for name, part in table.items():
        if isinstance(part, dict) and isinstance(getattr(section, name), BaseModel):
            _leave_out(getattr(section, name), part)


class AutoencoderConfig(Section):
    """The autoencoder and its training.

    Attributes:
        likelihood: ``gaussian`` or ``censored`` (bounds as atoms).
        latent: Latent channels.
        width: Channels at the finest level.
        levels: Halvings after the patches; the latent is smaller by patch * 2**levels a side.
        blocks: Residual blocks a level.
        patch: Side of the patches.
        beta: Weight of the KL.
        training: How long and how fast.
    """

    likelihood: Literal["gaussian", "censored"] = "censored"
    latent: int = Field(default=8, gt=0, le=WIDEST)
    width: int = Field(default=32, gt=0, le=WIDEST)
    levels: int = Field(default=1, ge=0, le=4)
    blocks: int = Field(default=1, gt=0, le=DEEPEST)
    patch: int = Field(default=2, gt=0, le=DEEPEST)
    beta: float = Field(default=1e-3, ge=0)
    training: TrainingSettings

    @property
    def factor(self) -> int:
        """By how much the latent is smaller a side."""
        return self.patch * 2**self.levels


class DenoiserConfig(Section):
    """The denoiser's network, its objective and its training.

    Attributes:
        network: Name of the network.
        width: Channels at the finest level.
        multipliers: Channels of each level as multiples of width.
        blocks: Residual blocks a level.
        patch: Side of the patches.
        attention: Self-attention at the coarsest level.
        options: Further settings, for networks that have others.
        maps: Whether the network sees maps of the place beside the noisy field.
        prediction: What the network predicts.
        schedule: Noise schedule.
        times: Noise levels in training: ``uniform`` in pseudo-time, or ``lognormal`` (see diffusion/times.py).
        p_mean: Mean of ln(sigma / alpha) of ``lognormal``.
        p_std: Its standard deviation.
        weighting: Loss weight, see diffusion/objectives/denoising.py.
        snr_limit: Cap of the loss weight ``v``.
        channel_weights: What each variable's error counts in the loss beside the others' 1, or ``auto``: what brings
            the smallest scales of all variables within a factor of 3 of each other (systems/preflight.py); data space.
        cells: Loss and noise on ``wet`` cells, or on ``all``, land and padding included.
        drop_conditions: Share of the training samples that are told none of the conditions, so that one model draws
            with and without (``generate --condition none``, ``--guidance``); 0 for a model that is always told.
        training: How long and how fast.
    """

    added: ClassVar[frozenset[str]] = frozenset(
        {"network", "options", "times", "p_mean", "p_std", "channel_weights", "drop_conditions"}
    )

    network: NetworkName = "unet"
    width: int = Field(default=32, gt=0, le=WIDEST)
    multipliers: Multipliers = (1, 2, 4)
    blocks: int = Field(default=2, gt=0, le=DEEPEST)
    patch: int = Field(default=2, gt=0, le=DEEPEST)
    attention: bool = True
    options: dict[str, Any] = {}
    maps: bool = True
    prediction: Literal["x", "eps", "v", "karras"] = "x"
    schedule: ScheduleName = "cosine"
    times: Literal["uniform", "lognormal"] = "uniform"
    p_mean: float = -1.2
    p_std: float = Field(default=1.2, gt=0)
    weighting: Literal["v", "eps", "edm"] = "v"
    snr_limit: float = Field(default=25.0, gt=0)
    channel_weights: Literal["auto"] | dict[str, Annotated[float, Field(gt=0)]] = {}
    cells: Literal["wet", "all"] = "wet"
    drop_conditions: float = Field(default=0.0, ge=0, lt=1)
    training: TrainingSettings

    @property
    def multiple(self) -> int:
        """What y and x must be multiples of."""
        return self.patch * 2 ** (len(self.multipliers) - 1)


class DetailConfig(Section):
    """The stochastic decoder: what draws the small scales that the latent cannot hold, and its training.

    Attributes:
        kind: ``flow`` (stochastic flow matching, several passes) or ``crps`` (one pass with noise, trained by the CRPS
            of members).
        width: Channels of the U-Net at the finest level.
        multipliers: Channels of each level as multiples of width.
        blocks: Residual blocks a level.
        patch: Side of the patches that it works on.
        perturbation: Standard deviation of the noise on the latents in training, in units of theirs: drawn latents are
            not quite encoded ones.
        crop: Side in cells of the squares that it is trained on, a multiple of the latent's cell; 0 for whole fields.
        crops: Squares cut from each field that is decoded; divides the batch, which counts squares.
        members: Members of a sample, for ``crps``.
        scales: Sides of the blocks of cells whose CRPS counts.
        fair: Share of the fair CRPS.
        training: How long and how fast.
    """

    kind: Literal["flow", "crps"] = "flow"
    width: int = Field(default=24, gt=0, le=WIDEST)
    multipliers: Multipliers = (1, 2)
    blocks: int = Field(default=1, gt=0, le=DEEPEST)
    patch: int = Field(default=1, gt=0, le=DEEPEST)
    perturbation: float = Field(default=0.1, ge=0)
    crop: int = Field(default=0, ge=0)
    crops: int = Field(default=1, gt=0)
    members: int = Field(default=2, ge=2, le=DEEPEST)
    scales: Multipliers = (1, 2, 4)
    fair: float = Field(default=0.95, ge=0, le=1)
    training: TrainingSettings

    @property
    def multiple(self) -> int:
        """What y and x must be multiples of."""
        return self.patch * 2 ** (len(self.multipliers) - 1)

    @model_validator(mode="after")
    def _crops_share_out_the_batch(self) -> "DetailConfig":
        if self.training.batch % self.crops:
            raise ValueError(f"detail.crops must divide detail.training.batch ({self.training.batch})")
        return self


class SamplerConfig(Section):
    """How states are drawn.

    Attributes:
        solver: Name of the solver.
        steps: Solver steps.
        clip: Largest magnitude of the clean estimate in network space; 0 for no limit.
        fine_share: Share of the steps at the noise levels of the smallest scales, ln SNR 4 to 10; 0 for the schedule's
            own times.
        detail_solver: Solver of the stochastic decoder, if there is one of kind ``flow``.
        detail_steps: Its steps.
    """

    solver: SolverName = "heun"
    steps: int = Field(default=20, gt=0, le=100_000)
    clip: float = Field(default=0.0, ge=0)
    fine_share: float = Field(default=0.0, ge=0, lt=1)
    detail_solver: SolverName = "heun-t"
    detail_steps: int = Field(default=4, gt=0, le=100_000)


_LEARNING = ("training", "times", "p_mean", "p_std", "weighting", "snr_limit", "channel_weights", "cells")
_DETAIL_LEARNING = ("training", "perturbation", "crop", "crops", "members", "scales", "fair")


class GeneratorConfig(SystemConfig):
    """What every generator's configuration has.

    Attributes:
        space: ``latent`` (of the autoencoder) or ``data``.
        condition: Conditioning variables: ``day_of_year``, ``parameters`` (all of the store's), or some by name.
        initial: Model folder or shipped model whose weights training starts from; none if empty.
        every: Train on every n-th stored time.
        validation_every: Validate on every n-th stored time, at least ``every``.
        autoencoder: Used if space is latent.
        denoiser: The diffusion model.
        detail: A stochastic decoder after the autoencoder's; none if absent.
        sampler: The defaults of ``generate``.
    """

    added: ClassVar[frozenset[str]] = frozenset({"initial", "detail"})

    space: Literal["latent", "data"] = "data"
    initial: str = ""
    condition: tuple[str, ...] = ()
    every: int = Field(default=1, gt=0)
    validation_every: int = Field(default=4, gt=0)
    autoencoder: AutoencoderConfig | None = None
    denoiser: DenoiserConfig
    detail: DetailConfig | None = None
    sampler: SamplerConfig = SamplerConfig()

    def reading(self) -> dict[str, Any]:
        """Return the networks, and what the denoiser predicts on which path."""
        networks = self.model_dump(mode="json", include={"space", "autoencoder", "denoiser", "detail"})
        learnings = (("autoencoder", ("training", "beta")), ("denoiser", _LEARNING), ("detail", _DETAIL_LEARNING))
        for section, learning in learnings:
            for name in learning if networks[section] else ():
                del networks[section][name]
        return networks

    def going_on(self, model: str, card: Mapping[str, Any]) -> Self:
        """Return the recipe that goes on from a model; what it is told is named one by one."""
        conditions = card.get("conditions") or {}
        names = (*conditions.get("parameters", ()), *(("day_of_year",) if conditions.get("season") else ()))
        return super().going_on(model, card).model_copy(update={"condition": names})

    @model_validator(mode="after")
    def _latent_needs_autoencoder(self) -> "GeneratorConfig":
        if self.space == "latent" and self.autoencoder is None:
            raise ValueError("space = 'latent' needs a section [autoencoder]")
        if self.detail is not None:
            if self.space != "latent" or self.autoencoder is None:
                raise ValueError("a section [detail] follows an autoencoder's decoder: it needs space = 'latent'")
            cells = math.lcm(self.autoencoder.factor, self.detail.multiple)
            if self.detail.crop % cells:
                raise ValueError(f"detail.crop must be 0 or a multiple of {cells}: whole cells of latent and network")
        return self

    @model_validator(mode="after")
    def _what_is_dropped_was_told(self) -> "GeneratorConfig":
        if self.denoiser.drop_conditions and not self.condition:
            raise ValueError("denoiser.drop_conditions needs conditions to drop: condition = ['day_of_year'], say")
        return self

    @model_validator(mode="after")
    def _channel_weights_need_channels(self) -> "GeneratorConfig":
        if self.space == "latent" and self.denoiser.channel_weights:
            raise ValueError("denoiser.channel_weights weighs variables: it needs space = 'data'")
        return self

    @property
    def multiple(self) -> int:
        """What y and x must be multiples of."""
        if self.space == "data" or self.autoencoder is None:
            return self.denoiser.multiple
        both = self.autoencoder.factor * self.denoiser.multiple
        return both if self.detail is None else math.lcm(both, self.detail.multiple)
