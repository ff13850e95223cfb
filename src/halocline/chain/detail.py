"""The stochastic decoder: small scales that are not told by a latent, or by a noisy field, drawn given the estimate."""

from dataclasses import dataclass

from torch import Tensor

from halocline.chain.placed import Draw
from halocline.diffusion.denoiser import Bound, NetworkDenoiser
from halocline.diffusion.residual import beside
from halocline.diffusion.solvers.base import SOLVERS
from halocline.runtime.device import Compute
from halocline.runtime.noise.device import member_noise


@dataclass(frozen=True, eq=False)
class Detail:
    """x = m + sigma_r r, r drawn from noise by a solver, given the estimate m; see diffusion/residual.py.

    The noise of a member depends on (seed, its number, step) only, never on the batch.

    Attributes:
        denoiser: Clean estimates of r, given m.
        scale: sigma_r (channel, 1, 1), network space.
        maps: Maps of the place (map, y, x).
        mask: Cells that count (1 or channel, y, x), 1 or 0.
        solver: Name of the solver.
        steps: Its steps; 1 for one pass.
        level: sigma / alpha at which the sampler stops, in data space; m is the denoiser's estimate there.
    """

    denoiser: NetworkDenoiser
    scale: Tensor
    maps: Tensor
    mask: Tensor
    solver: str
    steps: int
    level: float = 0.0

    @property
    def passes(self) -> int:
        """Network passes of a draw."""
        return SOLVERS[self.solver]().passes(self.steps)

    def draw(self, m: Tensor, draw: Draw, compute: Compute) -> Tensor:
        """Return network-space states (member, channel, y, x) of the estimate m, alike."""
        given = beside(m, self.maps[None], self.mask[None])

        def noise(step: int) -> Tensor:
            return member_noise(draw.noise, draw.seed, draw.members, m.shape[1:], m.device, "detail", step) * self.mask

        schedule = self.denoiser.schedule
        times = schedule.times(self.steps).to(m.device)
        denoiser = Bound(self.denoiser, given, compute.autocast)
        start = noise(-1) * schedule.sigma(times[0])
        return m + self.scale * SOLVERS[self.solver]()(denoiser, schedule, start, times, noise)
