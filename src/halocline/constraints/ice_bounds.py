"""Sea-ice bounds: every variable within its range, and one ice mask shared by all of them."""

from dataclasses import dataclass

import numpy as np

from halocline.data.fields.variables import Variable


@dataclass(frozen=True)
class IceBounds:
    """Bounds of the registry, and SIC = 0 exactly where SIT = 0, with every other ice variable 0 there.

    A cell holds ice if SIT > 0 and SIC >= ``sic_minimum`` (and > 0) after clipping; elsewhere all ice variables are 0.

    Attributes:
        variables: The variables in channel order; must hold sit and sic for the shared mask to apply.
        sic_minimum: Concentrations below count as open water. 0 keeps every positive one; the Arctic world's smallest
            concentration is 0.01.
    """

    variables: tuple[Variable, ...]
    sic_minimum: float = 0.0
    name: str = "ice-bounds"
    tolerance: float = 0.0

    def residual(self, states: np.ndarray) -> np.ndarray:
        """Return the largest excess over a bound, or 1 where the zero sets differ (member,)."""
        worst = np.zeros(len(states))
        for k, var in enumerate(self.variables):
            field = np.nan_to_num(states[:, k])
            if var.lower is not None:
                worst = np.maximum(worst, (var.lower - field).max(axis=(1, 2)))
            if var.upper is not None:
                worst = np.maximum(worst, (field - var.upper).max(axis=(1, 2)))
        ice = self._ice(states)
        if ice is not None:
            for k, var in enumerate(self.variables):
                if var.zero_without_ice:
                    stray = (np.nan_to_num(states[:, k]) != 0) & ~ice
                    worst = np.maximum(worst, stray.any(axis=(1, 2)).astype(float))
        return worst

    def project(self, states: np.ndarray) -> np.ndarray:
        """Clip to the bounds, then empty the cells without ice."""
        out = states.copy()
        for k, var in enumerate(self.variables):
            out[:, k] = np.clip(out[:, k], var.lower, var.upper) if _bounded(var) else out[:, k]
        ice = self._ice(out)
        if ice is not None:
            for k, var in enumerate(self.variables):
                if var.zero_without_ice:
                    out[:, k] = np.where(ice | np.isnan(out[:, k]), out[:, k], np.float32(0.0))
        return out

    def _ice(self, states: np.ndarray) -> np.ndarray | None:
        names = [v.name for v in self.variables]
        if "sit" not in names or "sic" not in names:
            return None
        sit, sic = states[:, names.index("sit")], states[:, names.index("sic")]
        return np.asarray((sit > 0) & (sic > 0) & (sic >= self.sic_minimum))


def _bounded(var: Variable) -> bool:
    return var.lower is not None or var.upper is not None
