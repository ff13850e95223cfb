"""Guidance that is not calibrated, to compare with: DPS, SDA, PGDM."""

from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.diffusion.guided.base import Linearised, Observed, conjugate_gradient

_SOLVES = 20  # of a system without the network, so cheap


@dataclass(frozen=True, eq=False)
class PosteriorSampling(Observed):
    """x0_hat <- x0_hat + (sigma^2 / alpha) zeta J^T A^T d / |d|, d = y - H(x0_hat).

    A step of length zeta along the gradient of the misfit |d|, as if x0_hat were known exactly. Steps along the
    gradient are taken here through the estimate, so that every solver takes them; there after each step.

    Source: Chung et al. 2023, arXiv 2209.14687 (DPS), algorithm 1, equation 16.

    Attributes:
        zeta: Strength.
    """

    zeta: float = 1.0

    def added(self, at: Linearised) -> Tensor:
        """Return the step along the gradient of the misfit."""
        d = at.innovation
        unit = d / torch.linalg.vector_norm(d, dim=1, keepdim=True).clamp(min=1e-12)
        return at.gamma * self.zeta * at.through_network(at.transposed(unit))


@dataclass(frozen=True, eq=False)
class ScoreAssimilation(Observed):
    """x0_hat <- x0_hat + (sigma^2 / alpha) J^T A^T (1 + g sigma^2 / alpha^2 A A^T)^-1 d, diagonal.

    Source: Rozet & Louppe 2023, arXiv 2306.10574 (SDA), equation 12, Gamma = g in units of the network's variables.
    For A A^T stand the sums of its rows: it is diagonal for measurements of single cells.

    Attributes:
        factor: g.
    """

    factor: float = 0.1

    def added(self, at: Linearised) -> Tensor:
        """Return the gradient of the log-likelihood, by Tweedie's formula."""
        noise = self.factor * (at.sigma / at.alpha) ** 2
        spread = at.forward(at.transposed(torch.ones_like(at.innovation))).abs()
        return at.gamma * at.through_network(at.transposed(at.innovation / (1.0 + noise * spread)))


@dataclass(frozen=True, eq=False)
class PseudoInverse(Observed):
    """x0_hat <- x0_hat + (sigma^2 / alpha) J^T A^T (1 + r^2 A A^T)^-1 d, r^2 = sigma^2 / (sigma^2 + alpha^2).

    Source: Song et al. 2023, "Pseudoinverse-guided diffusion models" (PGDM), equations 7 and 8.
    """

    def added(self, at: Linearised) -> Tensor:
        """Return the gradient of the log-likelihood with V = r^2."""
        variance = at.sigma**2 / (at.sigma**2 + at.alpha**2)

        def product(w: Tensor) -> tuple[Tensor, Tensor]:
            b = variance * at.forward(at.transposed(w))
            return b, b

        w, _ = conjugate_gradient(product, at.innovation, _SOLVES)
        return at.gamma * at.through_network(at.transposed(w))
