"""Map projections, forwards, backwards, and what they do to areas and vectors: any CRS, through pyproj.

The Arctic world keeps the spherical formulas with which its released grids were made.

Source: Snyder 1987, "Map projections: a working manual", USGS Professional Paper 1395, equations 21-1 to 21-15.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np

from halocline.runtime.errors import InputError

if TYPE_CHECKING:
    import pyproj

EARTH_RADIUS = 6_371_229.0  # m, mean sphere


class Projection(Protocol):
    """A plane on which a grid's axes x and y lie, seen from above the Earth: y is left of x."""

    def forward(self, lat: np.ndarray, lon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (x, y) in metres of latitude and longitude in degrees."""

    def inverse(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (latitude, longitude) in degrees, longitude in -180..180, of (x, y) in metres."""

    def turn(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        """Return by how much north is turned from the y axis, counter-clockwise on the plane, radians.

        Args:
            lat: Latitude, degrees north.
            lon: Longitude, degrees east, of a shape that broadcasts with the latitudes'.

        Returns:
            Angles of a shape that broadcasts with the two.
        """

    def cf_attributes(self) -> dict[str, str | float]:
        """Return the CF grid mapping attributes."""


@dataclass(frozen=True)
class PolarStereographic:
    """North polar stereographic plane, true to scale at ``true_latitude``.

    Attributes:
        true_latitude: Latitude where distances are true, degrees north.
        central_meridian: Longitude that points along -y, degrees east.
    """

    true_latitude: float = 75.0
    central_meridian: float = -45.0

    @property
    def _plane_scale(self) -> float:
        return EARTH_RADIUS * (1.0 + np.sin(np.deg2rad(self.true_latitude)))

    def forward(self, lat: np.ndarray, lon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (x, y) in metres of latitude and longitude in degrees."""
        rho = self._plane_scale * np.tan(np.pi / 4 - np.deg2rad(lat) / 2)
        angle = np.deg2rad(np.asarray(lon) - self.central_meridian)
        return rho * np.sin(angle), -rho * np.cos(angle)

    def inverse(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (latitude, longitude) in degrees, longitude in -180..180, of (x, y) in metres."""
        lat = 90.0 - 2.0 * np.rad2deg(np.arctan(np.hypot(x, y) / self._plane_scale))
        lon = self.central_meridian + np.rad2deg(np.arctan2(x, -np.asarray(y)))
        return lat, (lon + 180.0) % 360.0 - 180.0

    def scale(self, lat: np.ndarray) -> np.ndarray:
        """Return k = distance on the plane / distance on the sphere at a latitude in degrees."""
        return (1.0 + np.sin(np.deg2rad(self.true_latitude))) / (1.0 + np.sin(np.deg2rad(lat)))

    def turn(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        """Return by how much north is turned from the y axis (radians, counter-clockwise)."""
        return np.deg2rad(np.asarray(lon) - self.central_meridian)

    def rotate_to_grid(self, east: np.ndarray, north: np.ndarray, lon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Turn a vector's (east, north) components into components along (x, y)."""
        return to_grid(east, north, self.turn(lon, lon))

    def cf_attributes(self) -> dict[str, str | float]:
        """Return the CF grid mapping attributes."""
        return {
            "grid_mapping_name": "polar_stereographic",
            "latitude_of_projection_origin": 90.0,
            "standard_parallel": self.true_latitude,
            "straight_vertical_longitude_from_pole": self.central_meridian,
            "earth_radius": EARTH_RADIUS,
            "false_easting": 0.0,
            "false_northing": 0.0,
        }


@dataclass(frozen=True, eq=False)
class Plane:
    """Any coordinate reference system that pyproj knows; the plane of NSIDC's or EASE2's polar grids, UTM, and so on.

    Attributes:
        crs: E.g. of ``EPSG:3413`` and ``EPSG:3976`` (polar stereographic, north and south), ``EPSG:6931`` and
            ``EPSG:6932`` (EASE2, north and south).
    """

    crs: "pyproj.CRS"

    @classmethod
    def of(cls, words: "str | Mapping[str, str | float]") -> "Plane":
        """Read an EPSG code, a PROJ or WKT string, or CF grid mapping attributes.

        Raises:
            InputError: If they name no projection.
        """
        import pyproj

        try:
            crs = pyproj.CRS.from_user_input(words) if isinstance(words, str) else pyproj.CRS.from_cf(dict(words))
            plane = crs.is_projected
        except (pyproj.exceptions.CRSError, KeyError) as error:
            raise _no_projection(words, str(error)) from error
        if not plane:
            raise _no_projection(words, "latitudes and longitudes")
        return cls(crs)

    def forward(self, lat: np.ndarray, lon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (x, y) in metres of latitude and longitude in degrees."""
        x, y = self._proj(np.asarray(lon, np.float64), np.asarray(lat, np.float64))
        return x, y

    def inverse(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return (latitude, longitude) in degrees, longitude in -180..180, of (x, y) in metres."""
        x, y = np.broadcast_arrays(np.asarray(x, np.float64), np.asarray(y, np.float64))
        lon, lat = self._proj(x, y, inverse=True)
        return lat, (lon + 180.0) % 360.0 - 180.0

    def areal_scale(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        """Return area on the plane / area on the ellipsoid."""
        return np.asarray(self._proj.get_factors(lon, lat).areal_scale)

    def turn(self, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        """Return by how much north is turned from the y axis (radians, counter-clockwise); 0 out of its reach."""
        lat, lon = np.broadcast_arrays(np.asarray(lat, np.float64), np.asarray(lon, np.float64))
        near = np.clip(lat, -90.0 + 1e-6, 90.0 - 1e-6)  # at a pole north is where its meridian comes from
        along = self._proj.get_factors(lon, near)
        angle = np.arctan2(-np.asarray(along.dx_dphi), np.asarray(along.dy_dphi))
        return np.where(np.isfinite(angle), angle, 0.0)

    def cf_attributes(self) -> dict[str, str | float]:
        """Return the CF grid mapping attributes."""
        return {k: v if isinstance(v, str) else float(v) for k, v in self.crs.to_cf().items() if np.ndim(v) == 0}

    @cached_property
    def _proj(self) -> "pyproj.Proj":
        import pyproj

        return pyproj.Proj(self.crs)


def projection_of(attributes: Mapping[str, str | float]) -> Projection | None:
    """Return the plane that CF grid mapping attributes describe; None if x and y are longitude and latitude.

    Raises:
        InputError: If they describe none.
    """
    if attributes.get("grid_mapping_name") == "latitude_longitude":
        return None
    parallel, meridian = attributes.get("standard_parallel"), attributes.get("straight_vertical_longitude_from_pole")
    if isinstance(parallel, int | float) and isinstance(meridian, int | float):
        spherical = PolarStereographic(float(parallel), float(meridian))
        if dict(attributes) == spherical.cf_attributes():
            return spherical
    return Plane.of(attributes)


def to_grid(east: np.ndarray, north: np.ndarray, turn: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return a vector's components along (x, y); ``turn`` is that of ``Projection.turn``."""
    cos, sin = np.cos(turn), np.sin(turn)
    return east * cos - north * sin, east * sin + north * cos


def _no_projection(words: object, found: str) -> InputError:
    return InputError(
        f"projection {words}",
        found=found,
        expected="a projection of the plane: an EPSG code, a PROJ or WKT string, or CF grid mapping attributes",
        remedy="Give for example EPSG:3976, or the attributes of the file's grid mapping.",
    )
