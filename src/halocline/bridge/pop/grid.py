"""POP's B grid: tracers in the cells, velocities on their north-eastern corners, and where DART places both.

Source: NCAR/DART, models/POP/dart_pop_mod.f90: read_topography (corner i, j lies between the cells i, i + 1 and
j, j + 1; longitudes wrap round), calc_tpoints (cells lie in the middle of their four corners on the sphere; the first
row is extrapolated, the first column is the mean of the second and the last).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.reading.ocean.mesh import Mesh
from halocline.physics.flow.corners import wet_corners
from halocline.physics.flow.faces import distance
from halocline.runtime.errors import InputError


@dataclass(frozen=True, eq=False)
class PopGrid:
    """Cells and corners.

    Attributes:
        mesh: The cells.
        ulat: Latitude of the corners (y, x), degrees north.
        ulon: Longitude of the corners (y, x), degrees east.
    """

    mesh: Mesh
    ulat: np.ndarray
    ulon: np.ndarray

    @property
    def cells(self) -> Grid:
        """The cells."""
        return self.mesh.grid

    @property
    def periodic(self) -> bool:
        """Whether the last column lies beside the first."""
        return meets(self.cells)

    @cached_property
    def kmt(self) -> np.ndarray:
        """Number of wet levels of the cells (y, x)."""
        return np.asarray(self.cells.wet.sum(axis=0), np.int32)

    @cached_property
    def kmu(self) -> np.ndarray:
        """Number of wet levels of the corners (y, x)."""
        return np.asarray(self.corners.sum(axis=0), np.int32)

    @cached_property
    def corners(self) -> np.ndarray:
        """Wet corners (level, y, x)."""
        return wet_corners(self.cells.wet, periodic=self.periodic)

    @cached_property
    def thickness(self) -> np.ndarray:
        """Thickness of the levels (level,), m: of their thickest wet cell; without one, of the depths around."""
        own = self.cells.thickness.max(axis=(1, 2))
        depth, bottom = self.mesh.nominal[: len(own)], 0.0
        for k, thick in enumerate(own):
            if thick == 0:
                own[k] = 2.0 * (depth[k] - bottom)
            bottom += own[k]
        return np.asarray(own)

    @cached_property
    def placed(self) -> tuple[np.ndarray, np.ndarray]:
        """Latitude and longitude (y, x), degrees, where DART places the cells."""
        points = _vectors(self.ulat, self.ulon)
        total = points + np.roll(points, 1, 1)
        lat, lon = _positions(total + np.roll(total, 1, 0))
        lat[0], lon[0] = 2.0 * lat[1] - lat[2], lon[1]
        lon = lon % 360.0
        for field in (lat, lon):
            field[:, 0] = 0.5 * (field[:, 1] + field[:, -1])
        return lat, lon

    @property
    def misplaced(self) -> np.ndarray:
        """How far from its cell DART places each wet one (y, x), in distances between cells; 0 on land."""
        cells = self.cells
        off = distance(*self.placed, cells.lat, cells.lon)
        steps = [distance(cells.lat, cells.lon, np.roll(cells.lat, -1, a), np.roll(cells.lon, -1, a)) for a in (0, 1)]
        return np.where(cells.mask, off / np.maximum(np.minimum(*steps), 1.0), 0.0)


def meets(grid: Grid) -> bool:
    """Tell whether the last column of a grid lies beside the first, around the globe."""
    if grid.topology.x == "periodic":
        return True
    row = _vectors(grid.lat, grid.lon)[grid.shape[0] // 2]
    steps = np.linalg.norm(np.diff(row, axis=0), axis=-1)
    return bool(np.linalg.norm(row[-1] - row[0]) < 1.5 * np.nanmedian(steps))


def around_cells(mesh: Mesh) -> PopGrid:
    """Return the grid whose corners lie in the middle of four cells; beyond the last row and column as before it.

    Corners of a grid of longitudes and latitudes lie on such lines too, to the bit, by which DART knows it for one.

    Raises:
        InputError: If positions are unknown.
    """
    grid = mesh.grid
    if lost := [n for n in ("lat", "lon") if not np.isfinite(getattr(grid, n)).all()]:
        raise InputError(
            f"positions in {grid.name}",
            found=f"no {', '.join(lost)} of some cells, on land perhaps",
            expected="latitude and longitude of all cells, of which DART's grid is made",
            remedy="Give the grid beside the states (--mesh), or POP's own as --template.",
        )
    lat, lon = grid.lat, np.rad2deg(np.unwrap(np.deg2rad(grid.lon), axis=1))
    if np.ptp(lat, axis=1).max() < 1e-6 and np.ptp((lon - lon[:1] + 180.0) % 360.0 - 180.0, axis=0).max() < 1e-6:
        ulat = np.broadcast_to(np.clip(_between(lat[:, 0]), -90.0, 90.0)[:, None], lat.shape)
        return PopGrid(mesh, ulat.copy(), np.broadcast_to(_between(lon[0]), lat.shape).copy())
    points = _vectors(lat, lon)
    for axis in (1, 0):
        after = np.roll(points, -1, axis)
        if not (axis == 1 and meets(grid)):
            ends = np.moveaxis(points, axis, 0)
            np.moveaxis(after, axis, 0)[-1] = 2.0 * ends[-1] - ends[-2]
        points = 0.5 * (points + after)
    return PopGrid(mesh, *_positions(points))


def _between(line: np.ndarray) -> np.ndarray:
    """Return the middles of neighbours along a line, the last as far beyond its end as the one before lies inside."""
    middles = 0.5 * (line[:-1] + line[1:])
    return np.concatenate([middles, [line[-1] + (line[-1] - middles[-1])]])


def _vectors(lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
    """Return unit vectors (..., 3)."""
    a, b = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(a) * np.cos(b), np.cos(a) * np.sin(b), np.sin(a)], axis=-1)


def _positions(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return latitude and longitude, degrees, of vectors (..., 3)."""
    lat = np.degrees(np.arctan2(points[..., 2], np.hypot(points[..., 0], points[..., 1])))
    return lat, np.degrees(np.arctan2(points[..., 1], points[..., 0]))
