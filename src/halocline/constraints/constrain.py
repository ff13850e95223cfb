"""Constraints on any dataset of states, without a model."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from halocline.constraints.level_means import Kind, means_of
from halocline.constraints.mean_distribution import MeanDistribution
from halocline.constraints.pattern_basis import PatternBasis
from halocline.constraints.project_all import ProjectionReport, project_all
from halocline.constraints.protocol import Setting
from halocline.constraints.registry import CONSTRAINTS
from halocline.data.fields.variables import variable
from halocline.data.files.ice import IceStates, ice_states
from halocline.data.files.ocean import OceanStates, ocean_states
from halocline.data.grids.compare import same_cells
from halocline.physics.eos import DINO_EOS, EquationOfState
from halocline.physics.stability import Reference
from halocline.runtime.errors import ConfigError, InputError


def constrain(
    dataset: xr.Dataset,
    constraints: Sequence[str],
    *,
    reference: Reference = "local",
    eos: EquationOfState = DINO_EOS,
    contents_from: xr.Dataset | None = None,
    kind: Kind = "level-means",
    patterns_from: xr.Dataset | None = None,
    patterns: int = 60,
    seed: int = 0,
    positive: str | None = None,
    source: str = "the dataset",
) -> tuple[xr.Dataset, list[ProjectionReport]]:
    """Project states onto constraints, in the order given, and tell how far each moved them.

    Args:
        dataset: Sea-ice states with dimensions (..., y, x) for "ice-bounds"; ocean states (see
            data/files/ocean.py) for all others.
        constraints: Names out of ``CONSTRAINTS``. "patterns": projection on the leading patterns of other states.
            "contents": level or basin means imposed. "stability": smallest change, column heat and salt kept. "sort":
            the same water re-stacked. "southern-border": the published repair. "ice-bounds": bounds and
            one ice mask.
        reference: Depth of comparison for stability: "local", metres (0 = surface), or "both".
        eos: Equation of state for stability.
        contents_from: States whose contents are taken: one state's for all members; of several (3 or more) a
            Gaussian is fitted and each member draws its own.
        kind: "level-means" or "basin".
        patterns_from: States, more than ``patterns``, whose leading patterns are taken.
        patterns: How many.
        seed: Seed of the draws.
        positive: Direction of the depth coordinate if it does not say.
        source: Name for errors.

    Returns:
        The dataset with the corrected variables and the attribute ``halocline_constraints``; one report a
        constraint.

    Raises:
        ConfigError: If a name or a setting is wrong.
        InputError: If the dataset cannot be used.
    """
    if not constraints:
        raise ConfigError(
            "constraints", found="none", expected="at least one name", remedy=f"Valid names: {', '.join(CONSTRAINTS)}."
        )

    def ice() -> tuple[IceStates, Setting]:
        found = ice_states(dataset, source)
        return found, Setting(found.variables)

    def ocean() -> tuple[OceanStates, Setting]:
        found = ocean_states(dataset, positive=positive, source=source)
        return found, Setting(
            tuple(variable(label) for label in found.channel_names),
            found.layout,
            reference,
            eos,
            lambda: _means(found, contents_from, kind, seed, positive),
            kind,
            lambda: PatternBasis.fit(_others(found, patterns_from, "patterns", positive), found.layout.wet, patterns),
        )

    fits = "ocean" if "thetao" in dataset else "ice"
    needs = [CONSTRAINTS[name].needs for name in constraints]
    where = [fits if need == "any" else need for need in needs]
    groups = {group: ice() if group == "ice" else ocean() for group in dict.fromkeys(where)}
    chosen = [CONSTRAINTS[name].of(groups[group][1]) for name, group in zip(constraints, where, strict=True)]
    out = dataset
    reports: dict[int, ProjectionReport] = {}
    for group, (found, _) in groups.items():
        places = [k for k, there in enumerate(where) if there == group]
        states, moved = project_all(found.states, [chosen[k] for k in places], found.channel_names)
        reports |= dict(zip(places, moved, strict=True))
        out = found.into(out, states)
    past = dataset.attrs.get("halocline_constraints")
    words = ", ".join([*([str(past)] if past else []), *constraints])
    return out.assign_attrs(halocline_constraints=words), [reports[k] for k in range(len(chosen))]


def _means(
    ocean: OceanStates, contents_from: xr.Dataset | None, kind: Kind, seed: int, positive: str | None
) -> np.ndarray:
    """Return one state's means, or those that are drawn for each member from the distribution over several."""
    samples = means_of(_others(ocean, contents_from, "contents", positive), ocean.layout, kind)
    return samples if len(samples) == 1 else MeanDistribution.fit(samples).draw(seed, ocean.members())


def _others(ocean: OceanStates, dataset: xr.Dataset | None, what: str, positive: str | None) -> np.ndarray:
    """Return the states to take something from, on the same cells as those to constrain."""
    if dataset is None:
        raise ConfigError(
            f"constraint '{what}'",
            found=f"no states to take {what} from",
            expected="one state (its contents for all) or many (a distribution to draw from)"
            if what == "contents"
            else "many states, more than patterns are wanted",
            remedy=f"Give --{what}-from FILE, or {what}_from=dataset.",
        )
    given = ocean_states(dataset, positive=positive, source=f"the states to take {what} from")
    if given.layout.fields != ocean.layout.fields or not same_cells(given.layout.grid, ocean.layout.grid):
        found, expected = (
            f"a grid {part.grid.wet.shape} with fingerprint {part.grid.fingerprint()}, "
            f"{'with' if 'zos' in part.fields else 'without'} zos"
            for part in (given.layout, ocean.layout)
        )
        raise InputError(
            f"states to take {what} from",
            found=found,
            expected=f"{expected}, as in the states to constrain",
            remedy="Use states of the same grid, mask, thickness, area and variables.",
        )
    return given.states
