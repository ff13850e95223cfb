"""Configuration of the ocean generator."""

import math
from typing import Literal

from pydantic import Field, model_validator

from halocline.systems.sections import DenoiserConfig, Section

Where = Literal["none", "estimate", "end", "both"]


class OceanCodecConfig(Section):
    """Physical states to network space.

    Attributes:
        normalisation: ``level`` (mean and horizontal spread of each level, as published) or ``cell`` (mean state cell
            by cell, and the level's rms anomaly).
        scale: Standard deviations that become 1.
        levels_every: Draw every n-th level only and interpolate between.
        pad_multiple: Pad y and x to multiples of this as well as of what the network needs.
    """

    normalisation: Literal["level", "cell"] = "cell"
    scale: float = Field(default=1.0, gt=0)
    levels_every: int = Field(default=1, gt=0)
    pad_multiple: int = Field(default=1, gt=0)


class OceanSamplerConfig(Section):
    """How states are drawn.

    Attributes:
        solver: Name of the solver.
        steps: Solver steps.
        clip: Largest magnitude of the clean estimate in network space; 0 for no limit.
        repair_border: Overwrite the southernmost wet row by that north of it, as published.
    """

    solver: Literal["ddpm", "ddim", "heun", "multistep"] = "multistep"
    steps: int = Field(default=16, gt=0)
    clip: float = Field(default=0.0, ge=0)
    repair_border: bool = False


class OceanConstraintsConfig(Section):
    """What drawn states obey, and where: on the clean estimate inside the sampler, at the end, or both.

    At the end the order is patterns, contents, stability, sort. Contents shift whole levels, which patterns need not
    hold. Stability keeps the heat and salt of every column, so it keeps the basin's contents, and moves level means a
    little.

    Attributes:
        paper: The published pull of level means to zero on x_{s-1}, after zeros on land.
        beta: Its strength.
        patterns: Projection on the leading patterns of the training states.
        patterns_kept: How many patterns a model keeps; 0 for none, and no such constraint.
        patterns_from: Noise sigma / alpha (network space) from which on patterns act on the estimate.
        contents: Level means of T and S and the mean sea-surface height, drawn from their distribution given the
            conditions.
        contents_from: Noise sigma / alpha (network space) from which on contents act on the estimate.
        stability: The smallest change that makes columns stable.
        sort: Re-stacking instead.
        stability_from: Noise sigma / alpha from which on stability or sort act on the estimate.
        reference: Where densities are compared.
    """

    paper: bool = False
    beta: float = Field(default=1e-3, gt=0)
    patterns: Where = "none"
    patterns_kept: int = Field(default=0, ge=0)
    patterns_from: float = Field(default=10.0, gt=0)
    contents: Where = "none"
    contents_from: float = Field(default=10.0, gt=0)
    stability: Where = "none"
    sort: Where = "none"
    stability_from: float = Field(default=0.3, gt=0)
    reference: Literal["local", "surface", "both"] = "both"

    @model_validator(mode="after")
    def _patterns_are_kept(self) -> "OceanConstraintsConfig":
        if self.patterns != "none" and not self.patterns_kept:
            raise ValueError("constraints.patterns needs constraints.patterns_kept, for instance 60")
        return self


class OceanGeneratorConfig(Section):
    """Recipe 2, the ocean generator of Meunier et al. 2025 and what follows from it.

    Attributes:
        recipe: The recipe's name.
        description: One sentence for people.
        condition: What the generator is told: ``day_of_year``, ``parameters`` (all of the store's), or some by name.
        every: Train on every n-th stored time.
        seed: Seed of initial weights, batches and noise.
        codec: Normalisation and levels.
        denoiser: The diffusion model, in data space.
        sampler: The defaults of ``generate``.
        constraints: What states obey by default.
    """

    recipe: Literal["ocean-generator"]
    description: str = ""
    condition: tuple[str, ...] = ()
    every: int = Field(default=1, gt=0)
    seed: int = 0
    codec: OceanCodecConfig = OceanCodecConfig()
    denoiser: DenoiserConfig
    sampler: OceanSamplerConfig = OceanSamplerConfig()
    constraints: OceanConstraintsConfig = OceanConstraintsConfig()

    @property
    def multiple(self) -> int:
        """What y and x are padded to multiples of."""
        return math.lcm(self.denoiser.multiple, self.codec.pad_multiple)
