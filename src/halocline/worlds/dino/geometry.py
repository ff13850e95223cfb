"""Where DINO's cells are: Mercator rows, levels, a bowl with a channel and a sill.

Source: Kamm, Deshayes & Madec 2025 (Geosci. Model Dev. 18, 8091) and its configuration: walls of 2000 m that fall to
4000 m over 3 degrees, a channel from 65S to 45S open in x, a semi-circular sill of 2500 m on its western edge.
"""

from dataclasses import dataclass

import numpy as np

from halocline.worlds.dino.presets import BASIN_WIDTH, DEPTH, Preset

RADIUS = 6371229.0
"""NEMO's Earth radius, m."""
CHANNEL = (-65.0, -45.0)
"""Latitudes between which the basin is open in x."""
_SHELF, _SLOPE = 2000.0, 3.0
_SILL_DEPTH, _SILL_WIDTH, _SILL_RADIUS = 2500.0, 4.0, 10.0


@dataclass(frozen=True, eq=False)
class Geometry:
    """The basin of a preset; arrays are (y, x) or (level, y, x), south to north, west to east, surface first.

    Attributes:
        preset: Its sizes.
        lat_edges: Latitudes of the rows' edges (y + 1,), degrees north.
        lat: Latitudes of the rows' centres (y,), degrees north: midway between the edges.
        lon: Longitudes of the columns' centres (x,), degrees east; the wall lies east of 50.
        thickness: (level,), m.
        wet: Wet cells (level, y, x).
    """

    preset: Preset
    lat_edges: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    thickness: np.ndarray
    wet: np.ndarray

    @property
    def depth(self) -> np.ndarray:
        """Depth of the levels' centres (level,), m, positive down."""
        return np.cumsum(self.thickness) - 0.5 * self.thickness

    @property
    def area(self) -> np.ndarray:
        """Area of the cells (y, x) as the model has it, m2: R2 cos(lat) dlat dlon."""
        degrees = np.pi / 180.0
        rows = RADIUS**2 * np.cos(self.lat * degrees) * np.diff(self.lat_edges) * degrees
        return np.asarray(np.repeat(rows[:, None] * self.preset.spacing * degrees, self.preset.shape[2], axis=1))


def make_geometry(preset: Preset) -> Geometry:
    """Return the basin of a preset."""
    degrees = np.pi / 180.0
    steps = np.arange(preset.rows + 1) - preset.rows / 2
    lat_edges = np.arcsin(np.tanh(preset.spacing * degrees * steps)) / degrees
    lat = 0.5 * (lat_edges[1:] + lat_edges[:-1])
    lon = (np.arange(preset.columns + preset.walls) + 0.5) * preset.spacing
    thickness = preset.thickness()
    bottom = bathymetry(lat, lon, float(lat_edges[-1]))
    centres = np.cumsum(thickness) - 0.5 * thickness
    wet = centres[:, None, None] < bottom  # a cell is wet if its centre lies above the bottom
    wet[:, [0, -1]] &= bottom[[0, -1]] > 0
    return Geometry(preset, lat_edges, lat, lon, thickness, wet)


def bathymetry(lat: np.ndarray, lon: np.ndarray, north: float) -> np.ndarray:
    """Return the depth of the bottom (y, x), m; 0 on land.

    Args:
        lat: (y,), degrees north.
        lon: (x,), degrees east; columns beyond 50 are wall outside the channel.
        north: Latitude of the northern wall (the southern one lies opposite), degrees.
    """
    phi, lam = np.meshgrid(lat, lon, indexing="ij")
    in_channel = (phi > CHANNEL[0]) & (phi < CHANNEL[1])
    middle, half = 0.5 * (CHANNEL[0] + CHANNEL[1]), 0.5 * (CHANNEL[1] - CHANNEL[0])
    t = np.clip(np.abs(phi - middle) / half, 0.0, 1.0)
    open_x = 1.0 - t**3 * (10.0 - 15.0 * t + 6.0 * t**2)
    to_side = np.minimum(np.abs(lam), np.abs(BASIN_WIDTH - lam))
    side = np.exp(-to_side / _SLOPE) * (1.0 - open_x)
    end = np.exp(-(north - np.abs(phi)) / (_SLOPE * np.cos(np.pi * 70 / 180)))
    bottom = DEPTH - (DEPTH - _SHELF) * (1.0 - (1.0 - side) * (1.0 - end))
    across = np.where(lam > BASIN_WIDTH, lam - (lon[-1] + 0.5 * (lon[1] - lon[0])), lam)  # the channel closes in x
    ring = np.hypot(across, phi - middle) - _SILL_RADIUS
    sill = (
        (DEPTH - _SILL_DEPTH)
        * np.exp(-0.5 * (ring / (0.5 * _SILL_WIDTH)) ** 2)
        * np.where(across >= 0, 1.0, np.exp(-0.5 * (across / _SILL_WIDTH) ** 2))
    )
    bottom = np.minimum(bottom, DEPTH - sill)
    return np.where((lam > BASIN_WIDTH) & ~in_channel, 0.0, bottom)
