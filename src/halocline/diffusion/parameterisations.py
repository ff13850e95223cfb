"""What a network predicts, and how a clean estimate follows from it: one table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor

Prediction = Literal["x", "eps", "v", "karras", "velocity", "clean"]


@dataclass(frozen=True)
class Parameterisation:
    """A row of the table.

    Attributes:
        estimate: x0_hat of (x_t, F, alpha, sigma), all broadcastable to (batch, channel, y, x).
        scaled: Whether the network sees x_t / sqrt(alpha^2 + sigma^2) and ln(sigma / alpha) / 4; else x_t and t.
        least_t: Smallest pseudo-time in training: an error of the estimate is divided by sigma in a likelihood.
    """

    estimate: Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]
    scaled: bool = True
    least_t: float = 0.0

    def input(self, x_t: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """Return the noisy field as the network sees it (batch, channel, y, x)."""
        return x_t / _norm(alpha, sigma) if self.scaled else x_t

    def level(self, t: Tensor, alpha: Tensor, sigma: Tensor) -> Tensor:
        """Return the noise level as the network sees it (batch,), of alpha and sigma at t (batch,)."""
        return torch.log(sigma / alpha) / 4.0 if self.scaled else t


def _norm(alpha: Tensor, sigma: Tensor) -> Tensor:
    return (alpha**2 + sigma**2).sqrt()


PARAMETERISATIONS: dict[str, Parameterisation] = {
    "x": Parameterisation(lambda x, f, a, s: f),
    "eps": Parameterisation(lambda x, f, a, s: (x - s * f) / a),
    "v": Parameterisation(lambda x, f, a, s: a / _norm(a, s) ** 2 * x - s / _norm(a, s) * f),
    "karras": Parameterisation(lambda x, f, a, s: a / _norm(a, s) ** 2 * x + s / _norm(a, s) * f),
    "velocity": Parameterisation(lambda x, f, a, s: x + s * f, scaled=False, least_t=1e-3),
    "clean": Parameterisation(lambda x, f, a, s: f, scaled=False, least_t=0.02),
}
"""x0_hat = c_skip x_t + c_out F, with data of unit variance.

========  =====================  =========================  =======================
name      c_skip                 c_out                      the network sees
========  =====================  =========================  =======================
x         0                      1                          x_t / n, ln(s/a) / 4
eps       1 / alpha              -sigma / alpha             x_t / n, ln(s/a) / 4
v         alpha / n^2            -sigma / n                 x_t / n, ln(s/a) / 4
karras    alpha / n^2            sigma / n                  x_t / n, ln(s/a) / 4
velocity  1                      sigma                      x_t, t
clean     0                      1                          x_t, t
========  =====================  =========================  =======================

n^2 = alpha^2 + sigma^2. ``karras`` on the schedule of that name is EDM with data of unit variance; ``velocity`` is
flow matching on the straight path, F = x_0 - eps.

Source: Karras et al. 2022, table 1; Salimans & Ho 2022 (v); Lipman et al. 2023 (velocity).
"""
