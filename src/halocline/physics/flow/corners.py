"""Velocities on the corners of cells, as models on a B grid have them: both components on the north-eastern one.

A corner is wet where all four cells around it are, and so are the four faces that meet there. The gradient of the
pressure at a corner is the mean of those across the two faces on either side of it; what balances it is the mean of
what balances them (``geostrophy.balanced_across``), without the smoothing that faces of a C grid need.

Source: Arakawa and Lamb 1977 (B grid); Smith et al. 2010, "The Parallel Ocean Program (POP) reference manual", section
3.2 (placement of variables; the gradient as a mean over the corner's four cells).
"""

import numpy as np

from halocline.physics.flow.balance import Balance
from halocline.physics.flow.ekman import DEPTH, ekman
from halocline.physics.flow.equator import moving
from halocline.physics.flow.faces import Column, middle
from halocline.physics.flow.geostrophy import balanced_across, between, transports


def wet_corners(wet: np.ndarray, *, periodic: bool) -> np.ndarray:
    """Return the wet corners (..., y, x) of wet cells; dry in the last row, and in a last column that meets no first.

    Args:
        wet: Wet cells (..., y, x).
        periodic: Whether the last column's neighbour is the first.
    """
    out = _smallest(np.asarray(wet, bool))
    out[..., -1, :] = False
    if not periodic:
        out[..., :, -1] = False
    return out


def corner_thickness(thickness: np.ndarray, corners: np.ndarray) -> np.ndarray:
    """Return the thickness of the corners (level, y, x), m: of the thinnest of the four cells; 0 where dry."""
    return np.where(corners, _smallest(thickness), 0.0)


def balanced_at_corners(
    rho: np.ndarray, cells: Column, corners: np.ndarray, balance: Balance
) -> tuple[np.ndarray, np.ndarray]:
    """Return velocities (u, v) in geostrophic balance, each (level, y, x), m s-1, 0 on dry corners.

    Args:
        rho: In-situ density of the cells (level, y, x), kg m-3.
        cells: The grid.
        corners: Wet corners (level, y, x).
        balance: What it is taken with.
    """
    u_at_v, v_at_u = balanced_across(rho, cells, balance)
    there = corners & moving(middle(middle(cells.lat, 0), 1), balance.rule, balance.reach)
    return _meeting(u_at_v, 2, there), _meeting(v_at_u, 1, there)


def ekman_at_corners(
    stress: tuple[np.ndarray, np.ndarray], cells: Column, corners: np.ndarray, *, rho0: float, depth: float = DEPTH
) -> tuple[np.ndarray, np.ndarray]:
    """Return what a wind drives (u, v), each (level, y, x), m s-1, 0 on dry corners; see ``ekman.ekman``."""
    u, v = ekman(stress, cells, rho0=rho0, depth=depth)
    return _meeting(u, 1, corners), _meeting(v, 2, corners)


def with_stream_function_at_corners(
    u: np.ndarray, v: np.ndarray, cells: Column, corners: np.ndarray, psi: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return velocities whose depth means at the corners are those of a barotropic stream function.

    Args:
        u: (level, y, x), m s-1.
        v: Likewise.
        cells: The grid.
        corners: Wet corners (level, y, x).
        psi: Stream function on the corners (y, x), m3 s-1.
    """
    thick = corner_thickness(cells.thickness, corners)
    deep = np.maximum(thick.sum(axis=0), 1e-3)
    out = []
    for field, transport, axis in zip((u, v), transports(cells, psi), (0, 1), strict=True):
        mean = _meeting(transport, axis, corners[0]) / deep
        out.append(np.where(corners, field - depth_mean(field, thick) + mean, 0.0))
    return out[0], out[1]


def depth_mean(field: np.ndarray, thick: np.ndarray) -> np.ndarray:
    """Return the mean over depth (y, x) of a field (level, y, x); 0 where no level is thick."""
    return np.asarray((field * thick).sum(axis=0) / np.maximum(thick.sum(axis=0), 1e-3))


def gradient_at_corners(field: np.ndarray, cells: Column, corners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the gradient (along x, along y), each (y, x), per m, of a field at the cells; 0 on dry corners.

    Args:
        field: (y, x).
        cells: The grid.
        corners: Wet corners (y, x).
    """
    along_x, along_y = ((np.roll(field, -1, axis - 1) - field) / between(cells, axis) for axis in (2, 1))
    return _meeting(along_x, 0, corners), _meeting(along_y, 1, corners)


def _meeting(faces: np.ndarray, axis: int, corners: np.ndarray) -> np.ndarray:
    """Return the mean of the two faces along an axis that meet at a corner, 0 on dry ones."""
    return np.where(corners, 0.5 * (faces + np.roll(faces, -1, axis)), 0.0)


def _smallest(values: np.ndarray) -> np.ndarray:
    """Return the smallest of the four cells around each north-eastern corner; sides wrap round."""
    pair = np.minimum(values, np.roll(values, -1, -1))
    return np.asarray(np.minimum(pair, np.roll(pair, -1, -2)))
