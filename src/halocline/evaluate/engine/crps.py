"""The fair continuous ranked probability score of an ensemble."""

import numpy as np

from halocline.evaluate.engine.draws import Draws


def fair_crps(ensemble: np.ndarray, truth: np.ndarray, draws: Draws | None = None) -> np.ndarray:
    """Return the CRPS that an ensemble's distribution would get, estimated without bias from its members.

    CRPS = mean_j |x_j - y| - 1/2 <|x_j - x_k|>, the second mean over pairs of independent members

    With all independent that is 1 / (2 M (M - 1)) sum_{j, k} |x_j - x_k|; M (M - 1) in place of M^2 makes the
    expectation independent of M, so ensembles of different sizes can be compared. A single draw gets its absolute
    error. Values at bounds (ties) are allowed.

    Source: Ferro 2014, "Fair scores for ensemble forecasts", Q. J. R. Meteorol. Soc. 140, equation 6.

    Args:
        ensemble: Members (member, ...), any unit.
        truth: What came (...), same unit.
        draws: Which members are independent; all if None.

    Returns:
        (...), same unit; may be slightly negative where the members surround the truth.
    """
    error = np.abs(ensemble - truth).mean(axis=0)
    return np.asarray(error - 0.5 * (draws or Draws.independent(len(ensemble))).distance(ensemble))
