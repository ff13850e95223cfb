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

    A map R of the distance that is still ahead, r = R dx, would lead every place x_j of one fixed point to the same
    x_j + r_j. Where it does not, R is wrong along what parts them, and is replaced there by their secant:

        ahead = r - sum_j gamma_j (x - x_j + d_j),  d_j = r - r_j,
        gamma = argmin |r - sum_j gamma_j d_j|^2 + doubt^2 sum_j (|r|^2 + |d_j|^2 + |d_j|^3 / |r|) gamma_j^2

    which is Anderson's method with the map as preconditioner, over all stretches at once. Two places that drift against
    each other along one pattern are interpolated (regula falsi); where R is right nothing changes, whatever gamma is.
    Places about as far off as what is ahead say most: those close by tell noise, those far off curvature.

    Source: Walker & Ni 2011 (SIAM J. Numer. Anal. 49, 1715), eq. 2.2; Broyden's second method, of which it is the form
    with many secants: Fang & Saad 2009 (Numer. Linear Algebra Appl. 16, 197).

    Args:
        slow: Of runs of whatever fixed points.
        here: The place to leap from.
        own: Other places of runs that have its fixed point.
        doubt: See DOUBT; 0 is exact for linear maps.
    """
    told = slow.remaining(here.change)
    left = np.asarray(slow.see(told.field), np.float64)
    square = float(left @ left)
    others = [(place, slow.remaining(place.change).field) for place in own]
    apart = [left - np.asarray(slow.see(field), np.float64) for _, field in others]
    kept = [k for k, row in enumerate(apart) if np.any(row)]
    if square == 0 or not kept:
        return told
    columns = np.stack([apart[k] for k in kept], axis=1)
    size, wide = np.sqrt(square), np.linalg.norm(columns, axis=0)
    penalty = doubt * np.sqrt(square + wide**2 + wide**3 / size)
    rows, right = np.concatenate([columns, np.diag(penalty)]), np.concatenate([left, np.zeros(len(kept))])
    gamma = np.linalg.lstsq(rows, right, rcond=None)[0]
    field = told.field
    for share, (place, theirs) in zip(gamma, (others[k] for k in kept), strict=True):
        field = field - share * ((here.mean - place.mean) + (told.field - theirs))
    return Remaining(field, told.unseen)
