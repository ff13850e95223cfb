"""Signed-distance lift: spread the atoms at the bounds into smooth tails that clipping undoes exactly.

A diffusion model draws densities; sea-ice states hold atoms (SIC = 0 over open water). Any field
y with clip(y) = x serves: a generator exact for y gives clip(y) exactly distributed as x, atoms included. So beyond a
bound we choose what is easiest to learn, a tail that deepens with the distance to the nearest cell off the bound::

    y = lower - min(slope * (d - 1/2), depth)    where x = lower
    y = x                                         elsewhere

with d in cells, slope = 0.4 and depth = 1.2 standard deviations of the variable. Only lower bounds are lifted: open
water is wide and has one edge, while cells of SIC = 1 lie scattered among cells of 0.99, so that a tail there would be
noise.
"""

import numpy as np
from scipy.ndimage import distance_transform_edt

from halocline.data.fields.variables import Variable

SLOPE = 0.4  # standard deviations a cell
DEPTH = 1.2  # standard deviations


def lift(values: np.ndarray, variable: Variable, std: float, mask: np.ndarray) -> np.ndarray:
    """Lift one field (y, x) in physical units; the inverse is ``clip``.

    Args:
        values: Physical field (y, x), land = 0.
        variable: Names the bounds; a variable without bounds is returned unchanged.
        std: Standard deviation of the variable, physical units.
        mask: Ocean cells (y, x).
    """
    out = values.astype(np.float32, copy=True)
    if variable.lower is not None:
        at = mask & (values == variable.lower)
        out[at] = variable.lower - _tail(at, mask, std)[at]
    return out


def _tail(at: np.ndarray, mask: np.ndarray, std: float) -> np.ndarray:
    off_bound = mask & ~at
    if not off_bound.any():
        return np.full(at.shape, DEPTH * std, np.float32)
    distance = distance_transform_edt(~off_bound)
    return np.minimum(SLOPE * (distance - 0.5), DEPTH).astype(np.float32) * np.float32(std)
