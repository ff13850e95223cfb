"""Constraints on any dataset of states, without a model."""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
import xarray as xr

from halocline.constraints.level_means import Kind, means_of
from halocline.constraints.mean_distribution import MeanDistribution
from halocline.constraints.pattern_basis import PatternBasis
from halocline.constraints.project_all import ProjectionReport, merged, project_all
from halocline.constraints.protocol import Setting
from halocline.constraints.registry import CONSTRAINTS
from halocline.data.fields.variables import variable
from halocline.data.files.ice import IceStates, ice_states
from halocline.data.files.ocean import OceanStates, ocean_states
from halocline.data.grids.compare import differences
from halocline.data.reading.choices import AS_THE_FILE_SAYS, Choices
from halocline.data.reading.names import ours_of
from halocline.data.reading.ocean.mesh import Mesh
from halocline.physics.eos import DINO_EOS, EquationOfState
from halocline.physics.stability import Reference
from halocline.runtime.errors import ConfigError, InputError

_Parts = list[tuple[np.ndarray, Setting]]


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
    choices: Choices = AS_THE_FILE_SAYS,
    mesh: Mesh | None = None,
) -> tuple[xr.Dataset, list[ProjectionReport]]:
    """Project states onto constraints, in the order given, and tell how far each moved them.

    Args:
        dataset: Sea-ice states with dimensions (..., y, x) for "ice-bounds"; ocean states of any origin (see
            data/files/ocean.py) for all others. Of states with a thickness at each record each has its own.
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
        choices: What the states do not say.
        mesh: A file of their grid.

    Returns:
        The dataset with the corrected variables and the attribute ``halocline_constraints``; one report a
        constraint. Where names, units or order were others than ours it is the dataset as it was read, and the
        attribute ``halocline_reading`` says what was done.

    Raises:
        ConfigError: If a name or a setting is wrong.
        InputError: If the dataset cannot be used.
    """
    if not constraints:
        raise ConfigError(
            "constraints", found="none", expected="at least one name", remedy=f"Valid names: {', '.join(CONSTRAINTS)}."
        )

    read = partial(ocean_states, positive=positive, choices=choices, mesh=mesh)

    def ice() -> tuple[IceStates, _Parts]:
        found = ice_states(dataset, source, choices)
        return found, [(found.states, Setting(found.variables))]

    def ocean() -> tuple[OceanStates, _Parts]:
        found = read(dataset, source=source)
        labels = tuple(variable(label) for label in found.channel_names)

        def setting(part: OceanStates) -> Setting:
            return Setting(
                labels,
                part.layout,
                reference,
                eos,
                lambda: _means(part, _others(found, contents_from, "contents", read), kind, seed),
                kind,
                lambda: _patterns(found, _others(found, patterns_from, "patterns", read), patterns),
            )

        return found, [(part.states, setting(part)) for part in found.records()]

    fits = "ocean" if "thetao" in ours_of(dataset, "ocean") else "ice"
    needs = [CONSTRAINTS[name].needs for name in constraints]
    where = [fits if need == "any" else need for need in needs]
    groups = {group: ice() if group == "ice" else ocean() for group in dict.fromkeys(where)}
    out, told = dataset, list[str]()
    for found, _ in groups.values():
        if found.dataset is not dataset:
            out, told = found.dataset, [*told, *found.notes.told()]
    reports: dict[int, ProjectionReport] = {}
    for group, (found, parts) in groups.items():
        places = [k for k, there in enumerate(where) if there == group]
        done = []
        for some, setting in parts:
            chosen = [CONSTRAINTS[constraints[k]].of(setting) for k in places]
            done.append(project_all(some, chosen, found.channel_names))
        moved = merged([reports for _, reports in done], [len(some) for some, _ in parts])
        reports |= dict(zip(places, moved, strict=True))
        out = found.into(out, np.concatenate([states for states, _ in done]))
    past = dataset.attrs.get("halocline_constraints")
    words = ", ".join([*([str(past)] if past else []), *constraints])
    about = {"halocline_constraints": words, **({"halocline_reading": "; ".join(told)} if told else {})}
    return out.assign_attrs(about), [reports[k] for k in range(len(constraints))]


def _means(ocean: OceanStates, others: OceanStates, kind: Kind, seed: int) -> np.ndarray:
    """Return one state's means, or those that are drawn for each member from the distribution over several."""
    samples = np.concatenate([means_of(part.states, part.layout, kind) for part in others.records()])
    return samples if len(samples) == 1 else MeanDistribution.fit(samples).draw(seed, ocean.members())


def _patterns(ocean: OceanStates, others: OceanStates, count: int) -> PatternBasis:
    return PatternBasis.fit(others.states, ocean.layout.wet, count)


def _others(ocean: OceanStates, dataset: xr.Dataset | None, what: str, read: Callable[..., OceanStates]) -> OceanStates:
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
    given = read(dataset, source=f"the states to take {what} from")
    differ = set(differences(given.layout.grid, ocean.layout.grid))
    if given.thickness is not None or ocean.thickness is not None:
        differ -= {"thickness", "depth"}  # of each record its own
    if given.layout.fields != ocean.layout.fields or differ:
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
    return given
