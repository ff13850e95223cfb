"""Flow matching of fields given other fields: the denoiser on the straight path, and its (censored) objective."""

from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from halocline.diffusion.likelihoods import LIKELIHOODS, Likelihood

FlowPrediction = Literal["velocity", "clean"]
LEAST_T = {"velocity": 1e-3, "clean": 0.02}  # a clean estimate is never exact, and its velocity error is divided by t


@dataclass(frozen=True, eq=False)
class Given:
    """What a field is drawn for: other fields of the same place, which cells count, and labels.

    Attributes:
        fields: (batch, field, y, x), of order one, 0 outside the mask.
        mask: (batch, 1, y, x), 1 on cells that count.
        labels: (batch, label), of order one.
    """

    fields: Tensor
    mask: Tensor
    labels: Tensor


class FlowDenoiser(nn.Module):
    """x0_hat on the straight path: x_t + t F (``velocity``) or F (``clean``), times the mask.

    Beside it stands one learned scale per variable, ln s(t, labels): how well x_0 is known from x_t. In the space of
    velocities the likelihood has scale s, in that of x_0 it has t s.

    Source: Finn et al. 2025, arXiv 2508.14984, censored flow matching.

    Args:
        network: F(fields (batch, channels + fields, y, x), mask, t, labels) -> (batch, channel, y, x).
        scale: ln s(t, labels) -> (batch, channel).
        prediction: What F is.
    """

    def __init__(self, network: nn.Module, scale: nn.Module, prediction: FlowPrediction = "velocity") -> None:
        super().__init__()
        self.network, self.scale, self.prediction = network, scale, prediction

    def forward(self, x_t: Tensor, t: Tensor, given: Given) -> Tensor:
        """Return x0_hat (batch, channel, y, x).

        Args:
            x_t: Noisy field (batch, channel, y, x), 0 outside the mask.
            t: Pseudo-time (batch,), 1 = noise.
            given: What it is drawn for.
        """
        output = self.network(torch.cat([x_t, given.fields], dim=1), given.mask, t, given.labels).float()
        estimate = output if self.prediction == "clean" else x_t + t[:, None, None, None] * output
        return estimate * given.mask

    def log_scale(self, t: Tensor, labels: Tensor) -> Tensor:
        """Return ln(t s) (batch, channel, 1, 1), the scale of x_0 about x0_hat."""
        log_s = self.scale(t, labels).float().clamp(-7.0, 4.0)
        return (log_s + torch.log(t)[:, None])[:, :, None, None]


@dataclass(frozen=True, eq=False)
class Situated:
    """A flow denoiser with what it is given, as a plain ``Denoiser``.

    Attributes:
        denoiser: What is wrapped.
        given: The same for all noise levels.
    """

    denoiser: FlowDenoiser
    given: Given

    def __call__(self, x_t: Tensor, t: Tensor, condition: Tensor | None = None) -> Tensor:
        """See Denoiser."""
        return self.denoiser(x_t, t, self.given)


@dataclass(frozen=True)
class FlowObjective:
    """L = mean of -ln p(x_0 | x0_hat, t s): Gaussian inside the bounds, probability beyond them at the atoms.

    Up to ln t, which no weight sees, this is the likelihood of the velocity x_0 - eps with scale s: with
    e = (v - v_hat)/s it is e^2/2 + ln s inside, -ln Phi(e) at a lower and -ln Phi(-e) at an upper bound.

    Source: Finn et al. 2025, arXiv 2508.14984.

    Attributes:
        likelihood: ``censored``, or ``gaussian`` to leave the bounds out.
    """

    likelihood: Likelihood = "censored"

    def loss(
        self,
        denoiser: FlowDenoiser,
        x0: Tensor,
        t: Tensor,
        eps: Tensor,
        given: Given,
        bounds: tuple[Tensor, Tensor],
        weight: Tensor,
    ) -> Tensor:
        """Return the mean loss over channels and weighted cells, a scalar.

        Args:
            denoiser: The denoiser in training.
            x0: Clean fields (batch, channel, y, x).
            t: Pseudo-times (batch,); kept away from 0.
            eps: Standard normal noise like x0.
            given: What the fields are drawn for.
            bounds: Lower and upper bound of x0, each like x0; infinite where there is none. x0 is at a bound where
                it equals it exactly.
            weight: (batch, 1, y, x), 0 where the loss does not count.
        """
        t = t.clamp(min=LEAST_T[denoiser.prediction])
        share = t[:, None, None, None]
        x_t = ((1.0 - share) * x0 + share * eps) * given.mask
        x0_hat = denoiser(x_t, t, given)
        nll = LIKELIHOODS[self.likelihood](x0, x0_hat, denoiser.log_scale(t, given.labels), *bounds)
        return weighted_mean(nll, weight)


def weighted_mean(values: Tensor, weight: Tensor) -> Tensor:
    """Return the mean of values (batch, channel, y, x) over channels and cells of weight (batch, 1, y, x)."""
    return (values * weight).sum() / (weight.sum() * values.shape[1])
