"""Configuration of the surrogate."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from halocline.systems.base_config import DEEPEST, WIDEST, Multipliers, Section, SolverName, SystemConfig
from halocline.training.settings import TrainingSettings

ADAPTING_MEMORY = 48.0
"""Hours that the noise of a one-pass head remembers, at least, where it goes on on other data: its errors persist."""
ADAPTING_PATCHES = 2000
"""Its training samples, at most; each is drawn ``members`` times."""


def _on_straight_path(name: str) -> str:
    from halocline.chain.forecast.surrogate import FLOW_SOLVERS

    return FLOW_SOLVERS.get(name, name)


class PatchesConfig(Section):
    """What one training sample is.

    Attributes:
        inner: Cells a side where the loss counts.
        overlap: Cells around them that are only seen.
        levels: Cells of 1, 2, 4, ... times the grid's, drawn with probability proportional to 1, 1/2,
            1/4, ...; those that fit the domain.
        augment: Flips and quarter turns.
    """

    inner: int = Field(default=64, gt=0, le=WIDEST)
    overlap: int = Field(default=8, ge=0, le=WIDEST)
    levels: Multipliers = (1, 2, 4, 8)
    augment: bool = True


class NetworkConfig(Section):
    """The transformer.

    Attributes:
        width: Features of a token.
        blocks: Number of blocks.
        heads: Attention heads; width / heads is a multiple of 4, at least 8.
        patch: Cells a side of a token.
        hidden: Hidden features of the MLP; twice the width if 0.
        localised: Whether attention has a learned reach.
        reach: Its initial values of the first and last head, cells.
    """

    width: int = Field(default=512, gt=0, le=WIDEST)
    blocks: int = Field(default=8, gt=0, le=DEEPEST)
    heads: int = Field(default=8, gt=0, le=DEEPEST)
    patch: int = Field(default=2, gt=0, le=DEEPEST)
    hidden: int = Field(default=0, ge=0, le=WIDEST)
    localised: bool = True
    reach: tuple[float, float] = (4.0, 24.0)


class ForecastConfig(Section):
    """How a step is drawn.

    Attributes:
        solver: Of the straight path: ``heun-t`` (2 N - 1 passes), ``multistep`` or ``ddim`` (N passes); flows only. The
            former names ``heun`` and ``euler`` stand for ``heun-t`` and ``ddim``.
        steps: Solver steps N.
        steepness: Of the sigmoid along which the sampling times lie, as published; see LinearPath.
        shift: Its shift; larger values put more of the steps near the data, which few steps need to keep their spread.
        bounding: What happens to clean estimates beyond a bound inside the sampler.
        noise_hours: How long the noise of a member remembers, hours; 0 for noise that is new at every step. Each step's
            noise is standard normal either way; see chain/forecast/noise.py.
        views: In which of the eight symmetries a member is stepped: ``one`` for the grid as it is, one drawn for each
            ``member``, or one for each ``step`` of a member; see chain/forecast/symmetry_ensemble.py.
        blend: Cells on both sides of a tile's border over which neighbours are mixed; 0 stitches hard.
        one_mask: After each step, empty cells without thickness or concentration of all ice; where both are drawn.
        sic_minimum: Concentrations below count as open water, if ``one_mask``.
    """

    solver: Annotated[SolverName, BeforeValidator(_on_straight_path)] = "heun-t"
    steps: int = Field(default=20, gt=0, le=100_000)
    steepness: float = Field(default=3.0, gt=0)
    shift: float = 0.5
    bounding: Literal["clamp", "censored-mean", "none"] = "clamp"
    noise_hours: float = Field(default=0.0, ge=0)
    views: Literal["one", "member", "step"] = "one"
    blend: int = Field(default=0, ge=0, le=WIDEST)
    one_mask: bool = False
    sic_minimum: float = Field(default=0.0, ge=0, lt=1)


class SurrogateConfig(SystemConfig):
    """The surrogate of Finn et al. 2025, its deterministic twin and its one-pass head.

    Attributes:
        variables: The state: variables, or levels of some by the names of their channels, such as ``thetao_00``.
        forcing: What the atmosphere gives, at both ends of a step.
        degree_days: Windows of melting and freezing, days.
        place: Whether the network sees where it is.
        season: Whether it knows the day of the year.
        step_hours: Length of a step.
        objective: ``flow`` draws members; ``regression`` is the twin; ``crps`` draws members in one pass.
        pure_noise: Share of a flow's patches at t = 1, which decides on the mean of what is drawn; the rest is uniform.
        initial: Model folder or shipped model whose weights training starts from; none if empty.
        statistics: Normalisation fitted to the ``data``, or that of the ``initial`` model; ``auto`` is the latter for
            data of less than 360 days, because a month says little of a year (docs/howto/adapt.md).
        likelihood: Of the flow: ``censored`` at the bounds, or ``gaussian``.
        prediction: Of the flow's network, and of one that starts from a flow's weights; others predict the clean r.
        members: Members of the CRPS.
        scales: Blocks of the CRPS, cells a side.
        fair: Share of the fair CRPS.
        energy: Weight of the energy score of each variable's patch beside the CRPS (diffusion/energy.py); 0 for none.
        patches: Training samples.
        network: The transformer.
        training: How long and how fast.
        forecast: How a step is drawn.
    """

    added: ClassVar[frozenset[str]] = frozenset({"statistics", "energy"})

    recipe: Literal["surrogate"]
    variables: tuple[str, ...] = ("sit", "sic", "sid", "siu", "siv", "snt")
    forcing: tuple[str, ...] = ("t2m", "q2m", "u10", "v10")
    degree_days: tuple[Annotated[int, Field(gt=0, le=100_000)], ...] = (30, 366)
    place: bool = False
    season: bool = False
    step_hours: int = Field(default=12, gt=0, le=1_000_000)
    objective: Literal["flow", "regression", "crps"] = "flow"
    pure_noise: float = Field(default=0.0, ge=0, lt=1)
    initial: str = ""
    statistics: Literal["auto", "data", "initial"] = "auto"
    likelihood: Literal["censored", "gaussian"] = "censored"
    prediction: Literal["velocity", "clean"] = "velocity"
    members: int = Field(default=2, ge=2, le=DEEPEST)
    scales: Multipliers = (1, 2, 4)
    fair: float = Field(default=0.95, ge=0, le=1)
    energy: float = Field(default=0.0, ge=0)
    patches: PatchesConfig = PatchesConfig()
    network: NetworkConfig = NetworkConfig()
    training: TrainingSettings
    forecast: ForecastConfig = ForecastConfig()

    @property
    def reads(self) -> Literal["velocity", "clean"]:
        """What the network predicts.

        One pass from noise to a state: an estimate x_t + F would have to learn to take the noise away first; a flow,
        and what starts from one, has.
        """
        return self.prediction if self.objective == "flow" or self.initial else "clean"

    def reading(self) -> dict[str, Any]:
        """Return the network, what it is given in which order, and what it predicts."""
        names = self.model_dump(include={"network", "variables", "forcing"}, mode="json")
        return names | {"prediction": self.reads}

    def going_on(self, model: str, card: Mapping[str, Any]) -> Self:
        """Return the recipe that goes on from a model; its output is read as before.

        Members of a one-pass head keep their noise for longer; numbers by docs/howto/adapt.md.
        """
        on = super().going_on(model, card).model_copy(update={"prediction": self.reads})
        if self.objective != "crps":
            return on
        samples = min(on.training.samples, ADAPTING_PATCHES)
        hours = max(self.forecast.noise_hours, ADAPTING_MEMORY)
        changes: dict[str, Any] = {
            "training": on.training.model_copy(update={"samples": samples}),
            "forecast": on.forecast.model_copy(update={"noise_hours": hours}),
        }
        return on.model_copy(update=changes)

    @model_validator(mode="after")
    def _sizes_fit(self) -> "SurrogateConfig":
        if self.statistics == "initial" and not self.initial:
            raise ValueError("statistics = 'initial' needs a model to start from (initial, or --from MODEL)")
        for name in ("inner", "overlap"):
            if getattr(self.patches, name) % self.network.patch:
                raise ValueError(f"patches.{name} must be a multiple of network.patch = {self.network.patch}")
        if self.network.width % self.network.heads or (self.network.width // self.network.heads) % 4:
            raise ValueError("network.width / network.heads must be a multiple of 4")
        if self.network.width // self.network.heads < 8:
            raise ValueError("network.width / network.heads must be at least 8")
        if self.forecast.blend > self.patches.overlap:
            raise ValueError(f"forecast.blend must be at most patches.overlap = {self.patches.overlap}")
        if self.forecast.views != "one" and not self.patches.augment:
            raise ValueError("forecast.views other than 'one' need patches.augment: views that training has seen")
        return self
