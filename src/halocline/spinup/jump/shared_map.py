"""One map of changes for several quantities that one flow carries. Knows no ocean."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from halocline.spinup.jump.history import History
from halocline.spinup.jump.slow_map import Remaining, SlowMap, SlowMapSettings, fit_slow_map


@dataclass(frozen=True, eq=False)
class SharedMap:
    """The map dq_{k+1} = A dq_k that every quantity q of a state obeys, in units of its scale.

    Temperature and salinity are carried by one flow, and the surface holds both: to first order a change of either
    decays like one of the other, and what the flow makes of their density comes second. A map of the pair as one vector
    knows only those combinations of both that its runs have shown; two runs of equal density show one of them.

    Attributes:
        one: The map of one quantity; its fields have the shape of a mean without the quantities.
        scales: What counts as much as 1 in each quantity (quantity,).
    """

    one: SlowMap
    scales: np.ndarray

    @property
    def eigenvalues(self) -> np.ndarray:
        """See SlowMap."""
        return self.one.eigenvalues

    @property
    def longest(self) -> float:
        """See SlowMap."""
        return self.one.longest

    def see(self, change: np.ndarray) -> np.ndarray:
        """Return the vector of a change (quantity, ...) whose Euclidean norm counts."""
        return np.concatenate([self.one.see(part) for part in self._parts(change)])

    def remaining(self, change: np.ndarray) -> Remaining:
        """Return the distance (quantity, ...) from the mean after a change to the fixed point."""
        parts = self._parts(change)
        found = [self.one.remaining(part) for part in parts]
        sizes = np.array([float(np.linalg.norm(self.one.see(part))) for part in parts])
        missed = float(np.linalg.norm(sizes * [each.unseen for each in found]))
        size = float(np.linalg.norm(sizes))
        fields = [scale * each.field for scale, each in zip(self.scales, found, strict=True)]
        return Remaining(np.stack(fields), missed / size if size > 0 else 0.0)

    def _parts(self, change: np.ndarray) -> list[np.ndarray]:
        return [np.asarray(part / scale) for part, scale in zip(change, self.scales, strict=True)]


def fit_shared_map(
    histories: Sequence[History],
    settings: SlowMapSettings,
    see: Callable[[np.ndarray], np.ndarray],
    scales: Sequence[float],
    gaps: Sequence[Sequence[np.ndarray]] = (),
) -> SharedMap:
    """Fit one map to the changes of every quantity, and to the gaps between runs that share a fixed point.

    Args:
        histories: Means (quantity, ...) of several runs.
        settings: How.
        see: From a change of one quantity (...), in its scale, to the vector whose Euclidean norm counts.
        scales: Of the quantities (quantity,).
        gaps: Differences (quantity, ...) between the means of two runs of one fixed point, at equal steps.

    Raises:
        InputError: See fit_slow_map.
    """
    parts = list(enumerate(scales))
    each = [History(h.run, [mean[q] / scale for mean in h.means]) for h in histories for q, scale in parts]
    parted = [[gap[q] / scale for gap in row] for row in gaps for q, scale in parts]
    return SharedMap(fit_slow_map(each, settings, see, parted), np.asarray(scales, np.float64))
