"""Averages of weights over a training with a power of the step as weight, and any such average from stored others.

Source: Karras et al. 2024, "Analyzing and improving the training dynamics of diffusion models", arXiv 2312.02696,
section 3 and appendix C.
"""

import numpy as np


def exponent(sigma_rel: float) -> float:
    """Return gamma of the profile p_t(tau) ~ tau^gamma, tau in 0..t, whose standard deviation is sigma_rel t.

    sigma_rel^2 = (gamma + 1) / ((gamma + 2)^2 (gamma + 3)), of which the largest real root is taken.

    Args:
        sigma_rel: Relative width, 0..0.28; the flat average has 0.29.
    """
    inverse = sigma_rel**-2
    return float(np.roots([1.0, 7.0, 16.0 - inverse, 12.0 - inverse]).real.max())


def decay(step: int, gamma: float) -> float:
    """Return beta of average <- beta average + (1 - beta) weights after step number ``step`` = 0, 1, ...

    beta = (1 - 1/t)^(gamma + 1), t = step + 1: the first step's weights are the first average.
    """
    return (1.0 - 1.0 / (step + 1)) ** (gamma + 1.0)


def products(t_a: np.ndarray, gamma_a: np.ndarray, t_b: np.ndarray, gamma_b: np.ndarray) -> np.ndarray:
    """Return the integral over tau of p_a p_b, with p = (gamma + 1) tau^gamma / t^(gamma + 1) on 0..t.

    (gamma_a + 1)(gamma_b + 1) / ((gamma_a + gamma_b + 1) max(t_a, t_b)) (min / max)^(gamma of the one that ends later).

    Args:
        t_a: Ends (...), broadcastable to the others.
        gamma_a: Exponents.
        t_b: Likewise.
        gamma_b: Likewise.
    """
    low, high, later = np.minimum(t_a, t_b), np.maximum(t_a, t_b), np.where(t_a < t_b, gamma_b, gamma_a)
    return (gamma_a + 1) * (gamma_b + 1) / ((gamma_a + gamma_b + 1) * high) * (low / high) ** later


def coefficients(t: np.ndarray, gamma: np.ndarray, t_wanted: float, gamma_wanted: float) -> np.ndarray:
    """Return the sum (snapshot,) of stored averages that is nearest to the wanted one, by least squares of profiles.

    The coefficients are scaled to the sum 1, so that weights at rest stay where they are.

    Args:
        t: Steps that each stored average has seen (snapshot,).
        gamma: Their exponents (snapshot,).
        t_wanted: Steps of the wanted average.
        gamma_wanted: Its exponent.
    """
    matrix = products(t[:, None], gamma[:, None], t[None], gamma[None])
    right = products(t, gamma, np.asarray(t_wanted), np.asarray(gamma_wanted))
    nearest = np.linalg.lstsq(matrix, right, rcond=1e-13)[0]
    return nearest / nearest.sum()
