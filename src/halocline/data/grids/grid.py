"""A grid: where cells are, which are ocean, how large they are, their levels if any, and how its sides meet."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import xarray as xr

from halocline.data.grids import grid_io
from halocline.data.grids.fingerprint import fingerprint, released_fingerprint
from halocline.data.grids.levels import Vertical
from halocline.data.grids.plane_checks import check_latitude, known
from halocline.data.grids.topology import CLOSED, Topology
from halocline.runtime.errors import InputError


@dataclass(frozen=True, eq=False)
class Grid:
    """A rectangular array of cells on the sphere.

    Attributes:
        name: For people, e.g. ``arctic-100km``.
        x: Cell centres along x (x,): metres on the projection plane, degrees east on a geographic grid, 0, 1, 2, ... on
            a curvilinear one.
        y: Cell centres along y (y,), likewise.
        lat: Latitude of the centres (y, x), degrees north; NaN throughout if unknown.
        lon: Longitude of the centres (y, x), degrees east, -180..180; NaN throughout if unknown.
        area: Area of the cells on the sphere (y, x), m2 (not on the projection plane); NaN throughout if unknown.
        mask: True where the cell is ocean (y, x); with levels, at the surface.
        spacing: Nominal distance between centres, metres; NaN if unknown.
        projection: CF grid mapping attributes; ``{"grid_mapping_name": "latitude_longitude"}`` for geographic grids.
        vertical: The levels; None for a grid of surface fields.
        topology: How the sides meet.
    """

    name: str
    x: np.ndarray
    y: np.ndarray
    lat: np.ndarray
    lon: np.ndarray
    area: np.ndarray
    mask: np.ndarray
    spacing: float
    projection: dict[str, str | float]
    vertical: Vertical | None = None
    topology: Topology = CLOSED

    def __post_init__(self) -> None:
        if self.vertical is not None and not np.array_equal(self.vertical.mask[0], self.mask):
            raise InputError(
                f"grid {self.name}",
                found=f"an ocean mask {self.mask.shape} that differs from the uppermost level's",
                expected="mask (y, x) equal to level 0 of the levels' mask (level, y, x)",
                remedy="Give mask = vertical.mask[0].",
            )

    @classmethod
    def of_columns(
        cls,
        vertical: Vertical,
        *,
        area: np.ndarray | None = None,
        lat: np.ndarray | None = None,
        lon: np.ndarray | None = None,
        topology: Topology = CLOSED,
        name: str = "unnamed",
    ) -> "Grid":
        """Return the grid of ocean columns of which little else need be known.

        Args:
            vertical: Their levels.
            area: (y, x), m2; None if unknown.
            lat: (y, x), degrees north; None if unknown.
            lon: (y, x), degrees east; None if unknown.
            topology: How the sides meet.
            name: File or dataset; stands in errors.

        Raises:
            InputError: If the latitude is not one.
        """
        ny, nx = vertical.mask.shape[1:]
        check_latitude(lat, (ny, nx), name)
        unknown = np.full((ny, nx), np.nan)
        return cls(
            name=name,
            x=np.arange(nx, dtype=float),
            y=np.arange(ny, dtype=float),
            lat=unknown if lat is None else lat,
            lon=unknown if lon is None else lon,
            area=unknown if area is None else area,
            mask=vertical.mask[0],
            spacing=float("nan"),
            projection={},
            vertical=vertical,
            topology=topology,
        )

    @property
    def shape(self) -> tuple[int, int]:
        """(y, x)."""
        ny, nx = self.mask.shape
        return ny, nx

    @property
    def levels(self) -> int:
        """Number of levels, dry ones included; 0 for a grid of surface fields."""
        return 0 if self.vertical is None else self.vertical.levels

    @property
    def columns(self) -> Vertical:
        """The levels; InputError if the grid has none."""
        if self.vertical is None:
            raise InputError(
                f"grid {self.name}",
                found="no levels",
                expected="depth, thickness and mask of the levels",
                remedy="Use a grid or store of ocean states, made by: halocline simulate dino --out DATA.zarr",
            )
        return self.vertical

    @property
    def wet(self) -> np.ndarray:
        """True where the cell is wet (level, y, x); InputError without levels."""
        return self.columns.mask

    @cached_property
    def depth(self) -> np.ndarray:
        """Depth of the cell centres (level, y, x), m, positive down; InputError without levels."""
        values = self.columns.depth
        return np.broadcast_to(values[:, None, None] if values.ndim == 1 else values, self.wet.shape)

    @cached_property
    def thickness(self) -> np.ndarray:
        """Thickness of the cells (level, y, x), m; 0 where dry; InputError without levels."""
        values = self.columns.thickness
        return np.where(self.wet, values[:, None, None] if values.ndim == 1 else values, 0.0)

    @cached_property
    def interface_depth(self) -> np.ndarray:
        """Depth of the interface below each level but the last (level - 1, y, x), m: the thickness above it."""
        return np.cumsum(self.thickness, axis=0)[:-1]

    @cached_property
    def volume(self) -> np.ndarray:
        """Volume of the cells (level, y, x), m3; 0 where dry; InputError if the area is unknown."""
        return self.thickness * self.known_area()

    def volume_at(self, level: int) -> np.ndarray:
        """Return the volume of a level's cells (y, x), m3, without that of the others; see ``volume``."""
        values = self.columns.thickness[level]
        return np.where(self.wet[level], values, 0.0) * self.known_area()

    def known_area(self) -> np.ndarray:
        """Return the area (y, x), or raise InputError if it is unknown."""
        return known(self.area, "area")

    def known_latitude(self) -> np.ndarray:
        """Return the true latitude (y, x), or raise InputError if it is unknown."""
        return known(self.lat, "latitude")

    def fingerprint(self) -> str:
        """Return a short sha256 over the cells; equal grids have equal fingerprints, in single precision too."""
        return fingerprint(self.mask, self._plane, self.vertical, self.topology)

    def released_fingerprint(self) -> str:
        """Return the fingerprint in the form of release 0.1, on which the fingerprints of stores' data are built."""
        return released_fingerprint(self.mask, self._plane, self.vertical, self.topology)

    def is_same_as(self, found: str) -> bool:
        """Tell whether a fingerprint, of today's or of the released form, is this grid's, its sides closed or not."""
        forms = (fingerprint, released_fingerprint)
        ways = (self.topology, CLOSED)
        return found in {form(self.mask, self._plane, self.vertical, way) for form in forms for way in ways}

    @property
    def _plane(self) -> tuple[np.ndarray, ...]:
        return tuple(values for values in (self.lat, self.lon, self.area) if not np.isnan(values).all())

    def static_maps(self) -> np.ndarray:
        """Return what networks know of the place (3, y, x): ocean mask, position along y and along x in -1..1."""
        ny, nx = self.shape
        y, x = np.meshgrid(np.linspace(-1, 1, ny), np.linspace(-1, 1, nx), indexing="ij")
        return np.stack([self.mask.astype(float), y, x]).astype(np.float32)

    def to_dataset(self) -> xr.Dataset:
        """Return the grid as a CF dataset with dimensions (y, x), and depth if it has levels."""
        return grid_io.to_dataset(self)

    @classmethod
    def from_dataset(cls, dataset: xr.Dataset) -> "Grid":
        """Read a grid back from the form of ``to_dataset``; InputError if one of its variables is missing."""
        return cls(**grid_io.of_dataset(dataset))

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Return the arrays of the grid by name; the rest stands in a model's card (``to_card``)."""
        return grid_io.to_arrays(self)

    def to_card(self) -> dict[str, object]:
        """Return what a model's card says of the grid beside the arrays."""
        return grid_io.to_card(self)

    @classmethod
    def from_arrays(cls, arrays: dict[str, np.ndarray], card: dict[str, object]) -> "Grid":
        """Read the forms of ``to_arrays`` and ``to_card`` back; a card without topology is that of a closed grid."""
        return cls(**grid_io.of_arrays(arrays, card))
