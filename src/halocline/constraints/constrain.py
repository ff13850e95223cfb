"""Constraints on any dataset of states, without a model."""

from collections.abc import Sequence

import numpy as np
import xarray as xr

from halocline.constraints.content_distribution import ContentDistribution
from halocline.constraints.contents import Contents, Kind, contents
from halocline.constraints.ice_bounds import IceBounds
from halocline.constraints.in_turn import Moved, project_in_turn
from halocline.constraints.pattern_basis import PatternBasis
from halocline.constraints.patterns import OnPatterns
from halocline.constraints.protocol import Constraint
from halocline.constraints.stability import MinimumChange, Sorted
from halocline.data.files.ice import IceStates, ice_states
from halocline.data.files.ocean import OceanStates, ocean_states
from halocline.data.grids.compare import same_cells
from halocline.physics.eos import DINO_EOS, EquationOfState
from halocline.physics.stability import Reference
from halocline.runtime.errors import ConfigError, InputError, did_you_mean

__all__ = ["NAMES", "Moved", "constrain"]

NAMES = ("patterns", "contents", "stability", "sort", "ice-bounds")


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
) -> tuple[xr.Dataset, list[Moved]]:
    """Project states onto constraints, in the order given, and tell how far each moved them.

    Args:
        dataset: Sea-ice states with dimensions (..., y, x) for "ice-bounds"; ocean states (see
            data/files/ocean.py) for all others.
        constraints: Names out of NAMES. "patterns": projection on the leading patterns of other states. "contents":
            level or basin means imposed. "stability": smallest change, column heat and salt kept. "sort": the same
            water re-stacked. "ice-bounds": bounds and one ice mask.
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
            "constraints",
            found="none",
            expected="at least one name",
            remedy=f"Valid names: {', '.join(NAMES)}.",
        )
    for name in constraints:
        if name not in NAMES:
            raise ConfigError(
                f"constraint '{name}'", found="no such constraint", expected="a name", remedy=did_you_mean(name, NAMES)
            )
    rooms: dict[str, OceanStates | IceStates] = {}
    steps: list[tuple[str, Constraint, str]] = []
    for name in constraints:
        if name == "ice-bounds":
            ice = rooms["ice"] = ice_states(dataset, source)
            steps.append(("ice", IceBounds(ice.variables), "1"))
            continue
        ocean = rooms["ocean"] = ocean_states(dataset, positive=positive, source=source)
        if name == "contents":
            steps.append(("ocean", _contents(ocean, contents_from, kind, seed, positive), "degC, psu or m"))
        elif name == "patterns":
            steps.append(("ocean", _patterns(ocean, patterns_from, patterns, positive), "rms anomaly"))
        else:
            stable = MinimumChange if name == "stability" else Sorted
            steps.append(("ocean", stable(ocean.layout, eos, reference), "kg m-3"))
    states: dict[str, np.ndarray] = {}
    reports: dict[int, Moved] = {}
    for room, found in rooms.items():
        mine = [(k, constraint, unit) for k, (where, constraint, unit) in enumerate(steps) if where == room]
        turn = [(constraint, unit) for _, constraint, unit in mine]
        states[room], moved = project_in_turn(found.states, turn, found.channel_names)
        reports |= dict(zip([k for k, *_ in mine], moved, strict=True))
    out = dataset
    for room, found in rooms.items():
        out = found.into(out, states[room])
    past = dataset.attrs.get("halocline_constraints")
    words = ", ".join([*([str(past)] if past else []), *constraints])
    return out.assign_attrs(halocline_constraints=words), [reports[k] for k in range(len(steps))]


def _contents(
    ocean: OceanStates, contents_from: xr.Dataset | None, kind: Kind, seed: int, positive: str | None
) -> Contents:
    samples = contents(_others(ocean, contents_from, "contents", positive), ocean.layout, kind)
    if len(samples) == 1:
        return Contents(ocean.layout, samples, kind)
    return Contents(ocean.layout, ContentDistribution.fit(samples).draw(seed, ocean.members()), kind)


def _patterns(ocean: OceanStates, patterns_from: xr.Dataset | None, count: int, positive: str | None) -> OnPatterns:
    states = _others(ocean, patterns_from, "patterns", positive)
    return OnPatterns(PatternBasis.fit(states, ocean.layout.wet, count))


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
