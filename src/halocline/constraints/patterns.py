"""States lie in the span of the training states' leading patterns: no noise from cell to cell."""

from dataclasses import dataclass

import numpy as np

from halocline.constraints.pattern_basis import PatternBasis


@dataclass(frozen=True, eq=False)
class OnPatterns:
    """x <- mean + P (x - mean), P the orthogonal projection on the leading patterns.

    A network leaves small errors that are independent from cell to cell. They are harmless in a density profile and
    large in its gradients: an ocean model answers them with vertical motion. No pattern of the training states has
    them. What the patterns do not hold of a real state is lost as well; docs/ocean-constraints.md says how much.

    Attributes:
        basis: The patterns.
        tolerance: Largest residual that counts as satisfying: rounding of float32 states.
    """

    basis: PatternBasis
    tolerance: float = 1e-4
    name: str = "patterns"

    def residual(self, states: np.ndarray) -> np.ndarray:
        """Return what the patterns do not hold of each member (member,), rms over wet cells, in rms anomalies."""
        rest = self.basis.split(self.basis.anomaly(states))[1]
        return np.asarray(np.sqrt((rest**2).mean(axis=1)))

    def project(self, states: np.ndarray) -> np.ndarray:
        """Return the nearest states in the span of the patterns; members that are there are unchanged."""
        held, rest = self.basis.split(self.basis.anomaly(states))
        there = np.sqrt((rest**2).mean(axis=1)) <= self.tolerance
        projected = self.basis.into(states, held)
        return np.where(there[:, None, None, None], states, projected).astype(states.dtype)
