"""States lie in the span of the training states' leading patterns: no noise from cell to cell."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from halocline.constraints.pattern_basis import PatternBasis
from halocline.constraints.protocol import Constraint, Needs, Setting
from halocline.constraints.registry import CONSTRAINTS

if TYPE_CHECKING:
    from torch import Tensor


@CONSTRAINTS.register("patterns")
@dataclass(frozen=True, eq=False)
class OnPatterns(Constraint):
    """x <- mean + P (x - mean), P the orthogonal projection on the leading patterns.

    A network leaves small errors that are independent from cell to cell. They are harmless in a density profile and
    large in its gradients: an ocean model answers them with vertical motion. No pattern of the training states has
    them. What the patterns do not hold of a real state is lost as well;
    docs/explanation/ocean-constraints.md says how much.

    Attributes:
        basis: The patterns.
        tolerance: Largest residual that counts as satisfying: rounding of float32 states.
    """

    name: ClassVar[str] = "patterns"
    unit: ClassVar[str] = "rms anomaly"
    needs: ClassVar[Needs] = "ocean"

    basis: PatternBasis
    tolerance: float = 1e-4

    @classmethod
    def of(cls, setting: Setting) -> "OnPatterns":
        """Project on the setting's patterns."""
        return cls(setting.patterns())

    def residual(self, states: np.ndarray) -> np.ndarray:
        """Return what the patterns do not hold of each member (member,), rms over wet cells, in rms anomalies."""
        if self.basis.large:
            return np.array([self.basis.projected(state)[1] for state in states])
        rest = self.basis.split(self.basis.anomaly(states))[1]
        return np.asarray(np.sqrt((rest**2).mean(axis=1)))

    def project(self, states: np.ndarray) -> np.ndarray:
        """Return the nearest states in the span of the patterns; members that are there are unchanged."""
        if self.basis.large:
            pairs = ((state, *self.basis.projected(state)) for state in states)
            return np.stack([old if rest <= self.tolerance else new for old, new, rest in pairs])
        held, rest = self.basis.split(self.basis.anomaly(states))
        there = np.sqrt((rest**2).mean(axis=1)) <= self.tolerance
        projected = self.basis.into(states, held)
        return np.where(there[:, None, None, None], states, projected).astype(states.dtype)

    def project_tensor(self, x: "Tensor") -> "Tensor":
        """Return what ``project`` does to x; gradients flow."""
        import torch

        basis = self.basis
        wet = torch.from_numpy(basis.wet).to(x.device)
        mean, scale, axes = (
            torch.from_numpy(part).to(x.device, torch.float64) for part in (basis.mean, basis.cell_scale, basis.axes)
        )
        anomaly = (x[:, wet].double() - mean) / scale
        held = (anomaly @ axes.T) @ axes
        there = (anomaly - held).square().mean(dim=1).sqrt() <= self.tolerance
        projected = x.clone()
        projected[:, wet] = (held * scale + mean).to(x.dtype)
        return torch.where(there[:, None, None, None], x, projected)
