"""The polar stereographic projection on a sphere, forwards, backwards, and what it does to areas and vectors.

Source: Snyder 1987, "Map projections: a working manual", USGS Professional Paper 1395, equations 21-1 to 21-15.
"""

from dataclasses import dataclass

import numpy as np

EARTH_RADIUS = 6_371_229.0  # m, mean sphere


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

    def rotate_to_grid(self, east: np.ndarray, north: np.ndarray, lon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Turn a vector's (east, north) components into components along (x, y)."""
        angle = np.deg2rad(np.asarray(lon) - self.central_meridian)
        return (
            east * np.cos(angle) - north * np.sin(angle),
            east * np.sin(angle) + north * np.cos(angle),
        )

    def rotate_to_east_north(self, u: np.ndarray, v: np.ndarray, lon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Turn a vector's components along (x, y) into (east, north) components."""
        angle = np.deg2rad(np.asarray(lon) - self.central_meridian)
        return u * np.cos(angle) + v * np.sin(angle), -u * np.sin(angle) + v * np.cos(angle)

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
