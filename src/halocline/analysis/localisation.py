"""Localisation: how much an observation may tell of a place far from it."""

import numpy as np

from halocline.data.grids.projection import EARTH_RADIUS
from halocline.data.grids.remap.corners import on_sphere


def gaspari_cohn(distance: np.ndarray, support: float) -> np.ndarray:
    """Return the fifth-order taper: 1 at distance 0, 0 from ``support`` on.

    Source: Gaspari & Cohn 1999, Q. J. R. Meteorol. Soc. 125, 723, equation 4.10, with c = support / 2.

    Args:
        distance: Any shape, unit of ``support``.
        support: Where it ends.
    """
    r = np.minimum(np.abs(distance) / (support / 2), 2.0)
    near = -(r**5) / 4 + r**4 / 2 + 5 * r**3 / 8 - 5 * r**2 / 3 + 1
    safe = np.maximum(r, 1e-9)
    far = r**5 / 12 - r**4 / 2 + 5 * r**3 / 8 + 5 * r**2 / 3 - 5 * r + 4 - 2 / (3 * safe)
    return np.where(r <= 1, near, np.where(r < 2, far, 0.0)).clip(0.0, 1.0)


def distances(lat: np.ndarray, lon: np.ndarray, to_lat: np.ndarray, to_lon: np.ndarray) -> np.ndarray:
    """Return great-circle distances (a, b), m, of places in degrees (a,) to places (b,)."""
    a, b = on_sphere(lat, lon), on_sphere(to_lat, to_lon)
    squared = np.maximum(2.0 - 2.0 * a @ b.T, 0.0)  # chord: exact for near points, unlike the cosine
    return np.asarray(2.0 * EARTH_RADIUS * np.arcsin(np.minimum(np.sqrt(squared) / 2.0, 1.0)))
