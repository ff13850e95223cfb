"""Whether a generator knows how uncertain it is: the variance that its Jacobian tells, beside that of its own draws.

Moment matching takes V[x_0 | x_t] = (sigma^2 / alpha) J^T, J = dx0_hat / dx_t, for the covariance of what a noisy field
leaves open. That is an identity (Tweedie's second-order formula) for a network that is the exact denoiser of what the
sampler draws with it, and nothing more than a hope for one that is not: a network trained too short can draw states
whose small scales its Jacobian holds for known, and posteriors come out far too narrow. It can be seen on states that
the generator draws itself, without any observation: E |x_0 - x0_hat|^2 = (sigma^2 / alpha) tr J.

Source: Efron 2011, J. Am. Stat. Assoc. 106, 1602 (Tweedie's formula); the trace after Hutchinson 1990.
"""

import warnings
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from halocline.analysis.spread import own_states
from halocline.chain.generator import Generator
from halocline.diffusion.given import NOTHING
from halocline.runtime import keyed

LEVELS = (-2.0, 0.0, 2.0, 4.0, 6.0)
"""ln SNR that are looked at: from a field of which little is seen to one of which its smallest scales are open."""
_TOLERATED = 2.0


class TooSure(UserWarning):
    """The Jacobian of a network tells too small a variance."""


@dataclass(frozen=True)
class OwnVariance:
    """At one noise level, means over states, channels and wet cells, in network space.

    Attributes:
        logsnr: ln(alpha^2 / sigma^2).
        found: |x_0 - x0_hat|^2 of states that the generator drew.
        told: (sigma^2 / alpha) tr J over their number.
    """

    logsnr: float
    found: float
    told: float

    @property
    def ratio(self) -> float:
        """Found over told: 1 for an exact denoiser, above 1 where it is too sure."""
        return self.found / self.told if self.told > 0 else float("inf")


def own_variance(generator: Generator, vector: np.ndarray | None = None, x0: Tensor | None = None) -> list[OwnVariance]:
    """Return the variances at ``LEVELS``; what a schedule has no time for is left out.

    Args:
        generator: Without observations.
        vector: Condition vectors (member, condition), of which the first is told; None for none.
        x0: Its ``own_states``, which take one pass forth and back a level; four are drawn if None.
    """
    x0 = own_states(generator, vector) if x0 is None else x0
    states = len(x0)
    numbers = list(range(states))
    given = None if vector is None else np.repeat(vector[:1], states, axis=0)
    denoiser, schedule = generator.told(given), generator.chain.schedule
    counts = (generator.denoiser.counts(NOTHING) * torch.ones_like(x0)).to(x0)
    times = torch.linspace(1.0, 0.0, 2000, device=x0.device)
    logsnr = 2.0 * torch.log(schedule.alpha(times).clamp(min=1e-12) / schedule.sigma(times).clamp(min=1e-12))
    out = []
    for k, level in enumerate(LEVELS):
        nearest = int((logsnr - level).abs().argmin())
        if abs(float(logsnr[nearest]) - level) > 0.5:
            continue
        t = times[nearest].expand(states)
        alpha, sigma = (float(of(t[:1])) for of in (schedule.alpha, schedule.sigma))
        eps, probe = (_keyed(numbers, x0, purpose, k) * counts for purpose in ("own-variance", "own-probe"))
        with torch.enable_grad():
            x = (alpha * x0 + sigma * eps).requires_grad_()
            x0_hat = denoiser(x, t)
        probe = torch.where(probe < 0, -counts, counts)
        (back,) = torch.autograd.grad(x0_hat, x, probe.to(x0_hat))
        found, told = ((part * counts).sum() / counts.sum() for part in ((x0 - x0_hat.detach()) ** 2, back * probe))
        out.append(OwnVariance(level, float(found), sigma**2 / alpha * float(told)))
    return out


def warn_too_sure(found: list[OwnVariance]) -> None:
    """Warn of a network whose Jacobian tells less than half the variance of its own draws at some level.

    Warns:
        TooSure: At the worst level.
    """
    worst = max(found, key=lambda row: row.ratio, default=None)
    if worst is not None and worst.ratio > _TOLERATED:
        warnings.warn(
            f"where ln SNR is {worst.logsnr:g}, the model's own draws differ from its estimates by a variance of "
            f"{worst.found:.2g}, and its Jacobian tells {max(worst.told, 0.0):.2g} (network space): it is not the "
            "denoiser of what it draws, and members of the posterior will be too much alike. Train it longer, or "
            "take --method enkf or etkf, which only need its draws.",
            TooSure,
            stacklevel=2,
        )


def _keyed(numbers: list[int], like: Tensor, purpose: str, level: int) -> Tensor:
    return torch.from_numpy(keyed.member_normal(0, numbers, like.shape[1:], purpose, level)).to(like)
