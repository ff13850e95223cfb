"""Equation of state of sea water: NEMO's simplified form, at any reference depth, with its derivatives."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np


class EquationOfState(Protocol):
    """Density of sea water as a function of temperature, salinity and depth.

    Every array is broadcast and computed in float64: a density of 1026 kg m-3 in float32 is known to 6e-5 kg m-3 only,
    more than the jumps that decide on stability.
    """

    @property
    def rho0(self) -> float:
        """Reference density of the Boussinesq approximation, kg m-3."""

    def density(self, thetao: np.ndarray, so: np.ndarray, depth: np.ndarray | float) -> np.ndarray:
        """Return the density (kg m-3) at ``depth`` (m, positive down).

        With the cell's own depth this is the in-situ density; with one depth for all cells it is a potential density
        referenced to that depth (0 = surface).
        """

    def derivatives(
        self, thetao: np.ndarray, so: np.ndarray, depth: np.ndarray | float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (drho/dT in kg m-3 K-1, usually negative; drho/dS in kg m-3 psu-1, positive) at ``depth``."""


@dataclass(frozen=True)
class SimplifiedEOS:
    """NEMO's S-EOS: cabbeling and thermobaricity in eight numbers.

    With Ta = T - 10, Sa = S - 35 and depth z in metres, positive down:

        rho = rho0 - a0 (1 + lambda1/2 Ta + mu1 z) Ta + b0 (1 - lambda2/2 Sa - mu2 z) Sa - nu Ta Sa

    Source: Roquet et al. 2015, "Defining a simplified yet realistic equation of state for seawater", J. Phys.
    Oceanogr. 45, 2564, in the form of the NEMO reference manual (nn_eos = seos). The defaults are the DINO
    configuration's namelist.

    Attributes:
        rho0: Reference density, kg m-3.
        a0: Thermal expansion, kg m-3 K-1.
        b0: Haline contraction, kg m-3 psu-1.
        lambda1: Cabbeling in temperature, K-1.
        lambda2: Cabbeling in salinity, psu-1.
        mu1: Thermobaricity in temperature, m-1.
        mu2: Thermobaricity in salinity, m-1.
        nu: Cabbeling in temperature and salinity, kg m-3 K-1 psu-1.
    """

    rho0: float = 1026.0
    a0: float = 0.165
    b0: float = 0.76554
    lambda1: float = 0.06
    lambda2: float = 0.0
    mu1: float = 1.4970e-4
    mu2: float = 0.0
    nu: float = 0.0

    def density(self, thetao: np.ndarray, so: np.ndarray, depth: np.ndarray | float) -> np.ndarray:
        """Return the density (kg m-3); see EquationOfState.

        Args:
            thetao: Potential temperature, degC.
            so: Salinity on the practical scale, psu.
            depth: Reference depth, m, positive down; broadcast against the others.
        """
        ta, sa, z = _anomalies(thetao, so, depth)
        thermal = -self.a0 * (1 + 0.5 * self.lambda1 * ta + self.mu1 * z) * ta
        haline = self.b0 * (1 - 0.5 * self.lambda2 * sa - self.mu2 * z) * sa
        return self.rho0 + thermal + haline - self.nu * ta * sa

    def derivatives(
        self, thetao: np.ndarray, so: np.ndarray, depth: np.ndarray | float
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return (drho/dT, drho/dS); see EquationOfState."""
        ta, sa, z = _anomalies(thetao, so, depth)
        by_temperature = -self.a0 * (1 + self.lambda1 * ta + self.mu1 * z) - self.nu * sa
        by_salinity = self.b0 * (1 - self.lambda2 * sa - self.mu2 * z) - self.nu * ta
        return by_temperature, by_salinity


DINO_EOS = SimplifiedEOS()
"""The equation of state of the DINO configuration."""


def _anomalies(
    thetao: np.ndarray, so: np.ndarray, depth: np.ndarray | float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    ta = np.asarray(thetao, np.float64) - 10.0
    sa = np.asarray(so, np.float64) - 35.0
    return ta, sa, np.asarray(depth, np.float64)
