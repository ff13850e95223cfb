"""Heat loss of open water, and saturation humidity: the bulk formulae of the slab ocean.

The mixed layer itself (30 m, drawn to a prescribed temperature in 30 days) is stepped in thermodynamics.py, where its
heat meets the ice's.
"""

from dataclasses import fields

import numpy as np

from halocline.runtime.jit import njit
from halocline.worlds.arctic.parameters import STEFAN_BOLTZMANN, ThermodynamicsParameters

_NAMES = {field.name: k for k, field in enumerate(fields(ThermodynamicsParameters))}
_RHO_A, _LV, _CPA, _CH, _WMIN, _AW, _EPS = (
    _NAMES[n] for n in ("rho_air", "latent_vapour", "cp_air", "transfer", "least_wind", "albedo_water", "emissivity")
)


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
def open_water_heat_loss(water: float, air: float, q: float, wind: float, lw: float, sw: float, c: np.ndarray) -> float:
    """Return the heat open water loses to the air, W/m2: longwave, sensible and latent, less the sun.

    Args:
        water: Its temperature, K.
        air: Air temperature, K.
        q: Specific humidity, kg/kg.
        wind: Speed, m/s.
        lw: Downward longwave, W/m2.
        sw: Downward shortwave, W/m2.
        c: The parameters in order.
    """
    speed = max(wind, c[_WMIN]) * c[_RHO_A] * c[_CH]
    saturated, _ = saturation_humidity(water, False)
    return (
        c[_EPS] * (STEFAN_BOLTZMANN * water**4 - lw)
        - (1.0 - c[_AW]) * sw
        + speed * c[_CPA] * (water - air)
        + speed * c[_LV] * (saturated - q)
    )
