"""Moment matching: the posterior mean of the estimate, with the covariance that the network itself tells."""

from dataclasses import dataclass

from torch import Tensor

from halocline.diffusion.guided.base import Linearised, Observed, conjugate_gradient


@dataclass(frozen=True, eq=False)
class MomentMatching(Observed):
    """x0_hat <- x0_hat + V A^T (1 + A V A^T)^-1 (y - H(x0_hat)), V = (sigma^2 / alpha) J^T.

    Exact for a Gaussian field and linear H as the iterations converge; one to three are near it. Each costs one pass
    back through the network. What an estimate gains is carried along with the solution, so that no further one is
    needed.

    Source: Rozet et al. 2024, arXiv 2405.13712 (MMPS), algorithm 2; V by Tweedie's second-order formula.

    Attributes:
        iterations: Of conjugate gradients.
        limit: Largest change of an estimate, in units of r = sigma / sqrt(sigma^2 + alpha^2), what data
            of unit variance leave unknown at most: where H bends, a step along its tangent must not lead far out.
    """

    iterations: int = 2
    limit: float = 4.0

    def added(self, at: Linearised) -> Tensor:
        """Return V A^T w."""

        def product(w: Tensor) -> tuple[Tensor, Tensor]:
            gained = at.gamma * at.through_network(at.transposed(w))
            return at.forward(gained), gained

        most = self.limit * at.sigma / (at.sigma**2 + at.alpha**2) ** 0.5
        return conjugate_gradient(product, at.innovation, self.iterations)[1].clamp(-most, most)
