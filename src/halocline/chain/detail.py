"""The stochastic decoder: small scales that are not told by a latent, or by a noisy field, drawn given the estimate."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import cached_property
from typing import cast

import torch
from torch import Tensor

from halocline.chain.placed import Draw
from halocline.diffusion.denoiser import Bound, Denoiser, NetworkDenoiser
from halocline.diffusion.residual import beside
from halocline.diffusion.solvers.base import SOLVERS
from halocline.diffusion.wrappers import SelfGuided
from halocline.runtime.device import Compute
from halocline.runtime.errors import ConfigError
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
        guidance: w of ``SelfGuided``; 1 for none.
        guided_above: Pseudo-time from which on it acts.
        guided: Variables on which it acts (channel, 1, 1), 1 or 0; None for all.
    """

    denoiser: NetworkDenoiser
    scale: Tensor
    maps: Tensor
    mask: Tensor
    solver: str
    steps: int
    level: float = 0.0
    guidance: float = 1.0
    guided_above: float = 0.75
    guided: Tensor | None = None

    @cached_property
    def passes(self) -> int:
        """Network passes of a draw, those of its guidance among them."""
        times: list[float] = []
        nothing, schedule = torch.zeros(1, 1, 1, 1), self.denoiser.schedule

        def asked(x_t: Tensor, t: Tensor) -> Tensor:
            times.append(float(t.flatten()[0]))
            return x_t

        SOLVERS[self.solver]()(asked, schedule, nothing, schedule.times(self.steps), lambda step: nothing)
        return len(times) + (sum(t >= self.guided_above for t in times) if self.guidance != 1 else 0)

    @property
    def provenance(self) -> dict[str, float]:
        """What a file of states says of it."""
        return {"detail_passes": self.passes, **({"detail_guidance": self.guidance} if self.guidance != 1 else {})}

    def draw(self, m: Tensor, draw: Draw, compute: Compute) -> Tensor:
        """Return network-space states (member, channel, y, x) of the estimate m, alike."""
        given = beside(m, self.maps[None], self.mask[None])

        def noise(step: int) -> Tensor:
            return member_noise(draw.noise, draw.seed, draw.members, m.shape[1:], m.device, "detail", step) * self.mask

        schedule = self.denoiser.schedule
        times = schedule.times(self.steps).to(m.device)
        denoiser: Denoiser = Bound(self.denoiser, given, compute.autocast)
        if self.guidance != 1:
            without = cast("Callable[[], AbstractContextManager[None]]", self.denoiser.network.shallower)
            on = torch.ones_like(self.scale) if self.guided is None else self.guided
            denoiser = SelfGuided(denoiser, without, 1.0 + (self.guidance - 1.0) * on, self.guided_above)
        start = noise(-1) * schedule.sigma(times[0])
        return m + self.scale * SOLVERS[self.solver]()(denoiser, schedule, start, times, noise)


def guided(detail: Detail | None, weight: float) -> Detail:
    """Return a third stage that is guided by ``weight``.

    Raises:
        ConfigError: If there is none, or it draws in one pass.
    """
    if detail is None or detail.steps == 1:
        raise ConfigError(
            "detail_guidance",
            found="a model without a third stage" if detail is None else "a third stage that draws in one pass",
            expected="a model with a section [detail] of kind 'flow'",
            remedy="Leave it out.",
        )
    return replace(detail, guidance=weight)
