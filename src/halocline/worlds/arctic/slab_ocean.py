"""Heat loss of open water, and saturation humidity: the bulk formulae of the slab ocean.

The mixed layer itself (30 m, drawn to a prescribed temperature in 30 days) is stepped in thermodynamics.py, where its
heat meets the ice's.
"""

import numpy as np

from halocline.runtime.jit import njit
from halocline.worlds.arctic.parameters import STEFAN_BOLTZMANN, ThermodynamicsParameters


@njit(cache=True, error_model="numpy")
def saturation_humidity(temperature: float, over_ice: bool) -> tuple[float, float]:
    """Return (specific humidity of saturation kg/kg at 1013 hPa, its slope per K) at ``temperature`` K.

    Source: Buck 1981, J. Appl. Meteorol. 20, table 2.
    """
    celsius = temperature - 273.15
    if over_ice:
        b, c = 22.452, 272.55
    else:
        b, c = 17.502, 240.97
    vapour = 611.2 * np.exp(b * celsius / (celsius + c))
    q = 0.622 * vapour / (101300.0 - 0.378 * vapour)
    return q, q * b * c / (celsius + c) ** 2


@njit(cache=True, error_model="numpy")
def open_water_heat_loss(water: float, weather: tuple[float, ...], p: ThermodynamicsParameters) -> float:
    """Return the heat open water loses to the air, W/m2: longwave, sensible and latent, less the sun.

    Args:
        water: Its temperature, K.
        weather: Air temperature, K; specific humidity, kg/kg; wind speed, m/s; downward longwave and shortwave, W/m2.
        p: The parameters.
    """
    air, q, wind, lw, sw = weather
    speed = max(wind, p.least_wind) * p.rho_air * p.transfer
    saturated, _ = saturation_humidity(water, False)
    return (
        p.emissivity * (STEFAN_BOLTZMANN * water**4 - lw)
        - (1.0 - p.albedo_water) * sw
        + speed * p.cp_air * (water - air)
        + speed * p.latent_vapour * (saturated - q)
    )
