"""Steady surface currents: the Beaufort gyre and five jets. Invented, after the known circulation."""

import numpy as np

from halocline.worlds.arctic.domain import PROJECTION
from halocline.worlds.arctic.weather.coarse import gaussian

# (speed m/s, half width km, waypoints as (latitude, longitude))
JETS = (
    (0.030, 350.0, ((76.0, 150.0), (84.0, 150.0), (89.0, 60.0), (84.0, 0.0), (80.0, -3.0))),  # transpolar drift
    (0.120, 130.0, ((81.0, -5.0), (76.0, -11.0), (71.0, -19.0), (66.5, -32.0), (61.0, -41.5))),  # East Greenland
    (0.080, 110.0, ((72.0, 14.0), (76.0, 12.0), (79.5, 8.0))),  # West Spitsbergen
    (0.060, 150.0, ((68.0, 10.0), (71.5, 20.0), (72.0, 35.0), (74.0, 45.0))),  # North Cape
    (0.080, 130.0, ((76.0, -74.0), (71.0, -67.0), (65.0, -60.0), (58.0, -58.0), (53.0, -53.0))),  # Baffin, Labrador
)
GYRE = (76.0, -150.0, 0.05, 480.0)  # latitude, longitude, greatest speed m/s, radius km of it


def surface_current(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the current (u, v) along grid x and y, m/s, at positions ``x`` (x,), ``y`` (y,); each (y, x)."""
    x, y = x[None, :], y[:, None]
    x0, y0 = (float(c) for c in PROJECTION.forward(np.array(GYRE[0]), np.array(GYRE[1])))
    radius = GYRE[3] * 1e3
    swirl = GYRE[2] / radius * np.exp(0.5) * gaussian(x, y, x0, y0, radius)
    u, v = swirl * (y - y0), -swirl * (x - x0)  # clockwise
    for speed, width, places in JETS:
        points = [PROJECTION.forward(np.array(lat), np.array(lon)) for lat, lon in places]
        jet_u, jet_v = _jet([(float(a), float(b)) for a, b in points], width * 1e3, x, y)
        u, v = u + speed * jet_u, v + speed * jet_v
    return u, v


def _jet(
    points: list[tuple[float, float]], width: float, x: np.ndarray, y: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return a unit flow along a line of points, fading with the distance from it; directions are blended."""
    u, v, total = 0.0 * (x + y), 0.0 * (x + y), 1e-12 + 0.0 * (x + y)
    strongest = np.zeros_like(u)
    for (xa, ya), (xb, yb) in zip(points[:-1], points[1:], strict=True):
        length = np.hypot(xb - xa, yb - ya)
        ex, ey = (xb - xa) / length, (yb - ya) / length
        along = np.clip((x - xa) * ex + (y - ya) * ey, 0.0, length)
        distance = np.hypot(x - xa - along * ex, y - ya - along * ey)
        weight = np.exp(-((distance / width) ** 2))
        u, v, total = u + weight * ex, v + weight * ey, total + weight
        strongest = np.maximum(strongest, weight)
    return strongest * u / total, strongest * v / total
