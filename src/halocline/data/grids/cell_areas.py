"""Areas of cells on the sphere, of the positions of their centres alone."""

import numpy as np

from halocline.data.grids.projection import EARTH_RADIUS, Plane, PolarStereographic, Projection
from halocline.runtime.errors import InputError


def areas_of(lat: np.ndarray, lon: np.ndarray, plane: Projection | None, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the areas of cells (y, x), m2.

    On a plane they are the squares of x and y over its areal scale; else quadrilaterals on the sphere between corners
    that lie halfway between the centres.

    Args:
        lat: Latitudes of the centres (y, x), degrees north.
        lon: Longitudes of the centres (y, x), degrees east.
        plane: The projection of x and y; None if there is none.
        x: Centres along x (x,), m on the plane.
        y: Centres along y (y,), m on the plane.

    Raises:
        InputError: If there are fewer than two cells along an axis.
    """
    if min(lat.shape) < 2:
        raise InputError(
            "cell areas", found=f"a grid of {lat.shape} cells", expected="two along each axis", remedy="Give the area."
        )
    if isinstance(plane, PolarStereographic):
        return np.abs(np.outer(np.gradient(y), np.gradient(x))) / plane.scale(lat) ** 2
    if isinstance(plane, Plane):
        return np.abs(np.outer(np.gradient(y), np.gradient(x))) / plane.areal_scale(lat, lon)
    points = unit_vectors(lat, lon)
    corners = corners_between(points)
    first = _triangle(corners[:-1, :-1], corners[:-1, 1:], corners[1:, 1:])
    second = _triangle(corners[:-1, :-1], corners[1:, 1:], corners[1:, :-1])
    return EARTH_RADIUS**2 * (first + second)


def unit_vectors(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Return places on the unit sphere (..., 3) of latitudes and longitudes in degrees."""
    lat, lon = np.deg2rad(np.asarray(lat, np.float64)), np.deg2rad(np.asarray(lon, np.float64))
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=-1)


def corners_between(points: np.ndarray) -> np.ndarray:
    """Return corners (y + 1, x + 1, 3) halfway between centres (y, x, 3) on the unit sphere, continued at the sides."""
    padded = np.pad(points, ((1, 1), (1, 1), (0, 0)), mode="reflect", reflect_type="odd")
    middle = 0.25 * (padded[:-1, :-1] + padded[:-1, 1:] + padded[1:, :-1] + padded[1:, 1:])
    norm = np.linalg.norm(middle, axis=-1, keepdims=True)
    return middle / np.where(norm > 0, norm, 1.0)


def _triangle(a: np.ndarray, b: np.ndarray, c: np.ndarray) -> np.ndarray:
    """Return the solid angle of triangles of unit vectors (Van Oosterom and Strackee 1983, equation 8)."""
    triple = np.abs((a * np.cross(b, c)).sum(axis=-1))
    dots = (a * b).sum(axis=-1) + (b * c).sum(axis=-1) + (c * a).sum(axis=-1)
    return 2.0 * np.arctan2(triple, 1.0 + dots)
