"""What wind drives: a layer in balance with the stress, the Earth's rotation and a linear friction.

    u = (r tau_x + f tau_y) / (rho0 h (f2 + r2)),   v = (r tau_y - f tau_x) / (rho0 h (f2 + r2))

uniform over the upper h of the water, with r = R / h: beyond some 10 degrees the transport is tau x k / (rho0 f), to
the right of the wind in the north and to the left in the south; at the equator it is downwind and finite.

Source: Ekman 1905; Lagerloef, Mitchum, Lukas and Niiler 1999, J. Geophys. Res. 104 (C10), 23313-23326,
doi:10.1029/1999JC900197 (a layer of h = 32.5 m with R = 2.15e-4 m s-1, fitted to drifters). Formula and both numbers
are those of a public implementation of that paper, tau (R - i f h) / (rho (R2 + h2 f2)) in complex form; the paper
itself was not at hand.
"""

import numpy as np

from halocline.physics.flow.equator import ROTATION
from halocline.physics.flow.faces import ACROSS_U, ACROSS_V, Column, mean_of, middle

DEPTH = 32.5
"""h, m."""
FRICTION = 2.15e-4
"""R, m s-1."""


def ekman(
    stress: tuple[np.ndarray, np.ndarray], cells: Column, *, rho0: float, depth: float = DEPTH
) -> tuple[np.ndarray, np.ndarray]:
    """Return the velocities (u, v) that a wind drives, each (level, y, x), m s-1, 0 on dry faces.

    Args:
        stress: On the water (tau_x on the eastern, tau_y on the northern faces), each (y, x), N m-2, along the grid's
            axes.
        cells: The grid.
        rho0: Reference density, kg m-3.
        depth: h, m; the water's depth where it is shallower. A level that lies partly in the layer has that part.
    """
    wet_u, wet_v = cells.wet_u, cells.open_v
    x_at_u, y_at_v = (np.where(wet[0], tau, 0.0) for tau, wet in zip(stress, (wet_u, wet_v), strict=True))
    y_at_u = mean_of(y_at_v[None], wet_v[:1], wet_u[:1], ACROSS_U)[0]
    x_at_v = mean_of(x_at_u[None], wet_u[:1], wet_v[:1], ACROSS_V)[0]
    return (
        _driven(x_at_u, y_at_u, cells, wet_u, 2, rho0, depth),
        _driven(y_at_v, -x_at_v, cells, wet_v, 1, rho0, depth),
    )


def _driven(
    along: np.ndarray, left: np.ndarray, cells: Column, wet: np.ndarray, axis: int, rho0: float, depth: float
) -> np.ndarray:
    """Return one component (level, y, x) on its faces.

    Args:
        along: The stress along the component (y, x), N m-2.
        left: The stress towards its left.
        cells: The grid.
        wet: The component's wet faces.
        axis: 2 for eastern, 1 for northern faces.
        rho0: kg m-3.
        depth: Of the layer, m.
    """
    f = 2 * ROTATION * np.sin(np.radians(middle(cells.lat, axis - 1)))
    thick = np.where(wet, np.minimum(cells.thickness, np.roll(cells.thickness, -1, axis)), 0.0)
    bottom = np.cumsum(thick, axis=0)
    layer = np.maximum(np.minimum(depth, bottom[-1]), 1e-3)
    r = FRICTION / layer
    velocity = (r * along + f * left) / (rho0 * layer * (f**2 + r**2))
    share = np.clip(layer - (bottom - thick), 0.0, thick) / np.maximum(thick, 1e-3)
    return np.where(wet, velocity * share, 0.0)
