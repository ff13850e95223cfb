"""The ocean generator's constraints: which are chosen, and the objects they become."""

from collections.abc import Sequence

from halocline.constraints.content_distribution import ContentDistribution
from halocline.constraints.contents import Contents
from halocline.constraints.protocol import Constraint
from halocline.constraints.stability import MinimumChange, Sorted
from halocline.generate.active import ActiveConstraint, Draw
from halocline.physics.stability import Reference
from halocline.recipes.ocean_config import OceanConstraintsConfig, OceanGeneratorConfig, Where
from halocline.runtime.errors import ConfigError, did_you_mean
from halocline.states.ocean_layout import OceanLayout

NAMES = ("none", "paper", "contents", "stability", "sort")
_WHERE: dict[str, Where] = {"contents": "both", "stability": "end", "sort": "end"}


def active_constraints(
    chosen: OceanConstraintsConfig, layout: OceanLayout, distribution: ContentDistribution | None
) -> tuple[ActiveConstraint, ...]:
    """Return the chosen constraints in the order in which they act."""
    reference: Reference = 0.0 if chosen.reference == "surface" else chosen.reference  # type: ignore[assignment]

    def drawn(draw: Draw) -> Constraint:
        assert distribution is not None
        return Contents(layout, distribution.draw(draw.seed, draw.members, draw.condition), "level-means")

    def stability(draw: Draw) -> Constraint:
        return MinimumChange(layout, reference=reference)

    def sort(draw: Draw) -> Constraint:
        return Sorted(layout, reference=reference)

    every = (
        ActiveConstraint("contents", "degC, psu or m", drawn, chosen.contents, chosen.contents_from),
        ActiveConstraint("stability", "kg m-3", stability, chosen.stability, chosen.stability_from),
        ActiveConstraint("sort", "kg m-3", sort, chosen.sort, chosen.stability_from),
    )
    return tuple(constraint for constraint in every if constraint.where != "none")


def with_constraints(config: OceanGeneratorConfig, names: Sequence[str]) -> OceanGeneratorConfig:
    """Return a recipe whose states obey ``names`` and nothing else.

    A constraint acts where the recipe says; one that the recipe does not use acts at the end, contents in the sampler
    too.

    Raises:
        ConfigError: If a name is none of NAMES, or "none" is given with others.
    """
    for name in names:
        if name not in NAMES or (name == "none" and len(names) > 1):
            raise ConfigError(
                f"constraint '{name}'",
                found="no such constraint" if name not in NAMES else f"others beside it: {', '.join(names)}",
                expected="constraints of the ocean generator, or 'none' alone",
                remedy=did_you_mean(name, NAMES),
            )
    changes: dict[str, object] = {"paper": "paper" in names}
    for name, fallback in _WHERE.items():
        before = getattr(config.constraints, name)
        changes[name] = (fallback if before == "none" else before) if name in names else "none"
    return config.model_copy(update={"constraints": config.constraints.model_copy(update=changes)})
