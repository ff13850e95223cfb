"""Draws that begin near given fields instead of with noise alone."""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from halocline.diffusion.levels import Invertible, time_of
from halocline.diffusion.paths.base import Schedule


@dataclass(frozen=True, eq=False)
class Near:
    """x_t = alpha x + sigma eps at a middle noise level, from where the sampler goes on: a draw of p(x_0 | x_t).

    x_t / alpha is a measurement of every cell of x_0 with a white error of the level, whose value is the given field,
    perturbed. A draw keeps of the field what is larger than that error, and takes what is smaller from the generator.

    Source: Meng et al. 2022, "SDEdit", arXiv 2108.01073, section 3.

    Attributes:
        fields: Clean fields or latents (member, channel, y, x) in network space.
        level: sigma / alpha at which the sampler begins, data of unit variance; above 0.
    """

    fields: Tensor
    level: float

    def times(self, schedule: Schedule, times: Tensor) -> Tensor:
        """Return a sampler's decreasing times from the level on: the level's, then those below it.

        Without an inverse of the schedule, the first of the times that lies below stands for the level's.
        """
        ratio = schedule.sigma(times) / schedule.alpha(times).clamp(min=1e-12)
        below = times[ratio < self.level]
        if not isinstance(schedule, Invertible) or self.level >= float(ratio[0]):
            return below if len(below) > 1 else times[-2:]
        begin = time_of(schedule, torch.tensor([-2.0 * math.log(self.level)]))
        return torch.cat([begin.to(times), below])
