"""The response surface: the leading patterns in which members differ, as smooth functions of their parameters."""

from dataclasses import dataclass

import numpy as np

from halocline.data.response.ridge import Ridge, fit_ridge
from halocline.data.response.terms import terms_of
from halocline.runtime.errors import InputError

PATTERNS = 25
"""Leading patterns that are kept; fewer members have fewer."""
LEAST = 4
"""Members without which there is no surface: one that is left out must leave a slope and a curvature to others."""


@dataclass(frozen=True, eq=False)
class ResponseSurface:
    """x(z) = mean + sum_k c_k(z) P_k, with c_k a ridge regression, linear or quadratic in the parameters z.

    Source: ridge regression on EOFs, as emulators of ensembles over parameters have it (Holden & Edwards 2010,
    Geophys. Res. Lett. 37, L21707).

    Attributes:
        mean: Mean of the members (...).
        patterns: P_k (pattern, ...).
        centre: Mean of the terms over the members (term,), see ``terms_of``.
        coefficients: Of the terms (term, pattern).
    """

    mean: np.ndarray
    patterns: np.ndarray
    centre: np.ndarray
    coefficients: np.ndarray

    @classmethod
    def fit(
        cls, z: np.ndarray, states: np.ndarray, weight: np.ndarray | float = 1.0, patterns: int = PATTERNS
    ) -> "ResponseSurface":
        """Fit a surface to members.

        Args:
            z: Their parameters (member, parameter), -1..1 over the members (see ``terms.scaled``).
            states: Their states (member, ...), any unit.
            weight: What the square of a difference counts (...) where patterns are sought: volume, over the square of
                what matters of a variable.
            patterns: Most patterns.

        Raises:
            InputError: If there are fewer than LEAST members.
        """
        fitted = fit_members(gram(states, weight), z, patterns)
        mean = states.mean(axis=0, dtype=np.float64)
        fields = np.tensordot((fitted.vectors / fitted.spread).T, states - mean, axes=1)
        return cls(mean, fields, fitted.ridge.centre, fitted.ridge.coefficients)

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Return states (point, ...) float64 for parameters z (point, parameter), scaled as those of the fit."""
        scores = (terms_of(z) - self.centre) @ self.coefficients
        return np.asarray(self.mean + np.tensordot(scores, self.patterns, axes=1))

    @property
    def parameters(self) -> int:
        """How many parameters it is a function of: p, of p + p (p + 1) / 2 terms."""
        return round((np.sqrt(9.0 + 8.0 * len(self.centre)) - 3.0) / 2.0)

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what a file stores of it."""
        names = ("mean", "patterns", "centre", "coefficients")
        return {name: np.asarray(getattr(self, name)) for name in names}


@dataclass(frozen=True, eq=False)
class MemberFit:
    """A surface as weights of its own members: what it says of any point is a combination of their states.

    Attributes:
        vectors: Orthonormal (member, pattern).
        spread: Singular values (pattern,).
        ridge: Of the patterns' coefficients.
    """

    vectors: np.ndarray
    spread: np.ndarray
    ridge: Ridge

    def weights(self, z: np.ndarray) -> np.ndarray:
        """Return weights (point, member), each row of sum 1, for parameters z (point, parameter)."""
        scores = self.ridge(terms_of(z))
        return np.asarray(1.0 / len(self.vectors) + (scores / self.spread) @ self.vectors.T)


def gram(states: np.ndarray, weight: np.ndarray | float = 1.0) -> np.ndarray:
    """Return the products between members (member, member) of states (member, ...) from their mean, weighted."""
    away = states - states.mean(axis=0, dtype=np.float64)
    flat = (away * np.sqrt(weight)).reshape(len(states), -1)
    return np.asarray(flat @ flat.T)


def fit_members(products: np.ndarray, z: np.ndarray, patterns: int = PATTERNS) -> MemberFit:
    """Fit a surface in the space of its members.

    Args:
        products: From ``gram``, of these members or rows and columns of it: any common state may be taken off.
        z: Their parameters (member, parameter).
        patterns: Most patterns.

    Raises:
        InputError: If there are fewer than LEAST members.
    """
    n = len(z)
    if n < LEAST:
        raise InputError(
            "response surface",
            found=f"{n} members",
            expected=f"at least {LEAST}, better ten for each parameter",
            remedy="Give more members.",
        )
    centred = products - products.mean(axis=0) - products.mean(axis=1)[:, None] + products.mean()
    values, vectors = np.linalg.eigh(centred)
    order = np.argsort(values)[::-1]
    values, vectors = values[order], vectors[:, order]
    count = max(1, min(patterns, n - 1, int((values > 1e-10 * max(values[0], 1e-300)).sum())))
    spread = np.sqrt(np.maximum(values[:count], 1e-300))
    return MemberFit(vectors[:, :count], spread, fit_ridge(terms_of(z), vectors[:, :count] * spread, z.shape[1]))


def left_out(products: np.ndarray, z: np.ndarray, patterns: int = PATTERNS) -> np.ndarray:
    """Return what the others say of each member, as weights (member, member) of their states; 0 on the diagonal.

    Everything is fitted again without the member: mean, patterns, terms and strengths.

    Args:
        products: From ``gram``.
        z: Parameters (member, parameter).
        patterns: Most patterns.

    Raises:
        InputError: If there are fewer than LEAST + 1 members.
    """
    out = np.zeros((len(z), len(z)))
    for k in range(len(z)):
        others = np.flatnonzero(np.arange(len(z)) != k)
        out[k, others] = fit_members(products[np.ix_(others, others)], z[others], patterns).weights(z[[k]])[0]
    return out
