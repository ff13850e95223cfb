"""Whether a field is made of lines: the coherence of its gradient's orientation."""

import numpy as np
from scipy.ndimage import uniform_filter

from halocline.physics.quads import quad_gradient


def coherence(fields: np.ndarray, window: int = 5) -> tuple[np.ndarray, np.ndarray]:
    """Return how much the gradients around a place agree on a line, and their size.

    c = (l1 - l2) / (l1 + l2),  g = sqrt(l1 + l2)

    with l1 >= l2 the eigenvalues of the structure tensor, the mean of (grad f)(grad f)^T over window x window quads.
    Along a straight line, and on a slope, c is 1; white noise has 0.25 in 5 x 5 quads, as few gradients of no
    orientation never cancel; a field of arcs and lines lies between.

    Source: Bigun and Granlund 1987, "Optimal orientation detection of linear symmetry", Proc. ICCV.

    Args:
        fields: (..., y, x), any unit.
        window: Quads on a side of the neighbourhood, odd.

    Returns:
        c, 0..1, 0 where the field is flat, and g, unit of the field per cell, both at quads (..., y - 1, x - 1). Within
        half a window of the rim they are of no use.
    """
    along_x, along_y = quad_gradient(fields, 1.0)
    size = (*[1] * (fields.ndim - 2), window, window)
    xx, yy, xy = (uniform_filter(part, size) for part in (along_x**2, along_y**2, along_x * along_y))
    trace = np.maximum(xx + yy, 0.0)
    apart = np.hypot(xx - yy, 2.0 * xy)
    flat = trace <= 1e-12
    c = np.clip(np.divide(apart, trace, out=np.zeros_like(trace), where=~flat), 0.0, 1.0)
    return c, np.where(flat, 0.0, np.sqrt(trace))
