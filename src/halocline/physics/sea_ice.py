"""Integrals of the ice cover: extent, area, volume, and the marginal ice zone's area and width."""

import numpy as np

from halocline.physics.quads import quad_gradient, quad_mask, quad_mean, quad_spacing

ICE_EDGE = 0.15  # concentration at the ice edge; NSIDC sea-ice index
PACK_ICE = 0.80  # concentration where pack ice begins; Strong and Rigor 2013, Geophys. Res. Lett. 40


def extent(sic: np.ndarray, area: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the area of all cells with a concentration above 0.15.

    Args:
        sic: Concentration (..., y, x), 0..1.
        area: True cell areas (y, x), m2.
        mask: True on ocean (y, x).

    Returns:
        Extent (...), m2.
    """
    return _integral(sic > ICE_EDGE, area, mask)


def ice_area(sic: np.ndarray, area: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the area covered by ice, the sum of concentration times cell area (...), m2; see ``extent``."""
    return _integral(sic, area, mask)


def volume(sit: np.ndarray, area: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the ice volume (...), m3, of cell-mean thickness (..., y, x) in metres; see ``extent``.

    Thickness here is volume per cell area, so concentration does not enter.
    """
    return _integral(sit, area, mask)


def in_marginal_ice_zone(sic: np.ndarray) -> np.ndarray:
    """Return True where 0.15 < concentration < 0.80."""
    return (sic > ICE_EDGE) & (sic < PACK_ICE)


def miz_area(sic: np.ndarray, area: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the area of the cells in the marginal ice zone (...), m2; see ``extent``."""
    return _integral(in_marginal_ice_zone(sic), area, mask)


def miz_length(sic: np.ndarray, area: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the length of the marginal ice zone: that of its concentration contours, averaged from 0.15 to 0.80.

    By the coarea formula the lengths L(c) of all contours add up to the total variation of the clipped field::

        integral of L(c) dc over 0.15..0.80 = integral of |grad clip(sic, 0.15, 0.80)| dA

    so no contour has to be traced, and an edge sharper than a cell counts in full. Quads that touch land are left out:
    a coast is not an ice edge.

    Source: Federer 1959, "Curvature measures", Trans. Amer. Math. Soc. 93, theorem 3.1 (coarea formula).

    Returns:
        Length (...), metres; 0 where there is no ice edge. See ``extent`` for the arguments.
    """
    clipped = np.clip(sic, ICE_EDGE, PACK_ICE)
    steepness = np.hypot(*quad_gradient(clipped, quad_spacing(area)))
    wet = np.where(quad_mask(mask), quad_mean(area), 0.0)
    return np.einsum("...yx,yx->...", steepness, wet) / (PACK_ICE - ICE_EDGE)


def miz_width(sic: np.ndarray, area: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the mean width of the marginal ice zone: its area divided by its length (``miz_length``).

    For an ice cover with round contours and a linear edge this is exactly the distance between the contours of 0.15
    and 0.80. On a grid, an edge sharper than one cell has width 0.

    Returns:
        Width (...), metres; 0 where there is no ice edge. See ``extent`` for the arguments.
    """
    length = miz_length(sic, area, mask)
    zone = miz_area(sic, area, mask)
    return np.divide(zone, length, out=np.zeros_like(zone), where=length > 0)


def _integral(values: np.ndarray, area: np.ndarray, mask: np.ndarray) -> np.ndarray:
    return np.asarray(values, np.float64)[..., mask] @ np.asarray(area, np.float64)[mask]
