"""Flow matching by the likelihood of the clean field, censored at its bounds."""

from dataclasses import dataclass

from torch import Tensor

from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.likelihoods import LIKELIHOODS, Likelihood
from halocline.diffusion.objectives.base import OBJECTIVES, Batch, Objective, weighted_mean


@OBJECTIVES.register("flow")
@dataclass(frozen=True)
class FlowObjective(Objective):
    """L = mean of -ln p(x_0 | x0_hat, sigma s): Gaussian inside the bounds, probability beyond them at the atoms.

    Up to ln t, which no weight sees, this is the likelihood of the velocity x_0 - eps with scale s: with
    e = (v - v_hat)/s it is e^2/2 + ln s inside, -ln Phi(e) at a lower and -ln Phi(-e) at an upper bound.

    Source: Finn et al. 2025, arXiv 2508.14984.

    Attributes:
        likelihood: ``censored``, or ``gaussian`` to leave the bounds out.
    """

    likelihood: Likelihood = "censored"

    def loss(self, denoiser: NetworkDenoiser, batch: Batch) -> Tensor:
        """Return the mean loss over channels and weighted cells, a scalar; times are kept away from 0."""
        t = batch.t.clamp(min=denoiser.row.least_t)
        x_t, _, _ = batch.noised(denoiser, t)
        x0_hat = denoiser(x_t, t, batch.given)
        log_scale = denoiser.log_scale(t, batch.given.vector)
        nll = LIKELIHOODS[self.likelihood](batch.x0, x0_hat, log_scale, *batch.bounds)
        return weighted_mean(nll, batch.counted(denoiser), batch.whole)
