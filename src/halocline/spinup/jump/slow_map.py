"""The linear map from one change to the next in a few patterns, fitted to several runs at once. Knows no ocean."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from halocline.runtime.errors import InputError
from halocline.spinup.jump.history import History


@dataclass(frozen=True)
class SlowMapSettings:
    """How the map is fitted.

    Attributes:
        patterns: Patterns in which changes are told; fewer where the changes do not span as many.
        ridge: Tikhonov term, relative to the mean square of the coefficients that are fitted. It makes the fitted
            changes die out sooner, and jumps shorter. 0 is exact for linear maps.
        slowest: Cap of what one step leaves of a mode: one that decays more slowly is taken to decay at this pace.
            0.99 a decade is an e-folding time of 995 years.
    """

    patterns: int = 12
    ridge: float = 5e-3
    slowest: float = 0.99


@dataclass(frozen=True, eq=False)
class Remaining:
    """What lies between a mean and the fixed point.

    Attributes:
        field: The distance along the patterns, signed, shape of a mean.
        unseen: Share (0..1) of the change that lies outside the patterns or in modes that do not decay.
    """

    field: np.ndarray
    unseen: float


class ChangeMap(Protocol):
    """What leaps need of a map of changes."""

    @property
    def longest(self) -> float:
        """What is ahead in the slowest mode, in lengths of the change."""

    def see(self, change: np.ndarray) -> np.ndarray:
        """Return the vector of a change whose Euclidean norm counts."""

    def remaining(self, change: np.ndarray) -> Remaining:
        """Return the distance from the mean after a change to the fixed point."""


@dataclass(frozen=True, eq=False)
class SlowMap:
    """How changes follow each other, dx_{k+1} = A dx_k, whatever the fixed point.

        remaining(dx_k) = sum_{j >= 1} A^j dx_k = P A (I - A)^{-1} V^T dx_k

    from x_{k+1} on, over the modes of A that decay; those that do not (|a| >= 1) are left alone.

    Attributes:
        seen: Orthonormal patterns V as vectors that the norm sees (vector, pattern).
        fields: The same patterns P as full fields (pattern, ...).
        matrix: A in these patterns (pattern, pattern).
        slowest: See SlowMapSettings.
        see: From a change to the vector whose Euclidean norm counts.
    """

    seen: np.ndarray
    fields: np.ndarray
    matrix: np.ndarray
    slowest: float
    see: Callable[[np.ndarray], np.ndarray]

    @property
    def eigenvalues(self) -> np.ndarray:
        """What one step leaves of each mode (pattern,), complex, the slowest first."""
        values = np.linalg.eigvals(self.matrix)
        return np.asarray(values[np.argsort(-np.abs(values))])

    @property
    def longest(self) -> float:
        """What is ahead in the slowest mode, in lengths of the change: a / (1 - a), with a at most ``slowest``."""
        a = min(self.slowest, float(np.abs(self.eigenvalues[0])))
        return a / (1.0 - a)

    def remaining(self, change: np.ndarray) -> Remaining:
        """Return the distance from the mean after a change to the fixed point.

        Args:
            change: Change from one mean to the next, shape of a mean.
        """
        seen = np.asarray(self.see(change), np.float64)
        coefficients = self.seen.T @ seen
        size = float(np.linalg.norm(seen))
        ahead, kept = self._sum(coefficients)
        left = float(np.linalg.norm(seen - self.seen @ kept)) / size if size > 0 else 0.0
        return Remaining(np.tensordot(ahead, self.fields, axes=1), min(1.0, left))

    def _sum(self, coefficients: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return sum_{j >= 1} A^j c over the modes that decay, and the part of c that lies in them."""
        one = np.eye(len(coefficients))
        values, vectors = np.linalg.eig(self.matrix)
        if np.abs(values).max(initial=0.0) <= self.slowest:
            return np.linalg.solve(one - self.matrix, self.matrix @ coefficients), coefficients
        parts = np.linalg.solve(vectors, coefficients.astype(complex))
        parts[np.abs(values) >= 1.0] = 0.0
        capped = values * np.minimum(1.0, self.slowest / np.maximum(np.abs(values), 1e-300))
        return (vectors @ (capped / (1.0 - capped) * parts)).real, (vectors @ parts).real


def fit_slow_map(
    histories: Sequence[History],
    settings: SlowMapSettings,
    see: Callable[[np.ndarray], np.ndarray] = np.ravel,
    gaps: Sequence[Sequence[np.ndarray]] = (),
) -> SlowMap:
    """Fit one map to the changes of all histories, and to the gaps between runs that share a fixed point.

    The fixed points, which may differ from run to run, cancel in the changes; they cancel in the gaps, too, which hold
    more of the slowest modes. Patterns are the leading EOFs of both. A minimises

        sum |c_{k+1} - A c_k|^2 + ridge |A|^2

    All pairs count as they are: what is not linear is as large in small changes as in large ones.

    Source: the secant of a linear map in many directions at once (Broyden's and Anderson's methods learn it anew in
    each run); pooling over runs makes it the preconditioner of a Newton method (Bernsen et al. 2008, Ocean Modelling
    20, 41).

    Args:
        histories: Means of several runs; those of fewer than three means add to the patterns alone.
        settings: How.
        see: From a change to the vector whose Euclidean norm counts: weights, and which part of it is signal.
        gaps: Differences between the means of two runs of one fixed point, at equal steps (see history.gaps).

    Raises:
        InputError: If no history has three means: there is no change that follows a change.
    """
    changes = [[c for c in row if np.any(c)] for row in (*(h.changes for h in histories), *gaps)]
    fields = [c for run in changes for c in run]
    pairs = sum(max(0, len(run) - 1) for run in changes)
    if not pairs:
        raise InputError(
            "histories of runs",
            found=f"{len(histories)} of them, none with three consecutive means that differ",
            expected="at least one change that follows another",
            remedy="Run longer, or give the runs of other forcings.",
        )
    seen = np.stack([np.asarray(see(c), np.float64) for c in fields])
    left, spread, right = np.linalg.svd(seen, full_matrices=False)
    rank = int((spread > 1e-10 * spread[0]).sum())
    count = min(settings.patterns, rank)
    weights = left[:, :count] / spread[:count]  # pattern = sum_k weight_k change_k
    patterns = np.tensordot(weights.T, np.stack(fields), axes=1)
    before, after = _pairs(seen @ right[:count].T, [len(run) for run in changes])
    square = before.T @ before
    ridge = settings.ridge * np.trace(square) / count
    matrix = np.linalg.lstsq(
        np.concatenate([before, np.sqrt(ridge) * np.eye(count)]),
        np.concatenate([after, np.zeros((count, count))]),
        rcond=None,
    )[0].T
    return SlowMap(right[:count].T, patterns, matrix, settings.slowest, see)


def _pairs(coefficients: np.ndarray, lengths: Sequence[int]) -> tuple[np.ndarray, np.ndarray]:
    """Return coefficients (pair, pattern) of changes, and of those that follow them."""
    first = np.concatenate([np.arange(length) < length - 1 for length in lengths])
    return coefficients[first], coefficients[np.flatnonzero(first) + 1]
