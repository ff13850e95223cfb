"""The mean seasons of air, sea surface, pressure, clouds and snow. Invented, shaped after the real Arctic.

Temperatures are a winter and a summer map joined by a squared-off season (tanh of a cosine: a long winter, a flat
summer plateau). The maps come from latitude, from a field of Atlantic and Pacific warmth (Gaussian bumps) and from how
much land lies around.
"""

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from halocline.data.grids.projection import PolarStereographic
from halocline.worlds.arctic.domain import PROJECTION, arctic_grid
from halocline.worlds.arctic.parameters import THERMODYNAMICS, ZERO_CELSIUS
from halocline.worlds.arctic.weather.coarse import gaussian

# (latitude, longitude, strength 0..1, radius km) of the warm water in winter
WARMTH = (
    (66.0, 2.0, 1.00, 900.0),  # Norwegian Sea
    (72.0, 28.0, 0.75, 480.0),  # south-west Barents Sea
    (78.0, 8.0, 0.45, 300.0),  # West Spitsbergen current
    (60.0, -26.0, 1.00, 850.0),  # Iceland basin
    (54.0, -40.0, 0.90, 800.0),  # Labrador and Irminger Seas
    (53.0, -178.0, 0.95, 620.0),  # southern Bering Sea
)
# (latitude, longitude, hPa in winter, hPa in summer, radius km) of the mean pressure
PRESSURE = (
    (76.0, -150.0, 8.0, 2.0, 800.0),  # Beaufort high
    (62.0, 105.0, 16.0, -3.0, 1300.0),  # Siberian high
    (72.0, -40.0, 6.0, 4.0, 600.0),  # Greenland
    (61.0, -30.0, -15.0, -4.0, 1000.0),  # Icelandic low
    (72.0, 25.0, -9.0, -1.0, 900.0),  # Barents low
    (53.0, -178.0, -14.0, 0.0, 900.0),  # Aleutian low
    (86.0, 170.0, 0.0, -4.0, 900.0),  # summer central low
)


@dataclass(frozen=True, eq=False)
class Climatology:
    """Mean maps on one grid (y, x); temperatures in K, pressure in Pa."""

    lat: np.ndarray
    warmth: np.ndarray
    air_winter: np.ndarray
    air_summer: np.ndarray
    sst_winter: np.ndarray
    sst_summer: np.ndarray
    pressure_winter: np.ndarray
    pressure_summer: np.ndarray

    def air(self, day: float) -> np.ndarray:
        """Return the mean 2-m temperature on a day of the year, K."""
        share = season(day, warmest=203.0, sharpness=1.4)
        return self.air_winter + (self.air_summer - self.air_winter) * share

    def sst(self, day: float) -> np.ndarray:
        """Return the sea-surface temperature the mixed layer is drawn to, K; never below freezing."""
        share = season(day, warmest=228.0, sharpness=1.2)
        return np.maximum(THERMODYNAMICS.freezing, self.sst_winter + (self.sst_summer - self.sst_winter) * share)

    def pressure(self, day: float) -> np.ndarray:
        """Return the mean sea-level pressure anomaly, Pa."""
        share = season(day, warmest=200.0, sharpness=1.0)
        return self.pressure_winter + (self.pressure_summer - self.pressure_winter) * share

    def snowfall(self, day: float) -> np.ndarray:
        """Return the mean snowfall as snow depth, m/s; most in September and October (Warren et al. 1999)."""
        autumn = np.exp(-(((day - 275.0 + 182.5) % 365.0 - 182.5) ** 2) / (2 * 28.0**2))
        spring = np.exp(-(((day - 135.0 + 182.5) % 365.0 - 182.5) ** 2) / (2 * 25.0**2))
        millimetres = 0.9 + 2.4 * autumn + 0.7 * spring
        return millimetres * (1.0 + 0.8 * self.warmth) / 1000.0 / 86400.0


def season(day: float, *, warmest: float, sharpness: float) -> float:
    """Return 0 in midwinter, 1 in midsummer: tanh of a cosine, squared off by ``sharpness``."""
    phase = np.cos(2.0 * np.pi * (day - warmest) / 365.0)
    return float(0.5 + 0.5 * np.tanh(sharpness * phase) / np.tanh(sharpness))


def cloud_cover(day: float) -> float:
    """Return the mean cloud fraction: 0.5 in winter, 0.85 in summer (Vowinckel and Orvig 1970)."""
    return 0.5 + 0.35 * season(day, warmest=225.0, sharpness=1.5)


def bumps(x: np.ndarray, y: np.ndarray, lat: float, lon: float, radius_km: float) -> np.ndarray:
    """Return a Gaussian bump of height 1 around a place, on the projection plane."""
    x0, y0 = PROJECTION.forward(np.array(lat), np.array(lon))
    return gaussian(x, y, float(x0), float(y0), radius_km * 1e3)


def land_around(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the share of land within some 300 km of each point (y, x), 0..1, from the 100-km coast."""
    grid = arctic_grid(100)
    smooth = ndimage.gaussian_filter((~grid.mask).astype(float), 3.0, mode="nearest")
    rows = (y - grid.y[0]) / grid.spacing + 0.0 * x
    columns = (x - grid.x[0]) / grid.spacing + 0.0 * y
    return ndimage.map_coordinates(smooth, [rows, columns], order=1, mode="nearest")


def climatology(x: np.ndarray, y: np.ndarray, projection: PolarStereographic = PROJECTION) -> Climatology:
    """Return the mean maps at positions ``x`` (x,), ``y`` (y,) on the projection plane, m."""
    x, y = x[None, :], y[:, None]
    lat, _ = projection.inverse(x, y)
    land = land_around(x, y)
    cold = np.ones_like(lat)
    for where in WARMTH:
        cold = cold * (1.0 - where[2] * bumps(x, y, where[0], where[1], where[3]))
    warmth = 1.0 - cold
    south = np.maximum(0.0, 84.0 - lat)  # degrees
    base = ZERO_CELSIUS - 31.0 + 0.30 * south - 6.0 * land
    air_winter = base + (ZERO_CELSIUS + 4.0 - base) * warmth
    air_summer = ZERO_CELSIUS - 0.5 + 0.19 * south + 5.0 * land * np.minimum(1.0, south / 10.0)
    sst_winter = THERMODYNAMICS.freezing - 0.3 + 9.0 * np.clip((warmth - 0.4) / 0.6, 0.0, 1.0)
    sst_summer = THERMODYNAMICS.freezing - 1.0 + 0.25 * np.maximum(0.0, 76.0 - lat) + 7.0 * warmth
    pressure = [np.zeros_like(lat), np.zeros_like(lat)]
    for place in PRESSURE:
        shape = bumps(x, y, place[0], place[1], place[4])
        pressure[0] += 100.0 * place[2] * shape
        pressure[1] += 100.0 * place[3] * shape
    return Climatology(lat, warmth, air_winter, air_summer, sst_winter, sst_summer, *pressure)
