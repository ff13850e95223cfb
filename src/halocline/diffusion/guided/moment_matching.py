"""Moment matching: the posterior mean of the estimate, with the covariance that the network itself tells."""

from dataclasses import dataclass

from torch import Tensor

from halocline.diffusion.guided.base import Linearised, Observed, conjugate_gradient


@dataclass(frozen=True, eq=False)
class MomentMatching(Observed):
    """x0_hat <- x0_hat + V A^T (1 + A V A^T)^-1 (y - H(x0_hat)), V = (sigma^2 / alpha) J^T; see ``agreed``.

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
        w, gained = conjugate_gradient(product, at.innovation, self.iterations)
        return agreed(at, at.transposed(w), gained).clamp(-most, most)


def agreed(at: Linearised, v: Tensor, gained: Tensor) -> Tensor:
    """Return V v, in channels that no measurement sees as far as V and its transpose agree.

    A covariance is symmetric; sigma^2 / alpha J^T of a trained network is not, least between variables, where true
    covariances are small. Of two estimates with independent errors, gamma J^T v and gamma J v, whose correlation over
    the plane is r, the mean times 2 r / (1 + r) has the least error. What is observed keeps J^T alone, whose errors are
    small there.

    Args:
        at: Measurements and network.
        v: A^T w (batch, channel, y, x).
        gained: gamma J^T v.
    """
    unseen = ~v.ne(0).any(dim=0).flatten(1).any(dim=1)
    if not unseen.any():
        return gained
    mine, other = gained[:, unseen], at.gamma * at.along(v)[:, unseen]
    size = (_summed(mine * mine) * _summed(other * other)).sqrt().clamp(min=1e-30)
    r = (_summed(mine * other) / size).clamp(min=0.0)
    out = gained.clone()
    out[:, unseen] = r / (1 + r) * (mine + other)
    return out


def _summed(values: Tensor) -> Tensor:
    return values.sum(dim=(2, 3), keepdim=True)
