"""The sections of a generator's configuration: autoencoder, denoiser, stochastic decoder, sampler."""

import math
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from halocline.systems.base_config import (
    DEEPEST,
    WIDEST,
    Multipliers,
    NetworkName,
    ScheduleName,
    Section,
    SolverName,
    SystemConfig,
)
from halocline.training.settings import TrainingSettings


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
        crop: Side in cells of the squares that it is trained on, in data space; 0 for whole fields. It then must see
            no farther than its convolutions (``attention = false``, ``options = {norm = "cell"}``).
        crops: Squares cut from each field that is read; divides the batch, which counts squares.
        training: How long and how fast.
    """

    added: ClassVar[frozenset[str]] = frozenset(
        {"network", "options", "times", "p_mean", "p_std", "channel_weights", "drop_conditions", "crop", "crops"}
    )

    network: NetworkName = "unet"
    width: int = Field(default=32, gt=0, le=WIDEST)
    multipliers: Multipliers = (1, 2, 4)
    blocks: int = Field(default=2, gt=0, le=DEEPEST)
    patch: int = Field(default=2, gt=0, le=DEEPEST)
    attention: bool = True
    options: dict[str, Any] = Field(default={})
    maps: bool = True
    prediction: Literal["x", "eps", "v", "karras"] = "x"
    schedule: ScheduleName = "cosine"
    times: Literal["uniform", "lognormal"] = "uniform"
    p_mean: float = -1.2
    p_std: float = Field(default=1.2, gt=0)
    weighting: Literal["v", "eps", "edm"] = "v"
    snr_limit: float = Field(default=25.0, gt=0)
    channel_weights: Literal["auto"] | dict[str, Annotated[float, Field(gt=0)]] = Field(default={})
    cells: Literal["wet", "all"] = "wet"
    drop_conditions: float = Field(default=0.0, ge=0, lt=1)
    crop: int = Field(default=0, ge=0, le=WIDEST)
    crops: int = Field(default=1, gt=0)
    training: TrainingSettings

    @property
    def multiple(self) -> int:
        """What y and x must be multiples of."""
        return self.patch * 2 ** (len(self.multipliers) - 1)

    @model_validator(mode="after")
    def _squares_fit(self) -> "DenoiserConfig":
        if self.crops > 1 and not self.crop:
            raise ValueError("denoiser.crops counts squares: it needs denoiser.crop, their side in cells")
        if self.crop % self.multiple:
            raise ValueError(f"denoiser.crop must be 0 or a multiple of {self.multiple}, the network's coarsest cell")
        if self.training.batch % self.crops:
            raise ValueError(f"denoiser.crops must divide denoiser.training.batch ({self.training.batch})")
        near = self.network != "unet" or (not self.attention and self.options.get("norm") == "cell")
        if self.crop and not near:
            raise ValueError(
                "denoiser.crop needs a network that sees no farther than its convolutions: "
                'denoiser.attention=false and denoiser.options={"norm": "cell"}'
            )
        return self


class DetailConfig(Section):
    """The stochastic decoder: what draws the small scales that the latent cannot hold, and its training.

    In data space it ends the draw: the sampler stops at a middle noise level, and what the denoiser's estimate there
    leaves open is drawn by it.

    Attributes:
        kind: ``flow`` (stochastic flow matching, several passes) or ``crps`` (one pass with noise, trained by the CRPS
            of members).
        level: ln SNR at which the sampler stops, in data space.
        width: Channels of the U-Net at the finest level.
        multipliers: Channels of each level as multiples of width.
        blocks: Residual blocks a level.
        patch: Side of the patches that it works on.
        perturbation: Standard deviation of the noise on the latents in training, in units of theirs: drawn latents are
            not quite encoded ones. In data space the level tells the noise.
        crop: Side in cells of the squares that it is trained on, a multiple of the latent's cell; 0 for whole fields.
        crops: Squares cut from each field that is decoded; divides the batch, which counts squares.
        members: Members of a sample, for ``crps``.
        scales: Sides of the blocks of cells whose CRPS counts.
        fair: Share of the fair CRPS.
        training: How long and how fast.
    """

    added: ClassVar[frozenset[str]] = frozenset({"level"})

    kind: Literal["flow", "crps"] = "flow"
    level: float | None = Field(default=None, ge=-8, le=8)
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
        detail_guidance: w by which it is guided away from its own answer without a block; 1 for none.
        detail_guided_above: Share of noise, 0..1, from which on it is.
        detail_guided: Variables that are; empty for all.
    """

    solver: SolverName = "heun"
    steps: int = Field(default=20, gt=0, le=100_000)
    clip: float = Field(default=0.0, ge=0)
    fine_share: float = Field(default=0.0, ge=0, lt=1)
    detail_solver: SolverName = "heun-t"
    detail_steps: int = Field(default=4, gt=0, le=100_000)
    detail_guidance: float = Field(default=1.0, ge=1, le=10)
    detail_guided_above: float = Field(default=0.75, ge=0, lt=1)
    detail_guided: tuple[str, ...] = ()


