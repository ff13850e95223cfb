"""What surfaces of former versions are: linear and quadratic in the parameters."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Polynomial:
    """c_k(z), linear and quadratic in the parameters; only read, never fitted any more.

    Attributes:
        centre: Mean of the terms over the members (term,), see ``terms_of``.
        coefficients: Of the terms (term, column).
    """

    centre: np.ndarray
    coefficients: np.ndarray

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Return values (point, column) at parameters z (point, parameter)."""
        return np.asarray((terms_of(z) - self.centre) @ self.coefficients)

    @property
    def parameters(self) -> int:
        """How many parameters it is a function of: p, of p + p (p + 1) / 2 terms."""
        return round((np.sqrt(9.0 + 8.0 * len(self.centre)) - 3.0) / 2.0)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what a file stores of it."""
        return {"centre": self.centre, "coefficients": self.coefficients}


def terms_of(z: np.ndarray) -> np.ndarray:
    """Return z_i, then z_i z_j for i <= j.

    Args:
        z: Parameters of order one (point, parameter), -1..1 over the members.

    Returns:
        (point, parameter + parameter (parameter + 1) / 2) float64; the constant is left to the mean.
    """
    z = np.asarray(z, np.float64)
    first, second = np.triu_indices(z.shape[1])
    return np.concatenate([z, z[:, first] * z[:, second]], axis=1)
