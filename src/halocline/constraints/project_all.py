"""Constraints one after the other, and what each of them did to the states."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from halocline.constraints.protocol import Constraint


@dataclass(frozen=True)
class ProjectionReport:
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


def project_all(
    states: np.ndarray, constraints: Sequence[Constraint], labels: Sequence[str]
) -> tuple[np.ndarray, list[ProjectionReport]]:
    """Project states onto constraints in the order given.

    Args:
        states: (member, channel, y, x), physical units, dry cells NaN.
        constraints: The constraints.
        labels: The variable of each channel, for the report.

    Returns:
        The states, and one report a constraint.
    """
    found = []
    for constraint in constraints:
        before, states = states, constraint.project(states)
        residuals = (_largest(constraint, before), _largest(constraint, states))
        found.append((*residuals, *_changes(before, states, labels)))
        del before
    return states, [
        ProjectionReport(c.name, c.unit, c.tolerance, before, after, _largest(c, states), moved, rms)
        for c, (before, after, moved, rms) in zip(constraints, found, strict=True)
    ]


def merged(batches: Sequence[Sequence[ProjectionReport]], members: Sequence[int]) -> list[ProjectionReport]:
    """Return one report a constraint of states that were projected batch by batch.

    Args:
        batches: The reports of each batch, in the order of the constraints.
        members: States in each batch; all have the same wet cells.
    """
    share = np.asarray(members, np.float64) / sum(members)
    return [_merged(reports, share) for reports in zip(*batches, strict=True)]


def _merged(reports: Sequence[ProjectionReport], share: np.ndarray) -> ProjectionReport:
    if len(reports) == 1:
        return reports[0]
    worst = {name: max(getattr(r, name) for r in reports) for name in _RESIDUALS}
    squares = {name: float(share @ [r.rms_change[name] ** 2 for r in reports]) for name in reports[0].rms_change}
    return replace(
        reports[0],
        **worst,
        moved_share=float(share @ [r.moved_share for r in reports]),
        rms_change={name: square**0.5 for name, square in squares.items()},
    )


_RESIDUALS = ("residual_before", "residual_after", "residual_end")


def _largest(constraint: Constraint, states: np.ndarray) -> float:
    return float(constraint.residual(states).max(initial=0.0))


def _changes(before: np.ndarray, after: np.ndarray, labels: Sequence[str]) -> tuple[float, dict[str, float]]:
    """Return the share of the finite values that changed, and the rms change by variable; channel by channel."""
    moved = finite = 0
    squares, counts = dict.fromkeys(labels, 0.0), dict.fromkeys(labels, 0)
    for channel, name in enumerate(labels):
        change = after[:, channel].astype(np.float64) - before[:, channel]
        known = np.isfinite(change)
        moved += int(np.count_nonzero(change[known]))
        finite += int(np.isfinite(after[:, channel]).sum())
        squares[name] += float((change[known] ** 2).sum())
        counts[name] += int(known.sum())
    rms = {name: (square / max(1, counts[name])) ** 0.5 for name, square in squares.items()}
    return moved / max(1, finite), rms
