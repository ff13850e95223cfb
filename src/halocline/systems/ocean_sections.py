"""Sections of an ocean generator's configuration: its network space, its sampler, its constraints."""

from typing import ClassVar, Literal

from pydantic import Field, model_validator

from halocline.data.response.surface import PATTERNS
from halocline.systems.base_config import Section
from halocline.systems.sections import SamplerConfig

Where = Literal["none", "estimate", "end", "both"]


class OceanCodecConfig(Section):
    """Physical states to network space.

    Attributes:
        normalisation: ``level`` (mean and horizontal spread of each level, as published) or ``cell`` (mean state cell
            by cell, and the level's rms anomaly).
        scale: Standard deviations that become 1.
        levels_every: Draw every n-th level only and interpolate between.
        pad_multiple: Pad y and x to multiples of this as well as of what the network needs.
        mean: What normalised states are anomalies from: the mean over ``members``, or the ``response`` surface of their
            parameters and their season, so that the network draws what these do not decide. Only with ``cell``.
        patterns: Most patterns of the response surface.
    """

    added: ClassVar[frozenset[str]] = frozenset({"mean", "patterns"})

    normalisation: Literal["level", "cell"] = "cell"
    scale: float = Field(default=1.0, gt=0)
    levels_every: int = Field(default=1, gt=0)
    pad_multiple: int = Field(default=1, gt=0)
    mean: Literal["members", "response"] = "members"
    patterns: int = Field(default=PATTERNS, gt=0, le=1000)


class OceanSamplerConfig(SamplerConfig):
    """How states are drawn.

    Attributes:
        repair_border: Overwrite the southernmost wet row by that north of it, as published.
    """

    solver: str = "multistep"
    steps: int = Field(default=16, gt=0)
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
