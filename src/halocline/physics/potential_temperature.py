"""Potential temperature: what water measured at a depth would have at the surface, and back.

Sources: Bryden 1973, doi:10.1016/0011-7471(73)90063-6, for the adiabatic temperature gradient; Fofonoff 1977, for its
integration; Saunders 1981, doi:10.1175/1520-0485(1981)011<0573:PCODTP>2.0.CO;2, for pressure at a depth; all as in
Fofonoff and Millard 1983, UNESCO technical papers in marine science 44.
"""

import numpy as np


def pressure_at(depth: np.ndarray, lat: np.ndarray) -> np.ndarray:
    """Return the pressure of the sea, dbar.

    Args:
        depth: Depth, m, positive down.
        lat: Latitude, degrees north.
    """
    c = 5.92e-3 + np.sin(np.deg2rad(lat)) ** 2 * 5.25e-3
    return np.asarray(((1 - c) - np.sqrt((1 - c) ** 2 - 8.84e-6 * depth)) / 4.42e-6)


def adiabatic_gradient(salinity: np.ndarray, temperature: np.ndarray, pressure: np.ndarray) -> np.ndarray:
    """Return how temperature grows with pressure in water that is moved without exchange of heat, degC dbar-1.

    Args:
        salinity: Practical salinity.
        temperature: In-situ temperature, degC.
        pressure: Of the sea, dbar.
    """
    t, p, ds = temperature, pressure, salinity - 35.0
    quadratic = (-2.1687e-16 * t + 1.8676e-14) * t - 4.6206e-13
    linear = (2.7759e-12 * t - 1.1351e-10) * ds + ((-5.4481e-14 * t + 8.733e-12) * t - 6.7795e-10) * t + 1.8741e-8
    constant = (-4.2393e-8 * t + 1.8932e-6) * ds + ((6.6228e-10 * t - 6.836e-8) * t + 8.5258e-6) * t + 3.5803e-5
    return np.asarray((quadratic * p + linear) * p + constant)


def moved_to(
    salinity: np.ndarray | float, temperature: np.ndarray, pressure: np.ndarray, reference: np.ndarray | float = 0.0
) -> np.ndarray:
    """Return the temperature of water that is moved adiabatically from one pressure to another, degC.

    By one step of the Runge-Kutta scheme of Gill (Fofonoff and Millard 1983, algorithm 7). To the surface it is the
    potential temperature; from the surface (pressure 0) to a depth it is the in-situ temperature there.

    Args:
        salinity: Practical salinity.
        temperature: Temperature at ``pressure``, degC.
        pressure: Where the water is, dbar.
        reference: Where it goes, dbar.
    """
    t, p = np.asarray(temperature, np.float64), np.asarray(pressure, np.float64)
    s = np.asarray(salinity, np.float64)
    h = reference - p
    k = h * adiabatic_gradient(s, t, p)
    t, q, p = t + 0.5 * k, k, p + 0.5 * h
    k = h * adiabatic_gradient(s, t, p)
    t, q = t + 0.29289322 * (k - q), 0.58578644 * k + 0.121320344 * q
    k = h * adiabatic_gradient(s, t, p)
    t, q = t + 1.707106781 * (k - q), 3.414213562 * k - 4.121320344 * q
    k = h * adiabatic_gradient(s, t, p + 0.5 * h)
    return np.asarray(t + (k - 2.0 * q) / 6.0)
