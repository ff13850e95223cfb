"""Velocities in geostrophic balance with the density on a C grid: thermal wind from a reference that is given.

    f v = (1 / rho0) dp/dx,   -f u = (1 / rho0) dp/dy,   dp/dz = -rho g

The pressure is hydrostatic: of the sea-surface height and the water below it, or relative to a level of no motion. Its
gradient at constant depth is taken between neighbouring cells at the faces, also where their levels lie at different
depths (partial cells, terrain-following levels), by the density-Jacobian form. What balances it there is the mean of
the four velocities around, as in the model's own Coriolis term; velocities are corrected until their means are nearly
those, since the mean of means alone would lose a third of a boundary current's speed on coarse grids. Where f vanishes
a rule of ``physics/flow/equator.py`` takes its place; what wind drives is ``physics/flow/ekman.py``'s.

Source: Gill 1982, "Atmosphere-Ocean Dynamics", sections 7.6-7.7; Shchepetkin and McWilliams 2003, J. Geophys. Res. 108
(gradient on sloping levels).
"""

import numpy as np

from halocline.physics.flow.balance import Balance
from halocline.physics.flow.equator import balancing, moving
from halocline.physics.flow.faces import ACROSS_U, ACROSS_V, Column, Offset, distance, mean_of, middle

GRAVITY = 9.81  # m s-2
_CORRECTIONS = 2
"""More of them would also raise stripes of single cells, which the means hardly see."""


def geostrophic(rho: np.ndarray, cells: Column, balance: Balance) -> tuple[np.ndarray, np.ndarray]:
    """Return velocities (u, v), each (level, y, x), m s-1, 0 on dry faces.

    Args:
        rho: In-situ density (level, y, x), kg m-3; dry cells anything finite.
        cells: The grid.
        balance: What it is taken with.
    """
    u_at_v, v_at_u = balanced_across(rho, cells, balance)
    wet_u, wet_v = cells.wet_u, cells.open_v
    lat_u, lat_v = (middle(cells.lat, axis) for axis in (1, 0))
    u = _with_means(u_at_v, wet_v, wet_u, ACROSS_U)
    v = _with_means(v_at_u, wet_u, wet_v, ACROSS_V)
    there = [wet & moving(lat, balance.rule, balance.reach) for wet, lat in ((wet_u, lat_u), (wet_v, lat_v))]
    return np.where(there[0], u, 0.0), np.where(there[1], v, 0.0)


def balanced_across(rho: np.ndarray, cells: Column, balance: Balance) -> tuple[np.ndarray, np.ndarray]:
    """Return the velocities along the faces that balance the gradients across them, each (level, y, x), m s-1.

    u on the northern faces, v on the eastern ones, 0 on dry faces; see ``geostrophic`` for the arguments.
    """
    rho0, no_motion = balance.rho0, balance.no_motion
    anomaly = np.asarray(rho, np.float64) - rho0
    pressure = hydrostatic(anomaly, cells.depth)
    if balance.height is not None:
        pressure = pressure + rho0 * GRAVITY * np.asarray(balance.height, np.float64)
    wet_u, wet_v = cells.wet_u, cells.open_v
    at_equator = balance.rule, balance.reach
    lat_u, lat_v = (middle(cells.lat, axis) for axis in (1, 0))
    v_at_u = balancing(_gradient(pressure, anomaly, cells, wet_u, 2) / rho0, wet_u, lat_u, *at_equator)
    u_at_v = -balancing(_gradient(pressure, anomaly, cells, wet_v, 1) / rho0, wet_v, lat_v, *at_equator)
    if no_motion is not None:
        v_at_u = _relative(v_at_u, wet_u, 0.5 * (cells.depth + np.roll(cells.depth, -1, 2)), no_motion)
        u_at_v = _relative(u_at_v, wet_v, 0.5 * (cells.depth + np.roll(cells.depth, -1, 1)), no_motion)
    return u_at_v, v_at_u


