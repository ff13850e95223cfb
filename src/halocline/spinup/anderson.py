"""Anderson acceleration: the next state from a few former ones, so that what still drifts cancels. Knows no ocean."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class AndersonSettings:
    """How boldly to extrapolate.

    Attributes:
        memory: Differences of outputs that are combined.
        ridge: Tikhonov term, relative to the mean square of the differences of residuals. 0 is exact for linear maps; a
            noisy map needs some, or the noise is fitted.
        reach: Longest extrapolation beyond the last output, in lengths of its residual. A mode that falls by the
            factor r in one application lies r / (1 - r) residuals ahead.
        growth: Residual over the least so far beyond which the last extrapolation counts as failed.
    """

    memory: int = 5
    ridge: float = 1e-4
    reach: float = 20.0
    growth: float = 2.0


@dataclass(frozen=True, eq=False)
class Proposal:
    """What to apply the map to next.

    Attributes:
        state: The next argument.
        kind: ``plain``: the last output (nothing to combine yet); ``mixed``: an extrapolation; ``shortened``: one cut
            to the reach; ``fallen back``: the last output, because the residual had grown.
        residual: Norm of the residual of the last output.
        predicted: Norm of the combined residual, what a linear map would leave.
    """

    state: np.ndarray
    kind: str
    residual: float
    predicted: float


class Anderson:
    """Accelerates x <- g(x) towards its fixed point.

        alpha = argmin |sum_j alpha_j f_j|^2 + ridge,  sum_j alpha_j = 1
        x_next = sum_j alpha_j g_j

    over the last ``memory`` + 1 outputs g_j. The residual f_j is g_j - x_j, or any other linear function of the
    distance between g_j and the fixed point that vanishes there, such as a trend along the orbit: the combination that
    makes one vanish makes the other vanish. Combinations keep what is linear and shared by all outputs; heat and salt
    are not among it where the surface is restored.

    After a residual that has grown (see AndersonSettings.growth) the history is dropped and the plain iteration goes on
    from the last output.

    Source: Anderson 1965 (J. ACM 12, 547); Walker & Ni 2011 (SIAM J. Numer. Anal. 49, 1715), their eq. 2.2 with
    mixing 1; for spin-up, Khatiwala 2024 (Science Advances 10, eadn2839).

    Args:
        settings: How boldly.
        see: From a residual to the vector whose Euclidean norm counts: weights, and which part of it is signal.
    """

    def __init__(self, settings: AndersonSettings, see: Callable[[np.ndarray], np.ndarray] = np.ravel) -> None:
        self._settings, self._see = settings, see
        self._outputs: list[np.ndarray] = []
        self._residuals: list[np.ndarray] = []
        self._least = np.inf

    def propose(self, output: np.ndarray, residual: np.ndarray) -> Proposal:
        """Take the map's last output and its residual, any shape, and return what to apply the map to next."""
        seen = np.asarray(self._see(residual), np.float64)
        size = float(np.linalg.norm(seen))
        if size > self._settings.growth * self._least:
            self._outputs, self._residuals, self._least = [output], [seen], size
            return Proposal(output, "fallen back", size, size)
        self._least = min(self._least, size)
        keep = self._settings.memory + 1
        self._outputs = [*self._outputs, output][-keep:]
        self._residuals = [*self._residuals, seen][-keep:]
        if len(self._outputs) == 1:
            return Proposal(output, "plain", size, size)
        gamma = self._solve(seen)
        left = seen - sum(c * (seen - r) for c, r in zip(gamma, self._residuals[:-1], strict=True))
        step = -sum(c * (output - g) for c, g in zip(gamma, self._outputs[:-1], strict=True))
        predicted = float(np.linalg.norm(left))
        length = float(np.linalg.norm(self._see(step)))
        limit = self._settings.reach * size
        if length > limit:
            return Proposal(output + step * (limit / length), "shortened", size, predicted)
        return Proposal(output + step, "mixed", size, predicted)

    def _solve(self, seen: np.ndarray) -> np.ndarray:
        """Return the coefficients of (last - former) in the combination."""
        differences = np.stack([seen - r for r in self._residuals[:-1]], axis=1)
        scale = np.sqrt(self._settings.ridge * float((differences**2).sum()) / differences.shape[1])
        rows = np.concatenate([differences, scale * np.eye(differences.shape[1])])
        right = np.concatenate([seen, np.zeros(differences.shape[1])])
        return np.asarray(np.linalg.lstsq(rows, right, rcond=None)[0])
