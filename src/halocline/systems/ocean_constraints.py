"""The ocean generator's constraints: which are chosen, and the objects they become."""

from collections.abc import Sequence

from halocline.chain.placed import ActiveConstraint, Draw
from halocline.constraints.contents import Contents
from halocline.constraints.patterns import OnPatterns
from halocline.constraints.protocol import Constraint
from halocline.constraints.stability import MinimumChange, Sorted
from halocline.data.fields.layout import Layout
from halocline.data.grids.grid_layout import GridLayout
from halocline.physics.stability import Reference
from halocline.runtime.errors import ConfigError, InputError, did_you_mean
from halocline.systems.fitted import Parts
from halocline.systems.ocean_config import OceanConstraintsConfig, OceanGeneratorConfig, Where

NAMES = ("none", "paper", "patterns", "contents", "stability", "sort")
_WHERE: dict[str, Where] = {"patterns": "end", "contents": "both", "stability": "end", "sort": "end"}


def active_constraints(
    chosen: OceanConstraintsConfig, layout: GridLayout, parts: Parts
) -> tuple[ActiveConstraint, ...]:
    """Return the chosen constraints in the order in which they act."""
    reference: Reference = 0.0 if chosen.reference == "surface" else chosen.reference  # type: ignore[assignment]

    def patterns(draw: Draw) -> Constraint:
        assert parts.patterns is not None
        return OnPatterns(parts.patterns)

    def drawn(draw: Draw) -> Constraint:
        assert parts.contents is not None
        return Contents(layout, parts.contents.draw(draw.seed, draw.members, draw.condition), "level-means")

    def stability(draw: Draw) -> Constraint:
        return MinimumChange(layout, reference=reference)

    def sort(draw: Draw) -> Constraint:
        return Sorted(layout, reference=reference)

    every = (
        ActiveConstraint("patterns", "rms anomaly", patterns, chosen.patterns, chosen.patterns_from),
        ActiveConstraint("contents", "degC, psu or m", drawn, chosen.contents, chosen.contents_from),
        ActiveConstraint("stability", "kg m-3", stability, chosen.stability, chosen.stability_from),
        ActiveConstraint("sort", "kg m-3", sort, chosen.sort, chosen.stability_from),
    )
    return tuple(constraint for constraint in every if constraint.where != "none")


def has_water(layout: Layout) -> bool:
    """Tell whether states hold temperature and salinity on levels: what density and contents are made of."""
    return {"thetao", "so"} <= set(layout.levelled)


def check_fields(config: OceanGeneratorConfig, layout: Layout) -> None:
    """Raise InputError if a chosen constraint needs temperature and salinity, and the states have not both."""
    needing = [name for name in ("contents", "stability", "sort") if getattr(config.constraints, name) != "none"]
    if needing and not has_water(layout):
        raise InputError(
            f"fields of the constraint '{needing[0]}'",
            found=", ".join(layout.names),
            expected="thetao and so, on all levels, among them",
            remedy=f"Train with {' '.join(f'--set constraints.{name}=none' for name in needing)}, or add them.",
        )


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
