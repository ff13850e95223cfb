"""What all methods share: their settings, and the two kinds there are."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from halocline.runtime.registry import Registry

if TYPE_CHECKING:
    import numpy as np

    from halocline.analysis.measured import Measured
    from halocline.analysis.operators.observing import ObservationOperator
    from halocline.chain.generator import Generator
    from halocline.diffusion.denoiser import Denoiser
    from halocline.observations.table import Observations


@dataclass(frozen=True)
class Settings:
    """What methods may be told; each takes what it needs.

    Attributes:
        iterations: Of conjugate gradients (mmps).
        radius_km: Distance at which the localisation ends (enoi, enkf, etkf), km.
        inflation: Factor of the prior's anomalies (enoi, enkf, etkf).
        strength: zeta of dps, gamma of sda; their own if None.
        data: Store of training states (nearest).
        level: sigma / alpha to which members of the prior are noised (resample).
        pilots: States from which is learned what the observations say of forcing parameters that are not told; 0 for
            parameters as in the prior (analysis/forcing.py).
    """

    iterations: int = 2
    radius_km: float = 300.0
    inflation: float = 1.0
    strength: float | None = None
    data: Path | None = None
    level: float = 0.5
    pilots: int = 128


@dataclass(frozen=True, eq=False)
class Prior:
    """Members of the prior and what they are compared with.

    Attributes:
        states: (member, channel, y, x), physical units, land NaN.
        table: The observations, all of them seen by the operator.
        operator: H.
        generator: Whose states they are.
        numbers: Numbers of the members.
        seed: Seed of the ensemble.
        day: Day of the year that the observations are for; None if unknown.
    """

    states: "np.ndarray"
    table: "Observations"
    operator: "ObservationOperator"
    generator: "Generator"
    numbers: list[int] = field(default_factory=list)
    seed: int = 0
    day: float | None = None


class Method(Protocol):
    """A method."""

    @property
    def guides(self) -> bool:
        """Whether it guides the sampler; else it changes members of the prior."""
        ...

    @property
    def redraws(self) -> bool:
        """Whether it guides a sampler that begins near members of the prior, not with noise alone."""
        ...

    @property
    def trusts_jacobian(self) -> bool:
        """Whether the network's Jacobian stands for a covariance; see own_variance.py."""
        ...

    @property
    def uses(self) -> tuple[str, ...]:
        """Settings that it takes."""
        ...

    def guide(self, denoiser: "Denoiser", schedule: Any, measured: "Measured", settings: Settings) -> "Denoiser":
        """Return the denoiser that agrees with observations, of a method that guides."""
        ...

    def update(self, prior: Prior, settings: Settings) -> "np.ndarray":
        """Return states (member, channel, y, x), before constraints, of a method that changes the prior."""
        ...


METHODS: "Registry[Method]" = Registry("method of analysis", __package__, "halocline.analysis_methods")
"""Methods by name."""

LEAST_STEPS = 16
"""Solver steps below which the spread of a guided sampler is not to be relied on (docs/explanation/observations.md)."""


class Guiding:
    """A method that guides the sampler."""

    guides = True
    redraws = False
    trusts_jacobian = False
    uses: tuple[str, ...] = ()

    def update(self, prior: Prior, settings: Settings) -> "np.ndarray":
        """Not for such a method."""
        raise NotImplementedError


class Updating:
    """A method that changes members of the prior."""

    guides = False
    redraws = False
    trusts_jacobian = False
    uses: tuple[str, ...] = ()

    def guide(self, denoiser: Any, schedule: Any, measured: Any, settings: Settings) -> Any:
        """Not for such a method."""
        raise NotImplementedError
