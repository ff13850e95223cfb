"""The Arctic domain: a polar stereographic square of 6400 km, its coast, true areas and face lengths.

Volume is counted and advected on the sphere: cells have their true areas and faces their true lengths. The strain rates
and stress divergence ignore the metric factor (1.02 at the pole, 0.95 at 60 N on lengths) and the Coriolis parameter is
constant: an f plane. This costs a few per cent in the southern seas and keeps the kernels simple.
"""

from dataclasses import dataclass
from functools import lru_cache
from importlib import resources

import numpy as np

from halocline.data.grids.grid import Grid
from halocline.data.grids.projection import PolarStereographic
from halocline.physics.quads import quad_mask
from halocline.runtime.errors import ConfigError

RESOLUTIONS_KM = (100, 50, 25)
WIDTH = 6_400_000.0  # m
RINGS = 2  # outermost rings of cells, emptied each step: the open boundary
PROJECTION = PolarStereographic()


@dataclass(frozen=True, eq=False)
class Domain:
    """The grid with what the kernels need beside it; cells (y, x), corners (y + 1, x + 1).

    Attributes:
        grid: Cell centres.
        dx: Spacing on the plane, m.
        ocean: True where a cell is ocean (y, x).
        inner: True where ice may be: ocean and not in the outer rings (y, x).
        corner_free: True where a corner touches ocean only (y + 1, x + 1); elsewhere the velocity is 0 (no slip).
        corner_x: Corner positions on the plane (x + 1,), m; the same along y.
        x_face: True length of the faces normal to x (y, x + 1), m.
        y_face: True length of the faces normal to y (y + 1, x), m.
    """

    grid: Grid
    dx: float
    ocean: np.ndarray
    inner: np.ndarray
    corner_free: np.ndarray
    corner_x: np.ndarray
    x_face: np.ndarray
    y_face: np.ndarray


@lru_cache(maxsize=3)
def arctic_grid(resolution_km: int) -> Grid:
    """Return the Arctic grid of 100, 50 or 25 km: polar stereographic, true at 75 N, 45 W along -y.

    Raises:
        ConfigError: For any other resolution.
    """
    if resolution_km not in RESOLUTIONS_KM:
        remedy = "Choose one of the three grids whose coast ships with Halocline."
        raise ConfigError("resolution", found=f"{resolution_km} km", expected="100, 50 or 25 km", remedy=remedy)
    n = round(WIDTH / 1000 / resolution_km)
    dx = WIDTH / n
    x = (np.arange(n) + 0.5) * dx - WIDTH / 2
    lat, lon = PROJECTION.inverse(x[None, :], x[:, None])
    packed = resources.files(__package__).joinpath("masks", f"{resolution_km}km.bits").read_bytes()
    return Grid(
        name=f"arctic-{resolution_km}km",
        x=x,
        y=x.copy(),
        lat=lat,
        lon=lon,
        area=(dx / PROJECTION.scale(lat)) ** 2,
        mask=np.unpackbits(np.frombuffer(packed, np.uint8), count=n * n).reshape(n, n).astype(bool),
        spacing=dx,
        projection=PROJECTION.cf_attributes(),
    )


@lru_cache(maxsize=3)
def arctic_domain(resolution_km: int) -> Domain:
    """Return the domain of ``arctic_grid(resolution_km)``."""
    return domain_of(arctic_grid(resolution_km))


def domain_of(grid: Grid) -> Domain:
    """Return the domain over a square grid (tests use it with basins of their own)."""
    n, dx = grid.shape[0], grid.spacing
    corner = np.append(grid.x - dx / 2, grid.x[-1] + dx / 2)
    inside = np.pad(np.ones((n - 2 * RINGS, n - 2 * RINGS), bool), RINGS)
    return Domain(
        grid=grid,
        dx=dx,
        ocean=grid.mask,
        inner=grid.mask & inside,
        corner_free=quad_mask(np.pad(grid.mask, 1)),
        corner_x=corner,
        x_face=dx / _scale(corner[None, :], grid.x[:, None]),
        y_face=dx / _scale(grid.x[None, :], corner[:, None]),
    )


def _scale(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    lat, _ = PROJECTION.inverse(x, y)
    return PROJECTION.scale(lat)
