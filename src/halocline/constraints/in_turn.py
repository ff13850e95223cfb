"""Constraints one after the other, and what each of them did to the states."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halocline.constraints.protocol import Constraint, apply


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


def project_in_turn(
    states: np.ndarray, steps: Sequence[tuple[Constraint, str]], labels: Sequence[str]
) -> tuple[np.ndarray, list[Moved]]:
    """Project states onto constraints in the order given.

    Args:
        states: (member, channel, y, x), physical units, dry cells NaN.
        steps: Constraints, each with the unit of its residual.
        labels: The variable of each channel, for the report.

    Returns:
        The states, and one report a constraint.
    """
    reports = []
    for constraint, _ in steps:
        before = states
        states, report = apply(constraint, before)
        reports.append((report, _rms(before, states, labels)))
    return states, [
        Moved(
            name=report.name,
            unit=unit,
            tolerance=constraint.tolerance,
            residual_before=report.residual_before,
            residual_after=report.residual_after,
            residual_end=float(constraint.residual(states).max(initial=0.0)),
            moved_share=report.moved_share,
            rms_change=rms,
        )
        for (constraint, unit), (report, rms) in zip(steps, reports, strict=True)
    ]


def _rms(before: np.ndarray, after: np.ndarray, labels: Sequence[str]) -> dict[str, float]:
    names = np.array(labels)
    rms = {}
    for name in dict.fromkeys(labels):
        change = after[:, names == name].astype(np.float64) - before[:, names == name]
        rms[name] = float(np.sqrt(np.nanmean(change**2))) if np.isfinite(change).any() else 0.0
    return rms
