"""The constraint protocol: how far a state is from physics, and the nearest state that obeys it."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class Constraint(Protocol):
    """A constraint on states in physical units, arrays (member, channel, y, x), land NaN."""

    @property
    def name(self) -> str:
        """Name in reports."""
        ...

    @property
    def tolerance(self) -> float:
        """Largest residual of a state that counts as satisfying."""
        ...

    def residual(self, states: np.ndarray) -> np.ndarray:
        """Return by how much each member violates the constraint (member,); satisfied if <= tolerance."""
        ...

    def project(self, states: np.ndarray) -> np.ndarray:
        """Return the corrected states, same shape; a state that satisfies the constraint is unchanged."""
        ...


@dataclass(frozen=True)
class ProjectionReport:
    """How far a projection moved the states.

    Attributes:
        name: The constraint.
        residual_before: Largest residual before.
        residual_after: Largest residual after.
        moved_share: Share of values changed.
        rms_change: Root-mean-square change per channel, physical units.
    """

    name: str
    residual_before: float
    residual_after: float
    moved_share: float
    rms_change: tuple[float, ...]


def apply(constraint: Constraint, states: np.ndarray) -> tuple[np.ndarray, ProjectionReport]:
    """Project states and report what that cost."""
    projected = constraint.project(states)
    change = np.nan_to_num(projected - states)
    wet = np.isfinite(projected)
    report = ProjectionReport(
        name=constraint.name,
        residual_before=float(constraint.residual(states).max(initial=0.0)),
        residual_after=float(constraint.residual(projected).max(initial=0.0)),
        moved_share=float(np.count_nonzero(change) / max(1, wet.sum())),
        rms_change=tuple(
            float(np.sqrt((change[:, k] ** 2).sum() / max(1, wet[:, k].sum()))) for k in range(change.shape[1])
        ),
    )
    return projected, report
