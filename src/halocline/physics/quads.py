"""Quads of four neighbouring cell centres: where they are wet, how large they are, and gradients on them.

The contour integral of a field around a quad with equal sides, taken with the trapezoidal rule, is the mean of the
two differences across it. It needs no value outside the quad, so coasts need no rule of their own.
"""

import numpy as np


def quad_mask(mask: np.ndarray) -> np.ndarray:
    """Return True where all four centres are True.

    Args:
        mask: Boolean cells (..., y, x).

    Returns:
        Boolean quads (..., y - 1, x - 1).
    """
    return mask[..., :-1, :-1] & mask[..., :-1, 1:] & mask[..., 1:, :-1] & mask[..., 1:, 1:]


def quad_mean(values: np.ndarray) -> np.ndarray:
    """Return the mean of the four centres: (..., y, x) to (..., y - 1, x - 1), same unit."""
    return 0.25 * (values[..., :-1, :-1] + values[..., :-1, 1:] + values[..., 1:, :-1] + values[..., 1:, 1:])


def quad_gradient(values: np.ndarray, spacing: np.ndarray | float) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradient along x and y by contour integrals around quads of four centres.

    d/dx = 1/A * contour integral of values dy,  d/dy = -1/A * contour integral of values dx

    Args:
        values: Field at cell centres (..., y, x), any unit.
        spacing: True distance between centres, metres: a number or (y - 1, x - 1).

    Returns:
        d/dx and d/dy, each (..., y - 1, x - 1), unit of ``values`` per metre.
    """
    lower_left, lower_right = values[..., :-1, :-1], values[..., :-1, 1:]
    upper_left, upper_right = values[..., 1:, :-1], values[..., 1:, 1:]
    along_x = ((lower_right - lower_left) + (upper_right - upper_left)) / (2.0 * spacing)
    along_y = ((upper_left - lower_left) + (upper_right - lower_right)) / (2.0 * spacing)
    return along_x, along_y


def quad_spacing(area: np.ndarray) -> np.ndarray:
    """Return the true side of each quad, metres, from cell areas (y, x) in m2.

    A conformal projection (stereographic) keeps squares square, so the side is the root of the area.
    """
    return np.sqrt(quad_mean(area))
