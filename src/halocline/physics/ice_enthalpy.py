"""Enthalpy of sea ice and snow, and back to temperature: ice with brine pockets of fixed salinity, and mushy ice.

Sources: Bitz and Lipscomb 1999, "An energy-conserving thermodynamic model of sea ice", J. Geophys. Res. 104, equations
1 to 4 (brine pockets); Turner, Hunke and Bitz 2013, "Two modes of sea-ice gravity drainage", J. Geophys. Res. Oceans
118 (mushy layer), with the liquidus of Assur 1958 that Icepack takes. Temperatures in degC, salinities in psu (g/kg).
"""

from dataclasses import dataclass

import numpy as np

COLDEST = -100.0  # degC, below which Icepack and SI3 take an enthalpy for broken


@dataclass(frozen=True)
class IceConstants:
    """The constants of one model's column physics.

    Attributes:
        ice: Density of ice, kg m-3.
        snow: Density of snow, kg m-3.
        water: Density of sea water, kg m-3.
        fusion: Latent heat of fusion of fresh ice, J kg-1.
        heat_ice: Specific heat of fresh ice, J kg-1 K-1.
        heat_water: Specific heat of sea water, J kg-1 K-1.
        depression: By how much 1 psu lowers the melting temperature, K.
        conductivity_ice: W m-1 K-1.
        conductivity_snow: W m-1 K-1.
    """

    ice: float = 917.0
    snow: float = 330.0
    water: float = 1026.0
    fusion: float = 3.34e5
    heat_ice: float = 2106.0
    heat_water: float = 4218.0
    depression: float = 0.054
    conductivity_ice: float = 2.03
    conductivity_snow: float = 0.31


CICE = IceConstants(conductivity_snow=0.30)
"""Icepack's columnphysics/icepack_parameters.F90, Lfresh = Lsub - Lvap."""
CESM = IceConstants(fusion=3.337e5, heat_ice=2117.27, heat_water=3996.0, conductivity_snow=0.30)
"""CICE within CESM: drivers/nuopc/cmeps/ice_comp_nuopc.F90 gives Icepack those of ``shr_const_mod``."""
SI3 = IceConstants(heat_ice=2067.0, heat_water=3991.86795711963, conductivity_ice=2.034396)
"""NEMO 4.0 and 4.2, ``phycst.F90``; rcp is that of TEOS-10."""
SI3_5 = IceConstants(fusion=0.3333601e6, heat_ice=2096.7, heat_water=3991.86795711963, conductivity_ice=2.034396)
"""NEMO 5.0, ``phycst.F90``: rLfus and rcpi after Feistel and Wagner."""

_LIQUIDUS_SLOPE = -18.48  # psu K-1, Assur's line above -7.636 degC: S/(1 - S/1000) = -18.48 T
_LIQUIDUS_COLD = (-10.3085, 62.4)  # psu K-1 and psu, below it
_KINK = -7.6362968855167352  # degC, where the lines meet


def melting_temperature(salinity: np.ndarray | float, c: IceConstants) -> np.ndarray:
    """Return the temperature at which ice of a salinity (psu) is melted, or water freezes, degC."""
    return np.asarray(-c.depression * np.asarray(salinity, np.float64))


def ice_enthalpy(temperature: np.ndarray, salinity: np.ndarray | float, c: IceConstants) -> np.ndarray:
    """Return the enthalpy of ice with brine pockets, J m-3, negative: the energy freed since it was water of 0 degC.

    ``q = -rho [cp (Tm - T) + L (1 - Tm / T) - cw Tm]``, with Tm the melting temperature (Bitz and Lipscomb 1999).

    Args:
        temperature: Below the melting temperature and below 0, degC.
        salinity: Of any shape that broadcasts, psu.
        c: Constants.
    """
    melts = melting_temperature(salinity, c)
    latent = c.fusion * (1.0 - melts / temperature)
    return np.asarray(-c.ice * (c.heat_ice * (melts - temperature) + latent - c.heat_water * melts))


def ice_temperature(enthalpy: np.ndarray, salinity: np.ndarray, c: IceConstants) -> np.ndarray:
    """Return the temperature of ice with brine pockets, degC: the root of the quadratic that ``ice_enthalpy`` is in T.

    Enthalpies that no ice has give temperatures at or above the melting temperature, or NaN.
    """
    melts = melting_temperature(salinity, c)
    linear = (c.heat_ice - c.heat_water) * melts + c.fusion + np.asarray(enthalpy) / c.ice
    with np.errstate(invalid="ignore"):
        root = np.sqrt(linear**2 - 4.0 * c.heat_ice * c.fusion * melts)
    return np.asarray((linear - root) / (2.0 * c.heat_ice))


def snow_enthalpy(temperature: np.ndarray, c: IceConstants) -> np.ndarray:
    """Return the enthalpy of snow, J m-3, negative: ``-rho (L - cp T)``."""
    return np.asarray(-c.snow * (c.fusion - c.heat_ice * np.asarray(temperature)))


def snow_temperature(enthalpy: np.ndarray, c: IceConstants) -> np.ndarray:
    """Return the temperature of snow, degC."""
    return np.asarray((c.fusion + np.asarray(enthalpy) / c.snow) / c.heat_ice)


def brine_salinity(temperature: np.ndarray | float) -> np.ndarray:
    """Return the salinity of brine in balance with ice, psu, of temperatures below 0 degC (Assur 1958)."""
    temperature = np.asarray(temperature, np.float64)
    slope, offset = _LIQUIDUS_COLD
    warm = temperature / (temperature / 1000.0 + 1.0 / _LIQUIDUS_SLOPE)
    cold = (temperature + offset / slope) / (temperature / 1000.0 + (1.0 + offset / 1000.0) / slope)
    return np.asarray(np.where(temperature > _KINK, warm, cold))


def liquidus(salinity: np.ndarray | float) -> np.ndarray:
    """Return the temperature, degC, at which mushy ice of a bulk salinity up to 120 psu is all brine."""
    salinity = np.asarray(salinity, np.float64)
    return np.asarray(salinity / (_LIQUIDUS_SLOPE * (1.0 - salinity / 1000.0)))


def mush_enthalpy(temperature: np.ndarray | float, salinity: np.ndarray | float, c: IceConstants) -> np.ndarray:
    """Return the enthalpy of mushy ice, J m-3.

    ``q = phi (rho_w cw - rho_i cp) T + rho_i cp T - (1 - phi) rho_i L`` with the liquid fraction phi = S / S_brine(T)
    (Turner et al. 2013).
    """
    liquid = np.clip(np.asarray(salinity) / brine_salinity(temperature), 0.0, 1.0)
    sensible = (liquid * (c.water * c.heat_water - c.ice * c.heat_ice) + c.ice * c.heat_ice) * temperature
    return np.asarray(sensible - (1.0 - liquid) * c.ice * c.fusion)
