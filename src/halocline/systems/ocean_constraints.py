"""The ocean generator's constraints: which are chosen, and the objects they become."""

from collections.abc import Sequence

from halocline.chain.placed import ActiveConstraint, Draw
from halocline.constraints.named.contents import LevelMeans
from halocline.constraints.named.patterns import OnPatterns
from halocline.constraints.named.sort import ThorpeSorted
from halocline.constraints.named.stability import MinimumChange
from halocline.constraints.protocol import Constraint
from halocline.data.grids.ocean_layout import OceanLayout
from halocline.physics.stability import Reference
from halocline.runtime.errors import ConfigError, did_you_mean
from halocline.systems.fitted import Parts
from halocline.systems.ocean_config import OceanConstraintsConfig, OceanGeneratorConfig, Where

NAMES = ("none", "paper", "patterns", "contents", "stability", "sort")
_WHERE: dict[str, Where] = {"patterns": "end", "contents": "both", "stability": "end", "sort": "end"}


def active_constraints(
    chosen: OceanConstraintsConfig, layout: OceanLayout, parts: Parts
) -> tuple[ActiveConstraint, ...]:
    """Return the chosen constraints in the order in which they act."""
    reference: Reference = 0.0 if chosen.reference == "surface" else chosen.reference  # type: ignore[assignment]

    def patterns(draw: Draw) -> Constraint:
        assert parts.patterns is not None
        return OnPatterns(parts.patterns)

    def drawn(draw: Draw) -> Constraint:
        assert parts.contents is not None
        return LevelMeans(layout, parts.contents.draw(draw.seed, draw.members, draw.condition), "level-means")

    def stability(draw: Draw) -> Constraint:
        return MinimumChange(layout, reference=reference)

    def sort(draw: Draw) -> Constraint:
        return ThorpeSorted(layout, reference=reference)

    every = (
        ActiveConstraint("patterns", patterns, chosen.patterns, chosen.patterns_from),
        ActiveConstraint("contents", drawn, chosen.contents, chosen.contents_from),
        ActiveConstraint("stability", stability, chosen.stability, chosen.stability_from),
        ActiveConstraint("sort", sort, chosen.sort, chosen.stability_from),
    )
    return tuple(constraint for constraint in every if constraint.where != "none")


def with_constraints(config: OceanGeneratorConfig, names: Sequence[str]) -> OceanGeneratorConfig:
    """Return a recipe whose states obey ``names`` and nothing else.

    A constraint acts where the recipe says; one that the recipe does not use acts at the end, contents in the sampler
    too.

    Raises:
        ConfigError: If a name is none of NAMES, "none" is given with others, or the model keeps no patterns.
    """
    for name in names:
        if name not in NAMES or (name == "none" and len(names) > 1):
            raise ConfigError(
                f"constraint '{name}'",
                found="no such constraint" if name not in NAMES else f"others beside it: {', '.join(names)}",
                expected="constraints of the ocean generator, or 'none' alone",
                remedy=did_you_mean(name, NAMES),
            )
    if "patterns" in names and not config.constraints.patterns_kept:
        raise ConfigError(
            "constraint 'patterns'",
            found="a model without patterns",
            expected="a model that keeps the leading patterns of its training states",
            remedy="Train with --set constraints.patterns_kept=60, or use: halocline constrain --patterns-from STATES.",
        )
    changes: dict[str, object] = {"paper": "paper" in names}
    for name, fallback in _WHERE.items():
        before = getattr(config.constraints, name)
        changes[name] = (fallback if before == "none" else before) if name in names else "none"
    return config.model_copy(update={"constraints": config.constraints.model_copy(update=changes)})
