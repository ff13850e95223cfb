"""What an estimate of a field lacks, in units of its error: the space in which small scales are drawn."""

from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.diffusion.given import Given


@dataclass(frozen=True, eq=False)
class Residual:
    """r = (x - m) / sigma_r of a field x and an estimate m of it, such as a decoder's.

    Stochastic flow matching goes from m + sigma_r eps to x along x_tau = (1 - tau)(m + sigma_r eps) + tau x, with the
    velocity v = x - m - sigma_r eps. With t = 1 - tau this is, divided by sigma_r,

        (x_tau - m) / sigma_r = (1 - t) r + t eps,    v / sigma_r = r - eps:

    plain flow matching from noise to r on the straight path, given m. So ``LinearPath``, the parameterisation
    ``velocity`` and all solvers serve; m enters as ``Given.fields``.

    Where x lies at a bound, any value beyond it stands for the same state. ``beyond`` chooses one: m where m is
    beyond the bound by more than its error (nothing is left to draw), else the bound and one error more, so that what
    is drawn a little off is still the bound. Left at the bound, half of it would come back as a fog of thin ice.

    Source: Fotiadis et al. 2024, arXiv 2410.19814, equations 6 to 9 (the noise is the encoder's error).

    Attributes:
        scale: sigma_r, the rmse of m (channel, 1, 1).
        lower: Lower bound (channel, 1, 1) of x; -inf where there is none.
        upper: Upper bound, likewise.
    """

    scale: Tensor
    lower: Tensor
    upper: Tensor

    def of(self, x: Tensor, m: Tensor) -> Tensor:
        """Return r (batch, channel, y, x)."""
        return (x - m) / self.scale

    def beyond(self, x: Tensor, m: Tensor) -> Tensor:
        """Return r (batch, channel, y, x) of x, moved beyond the bound where it is at the bound."""
        below = torch.where(x <= self.lower, torch.minimum(m, self.lower - self.scale), x)
        return self.of(torch.where(x >= self.upper, torch.maximum(m, self.upper + self.scale), below), m)

    def bounds(self, m: Tensor) -> tuple[Tensor, Tensor]:
        """Return the least and the largest r (batch, channel, y, x) that lie within the bounds."""
        return self.of(self.lower, m), self.of(self.upper, m)


def beside(m: Tensor, maps: Tensor, mask: Tensor) -> Given:
    """Return what the residual is drawn for: m on the cells that count, and maps of the place.

    Args:
        m: The estimate (batch, channel, y, x).
        maps: Maps (1 or batch, map, y, x).
        mask: Cells that count (1 or batch, 1 or channel, y, x), 1 or 0.
    """
    maps, mask = (part.expand(len(m), -1, -1, -1) for part in (maps, mask))
    return Given(fields=torch.cat([m * mask, maps], dim=1), mask=mask)
