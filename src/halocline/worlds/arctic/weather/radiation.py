"""Sun and sky: daily-mean insolation from astronomy, longwave from temperature, humidity and clouds."""

import numpy as np

SOLAR_CONSTANT = 1361.0  # W m-2, Kopp and Lean 2011
CLEAR_TRANSMISSION = 0.76  # 1
CLOUD_DIMMING = 0.56  # 1, over snow and ice, where clouds and surface reflect to and fro


def insolation(lat: np.ndarray, day: float) -> np.ndarray:
    """Return the daily-mean insolation at the top of the air (W/m2) at ``lat`` degrees on day ``day`` of 365.

    Source: Hartmann 2016, "Global physical climatology", equation 2.17; declination after Spencer 1971.
    """
    g = 2.0 * np.pi * day / 365.0
    declination = (
        0.006918 - 0.399912 * np.cos(g) + 0.070257 * np.sin(g) - 0.006758 * np.cos(2 * g) + 0.000907 * np.sin(2 * g)
    )
    distance = 1.0 + 0.033 * np.cos(g)
    phi = np.deg2rad(lat)
    noon = np.clip(-np.tan(phi) * np.tan(declination), -1.0, 1.0)
    half_day = np.arccos(noon)
    return (
        SOLAR_CONSTANT
        / np.pi
        * distance
        * (half_day * np.sin(phi) * np.sin(declination) + np.cos(phi) * np.cos(declination) * np.sin(half_day))
    ).clip(0.0)


def shortwave_down(lat: np.ndarray, day: float, cloud: np.ndarray) -> np.ndarray:
    """Return the daily-mean downward shortwave at the surface, W/m2."""
    return insolation(lat, day) * CLEAR_TRANSMISSION * (1.0 - CLOUD_DIMMING * cloud)


def longwave_down(t2m: np.ndarray, q2m: np.ndarray, cloud: np.ndarray) -> np.ndarray:
    """Return the downward longwave at the surface, W/m2: sigma T^4 (0.746 + 0.0066 e) (1 + 0.26 c), e in hPa.

    Source: Efimova 1961 (clear) and Jacobs 1978 (clouds), recommended by Key et al. 1996, Int. J. Climatol. 16.
    """
    vapour = q2m * 1013.0 / 0.622
    return 5.670e-8 * t2m**4 * (0.746 + 0.0066 * vapour) * (1.0 + 0.26 * cloud)


def specific_humidity(t2m: np.ndarray, relative: float) -> np.ndarray:
    """Return the specific humidity (kg/kg at 1013 hPa) at a relative humidity over ice or water (Buck 1981)."""
    celsius = t2m - 273.15
    ice = 611.2 * np.exp(22.452 * celsius / (272.55 + celsius))
    water = 611.2 * np.exp(17.502 * celsius / (240.97 + celsius))
    vapour = relative * np.where(celsius < 0.0, ice, water)
    return 0.622 * vapour / (101300.0 - 0.378 * vapour)
