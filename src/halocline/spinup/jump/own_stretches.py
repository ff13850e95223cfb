"""What a run's own stretches say about where the map of the others leads it. Knows no ocean."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halocline.spinup.jump.slow_map import ChangeMap, Remaining

DOUBT = 0.1
"""Share of what parts two stretches by which what they say together may be wrong: noise and curvature."""


@dataclass(frozen=True, eq=False)
class Passed:
    """A place that a run has passed, with its velocity there.

    Attributes:
        mean: Mean of the last time.
        change: Change a step that led to it.
    """

    mean: np.ndarray
    change: np.ndarray


def ahead(slow: ChangeMap, here: Passed, own: Sequence[Passed], doubt: float = DOUBT) -> Remaining:
    """Return the distance from a place to the fixed point, by the map, corrected by other places of one fixed point.

    The combination of places x_j whose changes dx_j cancel is the fixed point of a linear run, whatever its map; what
    they cannot cancel is left to the map R of the distance that is still ahead:

        ahead = R dx - sum_j gamma_j (x - x_j + R d_j),  d_j = dx - dx_j,
        gamma = argmin |dx - sum_j gamma_j d_j|^2 + doubt^2 sum_j (|dx|^2 + |d_j|^2 + |d_j|^3 / |dx|) gamma_j^2

    which is Anderson's method with the map as preconditioner, over all stretches at once. Two places that drift against
    each other along one pattern are interpolated (regula falsi); where R is right nothing changes, whatever gamma is.
    All of a change counts, also what the map does not know. Places that drift about as differently as the run drifts
    say most: those that drift alike tell noise, those far off curvature.

    Source: Walker & Ni 2011 (SIAM J. Numer. Anal. 49, 1715), eq. 2.2; Broyden's second method, of which it is the form
    with many secants: Fang & Saad 2009 (Numer. Linear Algebra Appl. 16, 197).

    Args:
        slow: Of runs of whatever fixed points.
        here: The place to leap from.
        own: Other places of runs that have its fixed point.
        doubt: See DOUBT; 0 is exact for linear maps.
    """
    told = slow.remaining(here.change)
    drift = np.asarray(slow.see(here.change), np.float64)
    size = float(np.linalg.norm(drift))
    columns = [drift - np.asarray(slow.see(place.change), np.float64) for place in own]
    kept = [(place, column) for place, column in zip(own, columns, strict=True) if np.any(column)]
    if size == 0 or not kept:
        return told
    matrix = np.stack([column for _, column in kept], axis=1)
    wide = np.linalg.norm(matrix, axis=0)
    penalty = doubt * np.sqrt(size**2 + wide**2 + wide**3 / size)
    rows, right = np.concatenate([matrix, np.diag(penalty)]), np.concatenate([drift, np.zeros(len(kept))])
    gamma = np.linalg.lstsq(rows, right, rcond=None)[0]
    field = told.field
    for share, (place, _) in zip(gamma, kept, strict=True):
        field = field - share * (here.mean - place.mean + told.field - slow.remaining(place.change).field)
    return Remaining(field, told.unseen)
