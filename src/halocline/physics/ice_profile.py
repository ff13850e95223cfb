"""Temperature and salinity in a column of ice and snow of which only the thickness is known.

Sources: Semtner 1976, "A model for the thermodynamic growth of sea ice", J. Phys. Oceanogr. 6 (steady conduction);
Bitz and Lipscomb 1999, equation 9 (salinity of multi-year ice, after Schwarzacher 1959); Kovacs 1996, "Sea ice. Part I:
Bulk salinity versus ice floe thickness", CRREL Report 96-7 (salinity of first-year ice).
"""

from dataclasses import dataclass

import numpy as np

from halocline.physics.ice_enthalpy import COLDEST, IceConstants

FRESHEST = 0.1  # psu, Icepack's min_salin
EXCHANGE = 15.0
"""W m-2 K-1, of the surface with the air: long-wave 4 x 0.97 x 5.67e-8 x (250 K)^3 = 3.4, and turbulence
1.3 kg m-3 x 1004 J kg-1 K-1 x 1.3e-3 x 7 m s-1 = 11.9."""


@dataclass(frozen=True, eq=False)
class Profile:
    """Temperatures of columns, degC.

    Attributes:
        surface: (category, y, x).
        snow: (layer, category, y, x), from the top.
        ice: (layer, category, y, x), from the top.
    """

    surface: np.ndarray
    snow: np.ndarray
    ice: np.ndarray


def steady_profile(
    ice: np.ndarray, snow: np.ndarray, air: np.ndarray, bottom: float, layers: tuple[int, int], c: IceConstants
) -> Profile:
    """Return temperatures in steady conduction from the water to the air: linear in ice and in snow, the flux the same.

    The surface gives the air ``EXCHANGE`` times their difference, and is never above 0 degC.

    Args:
        ice: Thickness of the ice (category, y, x), m, > 0.
        snow: Depth of the snow on it (category, y, x), m.
        air: Air temperature (y, x), degC.
        bottom: Freezing point of the water, degC.
        layers: Number of layers of ice and of snow.
        c: Constants.
    """
    below, above = ice / c.conductivity_ice, snow / c.conductivity_snow
    conductance = 1.0 / (below + above)
    surface = np.clip((conductance * bottom + EXCHANGE * air) / (conductance + EXCHANGE), COLDEST + 1.0, 0.0)
    between = surface + (bottom - surface) * above * conductance
    in_ice, in_snow = ((np.arange(n)[:, None, None, None] + 0.5) / n for n in layers)
    return Profile(surface, surface + (between - surface) * in_snow, between + (bottom - between) * in_ice)


def multi_year_salinity(layers: int) -> np.ndarray:
    """Return the salinity of CICE's fixed profile in the middle of the layers (layer,), psu, fresh at the top.

    It is nowhere below ``FRESHEST`` (Icepack's icepack_therm_shared.F90, icepack_init_thermo): with ktherm = 1
    init_vertical_profile stops below it.
    """
    z = (np.arange(layers) + 0.5) / layers
    return np.maximum(FRESHEST, 1.6 * (1.0 - np.cos(np.pi * z ** (0.407 / (0.573 + z)))))


def first_year_salinity(thickness: np.ndarray, most: float) -> np.ndarray:
    """Return the bulk salinity of first-year ice of a thickness (m), psu: 4.606 + 91.603 / (thickness in cm)."""
    return np.minimum(most, 4.606 + 0.91603 / np.maximum(thickness, 0.01))
