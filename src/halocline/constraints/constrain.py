"""Constraints on any dataset of states, without a model."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr

from halocline.constraints.content_distribution import ContentDistribution
from halocline.constraints.contents import Contents, Kind, contents
from halocline.constraints.ice_bounds import IceBounds
from halocline.constraints.protocol import Constraint, apply
from halocline.constraints.stability import MinimumChange, Sorted
from halocline.physics.eos import DINO_EOS, EquationOfState
from halocline.physics.stability import Reference
from halocline.runtime.errors import ConfigError, InputError, did_you_mean
from halocline.states.ice_dataset import IceStates, ice_states
from halocline.states.ocean_dataset import OceanStates, ocean_states

NAMES = ("stability", "sort", "contents", "ice-bounds")


@dataclass(frozen=True)
class Moved:
    """What one constraint did to the states.

    Attributes:
        name: The constraint.
        unit: Unit of its residual.
        tolerance: Largest residual that counts as satisfying.
        residual_before: Largest residual before it.
        residual_after: Largest residual right after it.
        residual_end: Largest residual after all constraints: a later one can undo an earlier one.
        moved_share: Share of the wet values it changed.
        rms_change: Root-mean-square change over wet values, by variable, in the variable's unit.
    """

    name: str
    unit: str
    tolerance: float
    residual_before: float
    residual_after: float
    residual_end: float
    moved_share: float
    rms_change: dict[str, float]


def constrain(
    dataset: xr.Dataset,
    constraints: Sequence[str],
    *,
    reference: Reference = "local",
    eos: EquationOfState = DINO_EOS,
    contents_from: xr.Dataset | None = None,
    kind: Kind = "level-means",
    seed: int = 0,
    positive: str | None = None,
    source: str = "the dataset",
) -> tuple[xr.Dataset, list[Moved]]:
    """Project states onto constraints, in the order given, and tell how far each moved them.

    Args:
        dataset: Ocean states (see states/ocean_dataset.py) for "stability", "sort" and "contents"; sea-ice states with
            dimensions (..., y, x) for "ice-bounds".
        constraints: Names out of NAMES. "stability": smallest change, column heat and salt kept. "sort": the same water
            re-stacked. "contents": level or basin means imposed. "ice-bounds": bounds and one ice mask.
        reference: Depth of comparison for stability: "local", metres (0 = surface), or "both".
        eos: Equation of state for stability.
        contents_from: States whose contents are taken: one state's for all members; of several (3 or more) a
            Gaussian is fitted and each member draws its own.
        kind: "level-means" or "basin".
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
        else:
            stable = MinimumChange if name == "stability" else Sorted
            steps.append(("ocean", stable(ocean.layout, eos, reference), "kg m-3"))
    states = {room: found.states for room, found in rooms.items()}
    reports = []
    for room, constraint, _ in steps:
        before = states[room]
        states[room], report = apply(constraint, before)
        reports.append((report, _rms(before, states[room], rooms[room].channel_names)))
    out = dataset
    for room, found in rooms.items():
        out = found.into(out, states[room])
    past = dataset.attrs.get("halocline_constraints")
    words = ", ".join([*([str(past)] if past else []), *constraints])
    moved = [
        Moved(
            name=report.name,
            unit=unit,
            tolerance=constraint.tolerance,
            residual_before=report.residual_before,
            residual_after=report.residual_after,
            residual_end=float(constraint.residual(states[room]).max(initial=0.0)),
            moved_share=report.moved_share,
            rms_change=rms,
        )
        for (room, constraint, unit), (report, rms) in zip(steps, reports, strict=True)
    ]
    return out.assign_attrs(halocline_constraints=words), moved


def _contents(
    ocean: OceanStates, contents_from: xr.Dataset | None, kind: Kind, seed: int, positive: str | None
) -> Contents:
    if contents_from is None:
        raise ConfigError(
            "constraint 'contents'",
            found="no states to take contents from",
            expected="one state (its contents for all) or many (a distribution to draw from)",
            remedy="Give --contents-from FILE, or contents_from=dataset.",
        )
    given = ocean_states(contents_from, positive=positive, source="the states to take contents from")
    if (
        given.layout.with_zos != ocean.layout.with_zos
        or given.layout.grid.fingerprint() != ocean.layout.grid.fingerprint()
    ):
        raise InputError(
            "states to take contents from",
            found=f"a grid {given.layout.grid.mask.shape} with fingerprint {given.layout.grid.fingerprint()}, "
            f"{'with' if given.layout.with_zos else 'without'} zos",
            expected=f"the grid {ocean.layout.grid.mask.shape} with fingerprint {ocean.layout.grid.fingerprint()}, "
            f"{'with' if ocean.layout.with_zos else 'without'} zos, as in the states to constrain",
            remedy="Use states of the same grid, mask, thickness, area and variables.",
        )
    samples = contents(given.states, given.layout, kind)
    if len(samples) == 1:
        return Contents(ocean.layout, samples, kind)
    return Contents(ocean.layout, ContentDistribution.fit(samples).draw(seed, ocean.members()), kind)


def _rms(before: np.ndarray, after: np.ndarray, labels: Sequence[str]) -> dict[str, float]:
    names = np.array(labels)
    rms = {}
    for name in dict.fromkeys(labels):
        change = after[:, names == name].astype(np.float64) - before[:, names == name]
        rms[name] = float(np.sqrt(np.nanmean(change**2))) if np.isfinite(change).any() else 0.0
    return rms
