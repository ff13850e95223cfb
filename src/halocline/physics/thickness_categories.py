"""Thickness categories: their bounds in CICE and SI3, and a bulk ice cover shared out to them.

Sources: Icepack's icepack_itd.F90, icepack_init_itd (kcatbound = 0 and kitd = 1; Lipscomb 2001, J. Geophys. Res. 106);
NEMO's iceitd.F90, ice_itd_init (ln_cat_hfn); Toppaladoddi and Wettlaufer 2015, "Theory of the sea ice thickness
distribution", Phys. Rev. Lett. 115, equation 9 (gamma distribution).
"""

import numpy as np
from scipy.special import gammainc

SHAPE = 3.0  # of the gamma distribution: g(h) ~ h^2 exp(-h / H), Toppaladoddi and Wettlaufer's q = 2
_LEAST_SHARE = 1e-4  # of the ice area of a cell: a category that would hold less is left empty


def cice_bounds(count: int) -> np.ndarray:
    """Return the bounds of CICE's categories with kcatbound = 0 (count + 1,), m; the last is without end."""
    if count == 1:
        return np.array([0.0, np.inf])
    x = np.arange(count) / count
    width = 3.0 / count * (1.0 + 15.0 * (1.0 + np.tanh(3.0 * (x - 1.0))))
    return np.concatenate([[0.0], np.cumsum(width)[:-1], [np.inf]])


def si3_bounds(count: int, mean: float) -> np.ndarray:
    """Return the bounds of SI3's categories with ln_cat_hfn (count + 1,), m; the last is without end.

    Args:
        count: jpl.
        mean: rn_himean, expected mean thickness, m.
    """
    if count == 1:
        return np.array([0.0, np.inf])
    alpha, k = 0.05, np.arange(1, count)
    high = (3.0 * mean + 1.0) ** alpha
    inner = (count * high / ((count - k) * high + k)) ** (1.0 / alpha) - 1.0
    return np.concatenate([[0.0], inner, [np.inf]])


def share_out(area: np.ndarray, volume: np.ndarray, bounds: np.ndarray, least: float) -> tuple[np.ndarray, np.ndarray]:
    """Return area and volume by category of a bulk ice cover; both add up to the bulk's to rounding.

    Within a cell thickness is ``least`` plus a gamma distribution of shape 3 whose mean is the bulk's; a category
    takes the area and volume between its bounds, so that its mean thickness lies between them.

    Args:
        area: Concentration (y, x), 0..1.
        volume: Ice volume per area of the cell (y, x), m; at least ``least * area``, 0 where the area is.
        bounds: Of the categories (category + 1,), m.
        least: Thinnest ice, m.

    Returns:
        Area and volume (category, y, x); 0 where there is no ice.
    """
    ice = area > 0
    mean = np.divide(volume, area, out=np.full(area.shape, least + 1.0), where=ice)
    scale = np.maximum(mean - least, 1e-9) / SHAPE
    edges = np.maximum(bounds - least, 0.0)[:, None, None] / scale
    areas = np.diff(gammainc(SHAPE, edges), axis=0)
    beyond = np.diff(gammainc(SHAPE + 1.0, edges), axis=0)
    volumes = (least * areas + (mean - least) * beyond) / mean
    kept = ice & (areas >= _LEAST_SHARE)
    areas, volumes = np.where(kept, areas, 0.0), np.where(kept, volumes, 0.0)
    out = []
    for shares, bulk in ((areas, area), (volumes, volume)):
        total = shares.sum(axis=0)
        out.append(shares * np.divide(bulk, total, out=np.zeros_like(total), where=ice & (total > 0)))
    return out[0], out[1]