_LEARNING = (
    "training",
    "times",
    "p_mean",
    "p_std",
    "weighting",
    "snr_limit",
    "channel_weights",
    "cells",
    "crop",
    "crops",
)
_DETAIL_LEARNING = ("training", "perturbation", "crop", "crops", "members", "scales", "fair")


class GeneratorConfig(SystemConfig):
    """What every generator's configuration has.

    Attributes:
        space: ``latent`` (of the autoencoder) or ``data``.
        condition: Conditioning variables: ``day_of_year``, ``wind`` (indices of the wind of the last three days),
            ``parameters`` (all of the store's), or some by name.
        initial: Model folder or shipped model whose weights training starts from; none if empty.
        keep: Stages that are taken over from that model as they are, with its codec and conditions, and not trained.
        every: Train on every n-th stored time.
        validation_every: Validate on every n-th stored time, at least ``every``.
        autoencoder: Used if space is latent.
        denoiser: The diffusion model.
        detail: A stochastic decoder after the autoencoder's; none if absent.
        sampler: The defaults of ``generate``.
    """

    added: ClassVar[frozenset[str]] = frozenset({"initial", "keep", "detail"})

    space: Literal["latent", "data"] = "data"
    initial: str = ""
    keep: tuple[Literal["autoencoder", "denoiser"], ...] = ()
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
        """Return the recipe that goes on from a model, with all stages; what it is told is named one by one."""
        conditions = card.get("conditions") or {}
        also = (("day_of_year", conditions.get("season")), ("wind", conditions.get("wind")))
        names = (*conditions.get("parameters", ()), *(name for name, told in also if told))
        return super().going_on(model, card).model_copy(update={"condition": names, "keep": ()})

    @model_validator(mode="after")
    def _latent_needs_autoencoder(self) -> "GeneratorConfig":
        if self.space == "latent" and self.autoencoder is None:
            raise ValueError("space = 'latent' needs a section [autoencoder]")
        if self.detail is not None:
            if (self.space == "data") != (self.detail.level is not None):
                raise ValueError(
                    "a section [detail] follows the decoder of space = 'latent', and in space = 'data' a sampler that "
                    "stops at detail.level: that key goes with data space, and only with it"
                )
            factor = 1 if self.space == "data" or self.autoencoder is None else self.autoencoder.factor
            cells = math.lcm(factor, self.detail.multiple)
            if self.detail.crop % cells:
                raise ValueError(f"detail.crop must be 0 or a multiple of {cells}: whole cells of latent and network")
        return self

    @model_validator(mode="after")
    def _guidance_needs_a_third_stage(self) -> "GeneratorConfig":
        if self.sampler.detail_guidance != 1 and (self.detail is None or self.detail.kind != "flow"):
            raise ValueError("sampler.detail_guidance needs a section [detail] of kind 'flow'")
        return self

    @model_validator(mode="after")
    def _kept_stages_come_from_a_model(self) -> "GeneratorConfig":
        if self.keep and not self.initial:
            raise ValueError("keep names stages of a model: it needs initial, the model")
        stages = (*(("autoencoder",) if self.space == "latent" else ()), "denoiser")
        if self.keep and self.keep != stages[: len(self.keep)]:
            raise ValueError(f"keep: the first of the stages {', '.join(stages)}, in order; later ones build on them")
        if self.keep == stages and self.detail is None:
            raise ValueError("keep: no stage is left to train; add a section [detail], or keep fewer")
        return self

    @model_validator(mode="after")
    def _what_is_dropped_was_told(self) -> "GeneratorConfig":
        if self.denoiser.drop_conditions and not self.condition:
            raise ValueError("denoiser.drop_conditions needs conditions to drop: condition = ['day_of_year'], say")
        return self

    @model_validator(mode="after")
    def _needs_data_space(self) -> "GeneratorConfig":
        if self.space == "latent" and self.denoiser.channel_weights:
            raise ValueError("denoiser.channel_weights weighs variables: it needs space = 'data'")
        if self.space == "latent" and self.denoiser.crop:
            raise ValueError("denoiser.crop cuts squares of cells: it needs space = 'data'")
        return self

    @property
    def multiple(self) -> int:
        """What y and x must be multiples of."""
        both = self.denoiser.multiple
        if self.space == "latent" and self.autoencoder is not None:
            both *= self.autoencoder.factor
        return both if self.detail is None else math.lcm(both, self.detail.multiple)
