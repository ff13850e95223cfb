"""Ridge regressions whose strength, and whose terms, the left-out members choose."""

from dataclasses import dataclass

import numpy as np

STRENGTHS = tuple(10.0**k for k in np.arange(-5.0, 3.5, 0.5))
"""Tikhonov terms that are tried, relative to the mean square of a term summed over the members."""


@dataclass(frozen=True, eq=False)
class Ridge:
    """b minimises sum_i (y_i - y_mean - b (phi_i - phi_mean))^2 + strength |b|^2, one regression for each column of y.

    Attributes:
        centre: Mean of the terms over the members (term,).
        coefficients: b (term, column); 0 where a term is not used.
        press: Mean square of y_i - (what the others say of i), for each column; no smaller one was found.
    """

    centre: np.ndarray
    coefficients: np.ndarray
    press: np.ndarray

    def __call__(self, terms: np.ndarray) -> np.ndarray:
        """Return y - y_mean (point, column) of terms (point, term)."""
        return np.asarray((terms - self.centre) @ self.coefficients)


def fit_ridge(terms: np.ndarray, y: np.ndarray, linear: int) -> Ridge:
    """Fit each column of y by that strength, and with or without the quadratic terms, which predicts left-out members.

    The left-out prediction of a ridge regression with free mean needs no second fit (PRESS):

        y_i - yhat_(i) = (y_i - yhat_i) / (1 - h_ii),  h = 1/n + X (X^T X + strength)^-1 X^T

    No terms at all is among the choices: a column that follows no parameter is answered by its mean.

    Source: Allen 1974 (Technometrics 16, 125); Golub, Heath & Wahba 1979 (Technometrics 21, 215).

    Args:
        terms: (member, term); the first ``linear`` of them are linear.
        y: (member, column), mean 0 over the members.
        linear: Number of linear terms.
    """
    n, count = terms.shape
    centre = terms.mean(axis=0)
    best = ((y * n / (n - 1.0)) ** 2).mean(axis=0)
    coefficients = np.zeros((count, y.shape[1]))
    for used in {linear, count}:
        x = terms[:, :used] - centre[:used]
        left, spread, right = np.linalg.svd(x, full_matrices=False)
        unit = float((spread**2).sum()) / used
        for strength in STRENGTHS if unit > 0 else ():
            kept = spread**2 / (spread**2 + strength * unit)
            lever = 1.0 / n + (left**2) @ kept
            fitted = left @ (kept[:, None] * (left.T @ y))
            press = (((y - fitted) / np.maximum(1.0 - lever, 1e-9)[:, None]) ** 2).mean(axis=0)
            b = right.T @ ((spread / (spread**2 + strength * unit))[:, None] * (left.T @ y))
            better = press < best
            best = np.where(better, press, best)
            coefficients[:, better] = 0.0
            coefficients[:used, better] = b[:, better]
    return Ridge(centre, coefficients, best)
