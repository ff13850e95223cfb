"""The terms of a response surface: linear and quadratic in the parameters."""

import numpy as np


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


def scaled(values: np.ndarray, trained: np.ndarray) -> np.ndarray:
    """Return parameters (..., parameter) on -1..1 over the range of the trained ones (member, parameter).

    A parameter that does not vary among them is 0.
    """
    low, width = trained.min(axis=0), np.ptp(trained, axis=0)
    return np.asarray(np.where(width > 0, 2.0 * (values - low) / np.where(width > 0, width, 1.0) - 1.0, 0.0))
