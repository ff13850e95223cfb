"""The response surface: the leading patterns in which members differ, as smooth functions of their parameters."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from halocline.data.response.kriging import Kernel, Kriging, fit_kernel, fit_kriging
from halocline.data.response.polynomial import Polynomial
from halocline.runtime.errors import InputError

PATTERNS = 25
"""Leading patterns that are kept; fewer members have fewer."""
LEAST = 4
"""Members without which there is no surface: one that is left out must leave a slope and a curvature to others."""


KEPT_FROM = 128
"""Members from which on the kernel is not sought again without each of them: so many do not feel one."""


@dataclass(frozen=True, eq=False)
class ResponseSurface:
    """x(z) = mean + sum_k c_k(z) P_k, with c_k a smooth function of the parameters z.

    Source: kriging of the coefficients of EOFs, as emulators of ensembles over parameters have it (Higdon et al. 2008,
    J. Am. Stat. Assoc. 103, 570; Holden & Edwards 2010, Geophys. Res. Lett. 37, L21707, with polynomials).

    Attributes:
        mean: Mean of the members (...).
        patterns: P_k (pattern, ...).
        scores: c_k: kriging; in files of former versions a polynomial.
    """

    mean: np.ndarray
    patterns: np.ndarray
    scores: Kriging | Polynomial

    @classmethod
    def fit(
        cls, z: np.ndarray, states: np.ndarray, weight: np.ndarray | float = 1.0, patterns: int = PATTERNS
    ) -> "ResponseSurface":
        """Fit a surface to members.

        Args:
            z: Their parameters (member, parameter), -1..1 over the members (see ``scaling.scaled``).
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
        return cls(mean, fields, fitted.scores)

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Return states (point, ...) float64 for parameters z (point, parameter), scaled as those of the fit."""
        return np.asarray(self.mean + np.tensordot(self.scores(z), self.patterns, axes=1))

    @property
    def parameters(self) -> int:
        """How many parameters it is a function of."""
        return self.scores.parameters

    def fields(self) -> dict[str, np.ndarray]:
        """Return the large arrays that a file stores of it; single precision does."""
        return {"mean": self.mean, "patterns": self.patterns}

    def numbers(self) -> dict[str, np.ndarray]:
        """Return the small ones, which cancel each other: double precision."""
        return self.scores.arrays()

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "ResponseSurface":
        """Read ``fields`` and ``numbers`` back, also those of former versions."""
        rest = {k: np.asarray(v, np.float64) for k, v in arrays.items()}
        mean, patterns = rest.pop("mean"), rest.pop("patterns")
        return cls(mean, patterns, Polynomial(**rest) if "centre" in rest else Kriging.from_arrays(rest))


@dataclass(frozen=True, eq=False)
class MemberFit:
    """A surface as weights of its own members: what it says of any point is a combination of their states.

    Attributes:
        vectors: Orthonormal (member, pattern).
        spread: Singular values (pattern,).
        scores: The patterns' coefficients as functions of the parameters.
    """

    vectors: np.ndarray
    spread: np.ndarray
    scores: Kriging

    def weights(self, z: np.ndarray) -> np.ndarray:
        """Return weights (point, member), each row of sum 1, for parameters z (point, parameter)."""
        return np.asarray(1.0 / len(self.vectors) + (self.scores(z) / self.spread) @ self.vectors.T)


def gram(states: np.ndarray, weight: np.ndarray | float = 1.0) -> np.ndarray:
    """Return the products between members (member, member) of states (member, ...) from their mean, weighted."""
    away = states - states.mean(axis=0, dtype=np.float64)
    flat = (away * np.sqrt(weight)).reshape(len(states), -1)
    return np.asarray(flat @ flat.T)


def fit_members(
    products: np.ndarray, z: np.ndarray, patterns: int = PATTERNS, kernel: Kernel | None = None
) -> MemberFit:
    """Fit a surface in the space of its members.

    Args:
        products: From ``gram``, of these members or rows and columns of it: any common state may be taken off.
        z: Their parameters (member, parameter).
        patterns: Most patterns.
        kernel: How smooth; sought if None.

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
    scores = vectors[:, :count] * spread
    return MemberFit(vectors[:, :count], spread, fit_kriging(z, scores, kernel or fit_kernel(z, scores)))


def left_out(products: np.ndarray, z: np.ndarray, patterns: int = PATTERNS) -> np.ndarray:
    """Return what the others say of each member, as weights (member, member) of their states; 0 on the diagonal.

    Everything is fitted again without the member: mean, patterns, weights and, of fewer than KEPT_FROM members, the
    kernel.

    Args:
        products: From ``gram``.
        z: Parameters (member, parameter).
        patterns: Most patterns.

    Raises:
        InputError: If there are fewer than LEAST + 1 members.
    """
    out = np.zeros((len(z), len(z)))
    kernel = None if len(z) < KEPT_FROM else fit_members(products, z, patterns).scores.kernel
    for k in range(len(z)):
        others = np.flatnonzero(np.arange(len(z)) != k)
        found = fit_members(products[np.ix_(others, others)], z[others], patterns, kernel)
        out[k, others] = found.weights(z[[k]])[0]
    return out
