"""What every configuration is made of: immutable sections, a system's own keys, names of registered parts."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Self

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
