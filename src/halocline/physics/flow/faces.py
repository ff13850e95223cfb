"""The faces of a C grid: where u and v lie, means between them, and distances on the sphere."""

from dataclasses import dataclass

import numpy as np

from halocline.physics.flow.equator import RADIUS

Offset = tuple[int, int]
"""Rows and columns from a face to another."""
ACROSS_U: tuple[Offset, ...] = ((0, 0), (0, 1), (-1, 0), (-1, 1))
"""From a face of u, between columns i and i + 1, to the four of v around it."""
ACROSS_V: tuple[Offset, ...] = ((0, 0), (1, 0), (0, -1), (1, -1))
"""From a face of v, between rows j and j + 1, to the four of u around it."""


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

    @property
    def open_v(self) -> np.ndarray:
        """Wet northern faces (level, y, x) without the last row's, which have no neighbour."""
        return self.wet_v & (np.arange(self.wet_v.shape[1]) < self.wet_v.shape[1] - 1)[None, :, None]


def middle(field: np.ndarray, axis: int) -> np.ndarray:
    """Return the mean (y, x) of each cell and its eastern (1) or northern (0) neighbour."""
    return np.asarray(0.5 * (field + np.roll(field, -1, axis)))


def distance(lat: np.ndarray, lon: np.ndarray, other_lat: np.ndarray, other_lon: np.ndarray) -> np.ndarray:
    """Return the great-circle distance between points in degrees, m."""
    a, b, c, d = (np.radians(x) for x in (lat, lon, other_lat, other_lon))
    half = np.sin((c - a) / 2) ** 2 + np.cos(a) * np.cos(c) * np.sin((d - b) / 2) ** 2
    return np.asarray(2 * RADIUS * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def mean_of(field: np.ndarray, there: np.ndarray, wet: np.ndarray, offsets: tuple[Offset, ...]) -> np.ndarray:
    """Return the mean over those faces at offsets that are there, on wet faces; rows do not wrap round."""
    total = sum(moved(np.where(there, field, 0.0), offset) for offset in offsets)
    count = sum(moved(there.astype(float), offset) for offset in offsets)
    return np.where(wet & (count > 0), total / np.maximum(count, 1.0), 0.0)


def moved(field: np.ndarray, offset: Offset) -> np.ndarray:
    """Return for each face the value at an offset (rows, columns); 0 beyond the first and the last row."""
    dj, di = offset
    moved = np.roll(np.roll(field, -di, 2), -dj, 1)
    if dj:
        moved[:, -1 if dj > 0 else 0] = 0.0
    return moved
