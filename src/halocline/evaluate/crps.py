"""The fair continuous ranked probability score of an ensemble."""

import numpy as np


def fair_crps(ensemble: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return the CRPS that an ensemble's distribution would get, estimated without bias from its members.

    CRPS = mean_j |x_j - y| - 1 / (2 M (M - 1)) sum_{j, k} |x_j - x_k|

    The factor M (M - 1) in place of M^2 makes the expectation independent of M for exchangeable members, so ensembles
    of different sizes can be compared. A single member gets its absolute error. Values at bounds (ties) are allowed.

    Source: Ferro 2014, "Fair scores for ensemble forecasts", Q. J. R. Meteorol. Soc. 140, equation 6.

    Args:
        ensemble: Members (member, ...), any unit.
        truth: What came (...), same unit.

    Returns:
        (...), same unit; may be slightly negative where the members surround the truth.
    """
    members = len(ensemble)
    error = np.abs(ensemble - truth).mean(axis=0)
    if members == 1:
        return np.asarray(error)
    # sum over pairs j < k of (x_k - x_j), members sorted: x_(i) has i below and M - 1 - i above it
    weights = 2.0 * np.arange(members) - (members - 1)
    pairs = np.einsum("m,m...->...", weights.astype(ensemble.dtype), np.sort(ensemble, axis=0))
    return np.asarray(error - pairs / (members * (members - 1)))
