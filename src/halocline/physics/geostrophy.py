"""Velocities in geostrophic balance with the density on a C grid: thermal wind from a reference that is given.

    f v = (1 / rho0) dp/dx,   -f u = (1 / rho0) dp/dy,   dp/dz = -rho g

The pressure is hydrostatic: of the sea-surface height and the water below it, or relative to a level of no motion. Its
gradient at constant depth is taken between neighbouring cells at the faces, also where their levels lie at different
depths (partial cells, terrain-following levels), by the density-Jacobian form. What balances it there is the mean of
the four velocities around, as in the model's own Coriolis term; velocities are corrected until their means are nearly
those, since the mean of means alone would lose a third of a boundary current's speed on coarse grids. At the equator
f vanishes: velocities are 0 within 0.4 E of it, E degrees being ``equator``, in full balance beyond E, and between them
weighted with the square of a sine.

Source: Gill 1982, "Atmosphere-Ocean Dynamics", sections 7.6-7.7; Shchepetkin and McWilliams 2003, J. Geophys. Res. 108
(gradient on sloping levels).
"""

from dataclasses import dataclass

import numpy as np

GRAVITY = 9.81  # m s-2
ROTATION = 7.292115e-5  # s-1, of the Earth
RADIUS = 6.371e6  # m, of the Earth
EQUATOR = 5.0  # degrees
_INNER = 0.4
_CORRECTIONS = 2
"""More of them would also raise stripes of single cells, which the means hardly see."""

Offset = tuple[int, int]
"""Rows and columns from a face to another."""


@dataclass(frozen=True, eq=False)
class Column:
    """The cells of a C grid, surface first: u on the eastern, v on the northern face of a cell.

    Attributes:
        depth: Depth of the cells' centres (level, y, x), m, positive down.
        thickness: (level, y, x), m.
        wet_u: Wet eastern faces (level, y, x); the last column's neighbour is the first where they are wet.
        wet_v: Wet northern faces (level, y, x); those of the last row are taken as dry.
        lat: Latitude of the centres (y, x), degrees.
        lon: Longitude of the centres (y, x), degrees.
    """

    depth: np.ndarray
    thickness: np.ndarray
    wet_u: np.ndarray
    wet_v: np.ndarray
    lat: np.ndarray
    lon: np.ndarray


def geostrophic(
    rho: np.ndarray,
    cells: Column,
    *,
    rho0: float,
    height: np.ndarray | None = None,
    no_motion: float | None = None,
    equator: float = EQUATOR,
) -> tuple[np.ndarray, np.ndarray]:
    """Return velocities (u, v), each (level, y, x), m s-1, 0 on dry faces.

    Args:
        rho: In-situ density (level, y, x), kg m-3; dry cells anything finite.
        cells: The grid.
        rho0: Reference density, kg m-3.
        height: Sea-surface height (y, x), m: the velocities are absolute. None for a level of no motion.
        no_motion: Its depth, m; the deepest wet level where the water is shallower. Needed without ``height``; with it,
            velocities are made 0 there all the same.
        equator: Latitude beyond which velocities are in full balance, degrees.

    Raises:
        ValueError: Without a reference.
    """
    if height is None and no_motion is None:
        raise ValueError("geostrophic velocities need a sea-surface height or a level of no motion")
    anomaly = np.asarray(rho, np.float64) - rho0
    pressure = hydrostatic(anomaly, cells.depth)
    if height is not None:
        pressure = pressure + rho0 * GRAVITY * np.asarray(height, np.float64)
    wet_v = cells.wet_v.copy()
    wet_v[:, -1] = False
    along_x = _gradient(pressure, anomaly, cells, cells.wet_u, 2)
    along_y = _gradient(pressure, anomaly, cells, wet_v, 1)
    f_u, f_v = (_coriolis(_middle(cells.lat, axis), equator) for axis in (1, 0))
    v_at_u = np.where(cells.wet_u, along_x * f_u / rho0, 0.0)
    u_at_v = np.where(wet_v, -along_y * f_v / rho0, 0.0)
    if no_motion is not None:
        v_at_u = _relative(v_at_u, cells.wet_u, 0.5 * (cells.depth + np.roll(cells.depth, -1, 2)), no_motion)
        u_at_v = _relative(u_at_v, wet_v, 0.5 * (cells.depth + np.roll(cells.depth, -1, 1)), no_motion)
    # The four faces of the other kind around each: u lies between columns i and i + 1, v between rows j and j + 1.
    u = _with_means(u_at_v, wet_v, cells.wet_u, ((0, 0), (0, 1), (-1, 0), (-1, 1)))
    v = _with_means(v_at_u, cells.wet_u, wet_v, ((0, 0), (1, 0), (0, -1), (1, -1)))
    off = [equator_weight(_middle(cells.lat, axis), equator) > 0 for axis in (1, 0)]
    return np.where(cells.wet_u & off[0], u, 0.0), np.where(wet_v & off[1], v, 0.0)


