"""A smooth function of parameters through members' values; how smooth in each of them, left-out members say."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

BEGIN = (1.0, 0.1, 0.3, 0.01)
"""What the search for a kernel begins with: linear, curved, bump, noise."""
SCALE = 0.5
"""And the scale of each parameter."""
BOUNDS = ((1e-4, 400.0), (1e-4, 400.0), (1e-4, 400.0), (1e-6, 10.0))
"""Where it stays."""
SCALES = (0.005, 4.0)
"""And the scales: on -1..1 the least is a straight line and the largest a bump of a tenth of the range."""
NOISIER = (1.0, 10.0, 100.0, 1000.0)
"""Times the noise that single columns may have."""
STEPS = 60
"""Most steps of the search."""


@dataclass(frozen=True, eq=False)
class Kernel:
    """How alike the values at two places are: k(a, b) = linear a.b + curved (a.b)^2 + bump exp(-|a - b|^2 / 2).

    Places are first multiplied by the scales: a parameter whose scale is near 0 does not matter. About such a function,
    whose mean is free, members' values have the variance ``noise``. Only ratios of the four numbers count.

    Source: Rasmussen & Williams 2006 (Gaussian Processes for Machine Learning, section 2.7 and chapter 5).
    """

    linear: float
    curved: float
    bump: float
    noise: float
    scales: np.ndarray

    def __call__(self, a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """Return k (place, other place) of places a (place, parameter) and b (other place, parameter)."""
        a, b = a * self.scales, b * self.scales
        product = a @ b.T
        apart = np.maximum(((a[:, None] - b[None]) ** 2).sum(axis=-1), 0.0)
        return np.asarray(self.linear * product + self.curved * product**2 + self.bump * np.exp(-0.5 * apart))

    def array(self) -> np.ndarray:
        """Return all numbers (4 + parameter,), the scales last."""
        return np.array([self.linear, self.curved, self.bump, self.noise, *self.scales])

    @classmethod
    def of(cls, numbers: np.ndarray) -> "Kernel":
        """Read the form of ``array``."""
        linear, curved, bump, noise = (float(number) for number in numbers[:4])
        return cls(linear, curved, bump, noise, np.asarray(numbers[4:], np.float64))


@dataclass(frozen=True, eq=False)
class Kriging:
    """y(z) = constant + sum_i weight_i k(z, z_i), each column with its own noise.

    Source: Cressie 1993 (Statistics for Spatial Data, section 3.2): ordinary kriging, which is linear in the values.

    Attributes:
        points: Parameters of the members (member, parameter).
        kernel: Of all columns.
        weights: (member, column); 0 for a column that follows no parameter.
        constant: (column,).
        press: Mean square of y_i - (what the others say of i), for each column.
    """

    points: np.ndarray
    kernel: Kernel
    weights: np.ndarray
    constant: np.ndarray
    press: np.ndarray

    def __call__(self, z: np.ndarray) -> np.ndarray:
        """Return values (place, column) at parameters z (place, parameter)."""
        return np.asarray(self.constant + self.kernel(np.asarray(z, np.float64), self.points) @ self.weights)

    @property
    def parameters(self) -> int:
        """How many parameters it is a function of."""
        return self.points.shape[1]

    def arrays(self) -> dict[str, np.ndarray]:
        """Return what a file stores of it."""
        held = {name: getattr(self, name) for name in ("points", "weights", "constant", "press")}
        return held | {"kernel": self.kernel.array()}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "Kriging":
        """Read the form of ``arrays`` back."""
        points, weights, constant, press = (arrays[name] for name in ("points", "weights", "constant", "press"))
        return cls(points, Kernel.of(arrays["kernel"]), weights, constant, press)


def fit_kernel(z: np.ndarray, y: np.ndarray) -> Kernel:
    """Return the kernel by which left-out members are predicted best, all columns together.

    What the others say of a member needs no second fit (see ``_inverse``; Dubrule 1983, Math. Geol. 15, 687):

        y_i - yhat_(i) = (P y)_i / P_ii

    Args:
        z: Parameters (member, parameter), -1..1 over the members.
        y: Values (member, column), in one unit: large columns count most.
    """
    from scipy.optimize import minimize  # a surface that is read needs none

    begin = np.array([*BEGIN, *[SCALE] * z.shape[1]])
    bounds = [tuple(np.log(ends)) for ends in (*BOUNDS, *[SCALES] * z.shape[1])]

    def error(logs: np.ndarray) -> float:
        return float(np.log(max((_left_out(Kernel.of(np.exp(logs)), z, y, 1.0) ** 2).sum(), 1e-300)))

    found = minimize(error, np.log(begin), method="L-BFGS-B", bounds=bounds, options={"maxiter": STEPS})
    return Kernel.of(np.exp(found.x))


def fit_kriging(z: np.ndarray, y: np.ndarray, kernel: Kernel) -> Kriging:
    """Fit each column of y with that noise (NOISIER), or none but its mean, which predicts left-out members.

    Args:
        z: Parameters (member, parameter).
        y: Values (member, column).
        kernel: See ``fit_kernel``.
    """
    n = len(z)
    press = (((y - y.mean(axis=0)) * n / (n - 1.0)) ** 2).mean(axis=0)
    weights, constant = np.zeros(y.shape), y.mean(axis=0)
    for times in NOISIER:
        found = (_left_out(kernel, z, y, times) ** 2).mean(axis=0)
        better = found < press
        if not better.any():
            continue
        inverse = _inverse(kernel, z, times)
        press[better] = found[better]
        weights[:, better], constant[better] = inverse[:n, :n] @ y[:, better], inverse[n, :n] @ y[:, better]
    return Kriging(z, kernel, weights, constant, press)


def _inverse(kernel: Kernel, z: np.ndarray, times: float) -> np.ndarray:
    """Return the inverse of [[k + noise, 1], [1, 0]] (member + 1, member + 1); P is its part of members."""
    n = len(z)
    matrix = np.ones((n + 1, n + 1))
    matrix[:n, :n] = kernel(z, z) + times * kernel.noise * np.eye(n)
    matrix[n, n] = 0.0
    return np.asarray(np.linalg.inv(matrix))


def _left_out(kernel: Kernel, z: np.ndarray, y: np.ndarray, times: float) -> np.ndarray:
    """Return y_i minus what the others say of i (member, column)."""
    inside = _inverse(kernel, z, times)[: len(z), : len(z)]
    return np.asarray((inside @ y) / np.diag(inside)[:, None])
