"""DINO's zonal forcing as functions of latitude, day of the year and the forcing parameters.

Source: Kamm, Deshayes & Madec 2025 (Geosci. Model Dev. 18, 8091) and its surface boundary routine and namelist. Solar
penetration is left out: the heat flux acts on the top level as a whole.
"""

import numpy as np

from halocline.worlds.dino.parameters import ForcingParameters

YEAR_DAYS = 360
"""Days of the year: twelve months of 30."""
FREEZING = -1.9
"""There is no ice: the restoring temperature never falls below the freezing point of sea water, degC."""
HEAT_FEEDBACK = 40.0
"""W m-2 K-1: about 12 days over 10 m."""
SALT_FEEDBACK = 3.858e-3
"""kg m-2 s-1: 30 days over 10 m."""
STRESS_FOR_MIXING = 1.3
"""The turbulence sees westerly stress this much stronger."""

_EQUATOR_T, _SOUTH_T, _NORTH_T = 27.0, -0.5, 5.0
_SOUTH_SEASON, _NORTH_SEASON = 0.5, 3.0
_WARMEST_DAY = 200.0  # 21 July, one month after the solstice; the opposite in the south
_WIND_NODES = ((-70.0, 0.0), (-45.0, np.nan), (-15.0, -0.1), (0.0, -0.02), (15.0, -0.1), (45.0, 0.1), (70.0, 0.0))


def wind_stress(lat: np.ndarray, p: ForcingParameters) -> np.ndarray:
    """Return the zonal wind stress (y,), Pa: cubic S-curves between nodes, the one at 45S from ``p``."""
    nodes = np.array([n for n, _ in _WIND_NODES])
    values = np.array([p.wind_stress if np.isnan(v) else v for _, v in _WIND_NODES])
    inside = np.clip(lat, nodes[0], nodes[-1])
    k = np.clip(np.searchsorted(nodes, inside, side="right") - 1, 0, len(nodes) - 2)
    t = (inside - nodes[k]) / (nodes[k + 1] - nodes[k])
    return np.asarray(values[k] + (values[k + 1] - values[k]) * t**2 * (3.0 - 2.0 * t))


def restoring_temperature(lat: np.ndarray, day: float, p: ForcingParameters) -> np.ndarray:
    """Return T* (y,), degC, on a day of the year (0..360), before weather and the freezing limit."""
    phase = np.cos(2.0 * np.pi * (day - _WARMEST_DAY) / YEAR_DAYS)
    north = _NORTH_T + p.season * _NORTH_SEASON * phase
    south = _SOUTH_T - p.season * _SOUTH_SEASON * phase
    pole = np.where(lat >= 0, north, south)
    shape = np.sin(np.pi * (lat + 70.0) / 140.0)
    profile = pole + (_EQUATOR_T - pole) * shape
    return np.asarray(_EQUATOR_T - p.temperature_contrast * (_EQUATOR_T - profile) + p.warming)


def restoring_salinity(lat: np.ndarray, p: ForcingParameters) -> np.ndarray:
    """Return S* (y,), psu; the contrast acts about the profile's area mean."""
    return np.asarray(_MEAN_SALINITY + p.salinity_contrast * (_salinity_profile(lat) - _MEAN_SALINITY))


def initial_state(lat: np.ndarray, depth: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return T (degC) and S (psu) of a start from rest, (level, y): the restoring profiles decay over 800 m."""
    p = ForcingParameters()
    decay = np.exp(-depth / 800.0)[:, None]
    mean_t = 0.5 * (restoring_temperature(lat, 20.0, p) + restoring_temperature(lat, 200.0, p))
    deep_t, deep_s = 2.0, 35.0
    thetao = deep_t + (np.maximum(mean_t, FREEZING) - deep_t) * decay
    return thetao, deep_s + (restoring_salinity(lat, p) - deep_s) * decay


def _salinity_profile(lat: np.ndarray) -> np.ndarray:
    pole = np.where(lat >= 0, 35.1, 35.0)
    profile = pole + (37.25 - pole) * (1.0 + np.cos(2.0 * np.pi * lat / 140.0)) / 2.0
    return np.asarray(profile - 1.25 * np.exp(-(lat**2) / 7.5**2))


_ROWS = np.linspace(-69.75, 69.75, 280)
_WEIGHT = np.cos(np.pi * _ROWS / 180.0)
_MEAN_SALINITY = float((_salinity_profile(_ROWS) * _WEIGHT).sum() / _WEIGHT.sum())