def with_stream_function(u: np.ndarray, v: np.ndarray, cells: Column, psi: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return velocities whose depth means are those of a barotropic stream function.

    U = -d psi / dy, V = d psi / dx, transports per length; exactly free of divergence on the cells.

    Args:
        u: (level, y, x), m s-1.
        v: Likewise.
        cells: The grid.
        psi: Stream function on the north-eastern corners of the cells (y, x), m3 s-1; equal on both sides of a coast.
    """
    e2u, e1v = _across(cells, 2), _across(cells, 1)
    along = np.asarray(psi, np.float64)
    below = np.concatenate([along[:1], along[:-1]])
    means = (-(along - below) / e2u, (along - np.roll(along, 1, axis=1)) / e1v)
    out = []
    for field, wet, axis, transport in ((u, cells.wet_u, 2, means[0]), (v, cells.wet_v, 1, means[1])):
        thick = np.where(wet, np.minimum(cells.thickness, np.roll(cells.thickness, -1, axis)), 0.0)
        column = thick.sum(axis=0)
        deep = np.maximum(column, 1e-3)
        mean = (field * thick).sum(axis=0) / deep
        out.append(np.where(wet, field - mean + np.where(column > 0, transport / deep, 0.0), 0.0))
    return out[0], out[1]


def hydrostatic(anomaly: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """Return the pressure at the cells' centres of a density anomaly below a flat surface (level, y, x), Pa.

    Trapezoids between centres; from the surface to the first centre its own density, as in NEMO.
    """
    steps = np.concatenate([anomaly[:1] * depth[:1], 0.5 * (anomaly[1:] + anomaly[:-1]) * np.diff(depth, axis=0)])
    return np.asarray(GRAVITY * np.cumsum(steps, axis=0))


def distance(lat: np.ndarray, lon: np.ndarray, other_lat: np.ndarray, other_lon: np.ndarray) -> np.ndarray:
    """Return the great-circle distance between points in degrees, m."""
    a, b, c, d = (np.radians(x) for x in (lat, lon, other_lat, other_lon))
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return np.asarray(2 * RADIUS * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def equator_weight(lat: np.ndarray, equator: float = EQUATOR) -> np.ndarray:
    """Return the weight of balanced velocities: 0 within 0.4 ``equator`` degrees of the equator, 1 beyond it."""
    share = (np.abs(lat) - _INNER * equator) / ((1.0 - _INNER) * equator)
    return np.asarray(np.sin(0.5 * np.pi * np.clip(share, 0.0, 1.0)) ** 2)


def _coriolis(lat: np.ndarray, equator: float) -> np.ndarray:
    """Return the weight over f (y, x), s."""
    f = 2 * ROTATION * np.sin(np.radians(lat))
    weight = equator_weight(lat, equator)
    return np.where(weight > 0, weight / np.where(weight > 0, f, 1.0), 0.0)


def _middle(field: np.ndarray, axis: int) -> np.ndarray:
    """Return the mean (y, x) of each cell and its eastern (1) or northern (0) neighbour."""
    return np.asarray(0.5 * (field + np.roll(field, -1, axis)))


def _between(cells: Column, axis: int) -> np.ndarray:
    """Return the distance (y, x) between each cell and its eastern (2) or northern (1) neighbour, m."""
    lat, lon = (np.roll(field, -1, axis - 1) for field in (cells.lat, cells.lon))
    return np.maximum(distance(cells.lat, cells.lon, lat, lon), 1.0)


def _across(cells: Column, axis: int) -> np.ndarray:
    """Return the length (y, x) of the eastern (2) or northern (1) faces: of the neighbours' distances across, m."""
    other = _between(cells, 3 - axis)
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
    return np.where(wet, difference / _between(cells, axis), 0.0)


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
    found = _mean_of(means, there, wet, around)
    for _ in range(_CORRECTIONS):
        found = found + _mean_of(means - _mean_of(found, wet, there, back), there, wet, around)
    return found


def _mean_of(field: np.ndarray, there: np.ndarray, wet: np.ndarray, offsets: tuple[Offset, ...]) -> np.ndarray:
    """Return the mean over those faces at offsets that are there, on wet faces; rows do not wrap round."""
    total = sum(_moved(np.where(there, field, 0.0), offset) for offset in offsets)
    count = sum(_moved(there.astype(float), offset) for offset in offsets)
    return np.where(wet & (count > 0), total / np.maximum(count, 1.0), 0.0)


def _moved(field: np.ndarray, offset: Offset) -> np.ndarray:
    """Return for each face the value at an offset (rows, columns); 0 beyond the first and the last row."""
    dj, di = offset
    moved = np.roll(np.roll(field, -di, 2), -dj, 1)
    if dj:
        moved[:, -1 if dj > 0 else 0] = 0.0
    return moved