def with_stream_function(u: np.ndarray, v: np.ndarray, cells: Column, psi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return velocities whose depth means are those of a barotropic stream function.

    U = -d psi / dy, V = d psi / dx, transports per length; exactly free of divergence on the cells.

    Args:
        u: (level, y, x), m s-1.
        v: Likewise.
        cells: The grid.
        psi: Stream function on the north-eastern corners of the cells (y, x), m3 s-1; equal on both sides of a coast.
    """
    means = transports(cells, psi)
    out = []
    for field, wet, axis, transport in ((u, cells.wet_u, 2, means[0]), (v, cells.wet_v, 1, means[1])):
        thick = np.where(wet, np.minimum(cells.thickness, np.roll(cells.thickness, -1, axis)), 0.0)
        column = thick.sum(axis=0)
        deep = np.maximum(column, 1e-3)
        mean = (field * thick).sum(axis=0) / deep
        out.append(np.where(wet, field - mean + np.where(column > 0, transport / deep, 0.0), 0.0))
    return out[0], out[1]


def transports(cells: Column, psi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the transports per length (y, x), m2 s-1, on the eastern and the northern faces of a stream function."""
    along = np.asarray(psi, np.float64)
    below = np.concatenate([along[:1], along[:-1]])
    return -(along - below) / _across(cells, 2), (along - np.roll(along, 1, axis=1)) / _across(cells, 1)


def hydrostatic(anomaly: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Return the pressure at the cells' centres of a density anomaly below a flat surface (level, y, x), Pa.

    Trapezoids between centres; from the surface to the first centre its own density, as in NEMO.
    """
    steps = np.concatenate([anomaly[:1] * depth[:1], 0.5 * (anomaly[1:] + anomaly[:-1]) * np.diff(depth, axis=0)])
    return np.asarray(GRAVITY * np.cumsum(steps, axis=0))


def between(cells: Column, axis: int) -> np.ndarray:
    """Return the distance (y, x) between each cell and its eastern (2) or northern (1) neighbour, m."""
    lat, lon = (np.roll(field, -1, axis - 1) for field in (cells.lat, cells.lon))
    return np.maximum(distance(cells.lat, cells.lon, lat, lon), 1.0)


def _across(cells: Column, axis: int) -> np.ndarray:
    """Return the length (y, x) of the eastern (2) or northern (1) faces: of the neighbours' distances across, m."""
    other = between(cells, 3 - axis)
    if axis == 2:
        other = other.copy()
        other[-1] = other[-2]  # rows have no neighbour beyond the last
    before = np.roll(other, 1, 2 - axis)
    if axis == 2:
        before[0] = other[0]
    return np.asarray(0.25 * (other + before + np.roll(other + before, -1, axis - 1)))


def _gradient(pressure: np.ndarray, anomaly: np.ndarray, cells: Column, wet: np.ndarray, axis: int) -> np.ndarray:
    """Return the gradient at constant depth across the faces (level, y, x), Pa m-1."""

    def ahead(field: np.ndarray) -> np.ndarray:
        return np.roll(field, -1, axis)

    sloping = GRAVITY * 0.5 * (anomaly + ahead(anomaly)) * (ahead(cells.depth) - cells.depth)
    difference = ahead(pressure) - pressure - sloping
    return np.where(wet, difference / between(cells, axis), 0.0)


def _relative(field: np.ndarray, wet: np.ndarray, depth: np.ndarray, level: float) -> np.ndarray:
    """Return a field less its value at a depth, linear between levels; that of the deepest wet one where shallower."""
    count = wet.sum(axis=0)
    last = np.maximum(count - 1, 0)
    deepest = np.take_along_axis(depth, last[None], 0)[0]
    target = np.clip(level, depth[0], deepest)
    below = np.minimum(np.maximum((depth < target).sum(axis=0), 1), np.maximum(last, 1))
    above = below - 1
    z0, z1 = (np.take_along_axis(depth, k[None], 0)[0] for k in (above, below))
    a, b = (np.take_along_axis(field, k[None], 0)[0] for k in (above, below))
    share = np.clip((target - z0) / np.maximum(z1 - z0, 1e-9), 0.0, 1.0)
    share = np.where(count > 1, share, 0.0)
    return np.where(wet, field - (a + share * (b - a)), 0.0)


def _with_means(means: np.ndarray, there: np.ndarray, wet: np.ndarray, around: tuple[Offset, ...]) -> np.ndarray:
    """Return the component on its own faces whose means at the faces of the other kind are given (level, y, x).

    The mean of the means around each face, then corrected by what its own means lack (van Cittert 1931).

    Args:
        means: Means of the wet ones of the four faces around.
        there: Where they are given: the wet faces of the other kind.
        wet: The component's own wet faces.
        around: Offsets (rows, columns) from its own faces to the four of the other kind; rows do not wrap round.
    """
    back = tuple((-dj, -di) for dj, di in around)
    found = mean_of(means, there, wet, around)
    for _ in range(_CORRECTIONS):
        found = found + mean_of(means - mean_of(found, wet, there, back), there, wet, around)
    return found
