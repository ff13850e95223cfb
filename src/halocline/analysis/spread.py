"""How uncertain a clean estimate is at each noise level: measured once, on states that the generator draws itself."""

from dataclasses import dataclass

import numpy as np
import torch
from scipy.ndimage import gaussian_filter
from torch import Tensor

from halocline.analysis.smooth_space import SmoothSpace
from halocline.chain.generator import Generator
from halocline.data.grids.grid_layout import wet_of
from halocline.diffusion.given import NOTHING
from halocline.runtime import keyed

_STATES, _LEVELS = 4, 14
_CELLS = 2.0  # over which the spread is smoothed
_FROM, _TO = 4.5, -10.0  # ln(sigma / alpha)


@dataclass(frozen=True, eq=False)
class Spread:
    """Root-mean-square of x_0 - x0_hat in the parts of a space, around each cell, as a function of sigma / alpha.

    Attributes:
        levels: ln(sigma / alpha), increasing (level,).
        spread: (level, channel, y, x).
    """

    levels: Tensor
    spread: Tensor

    def __call__(self, noise: float) -> Tensor:
        """Return the standard deviation (channel, y, x) at sigma / alpha; as the noise goes to 0, so does it."""
        at = float(np.log(max(noise, 1e-12)))
        low, high = float(self.levels[0]), float(self.levels[-1])
        if at <= low:
            return self.spread[0] * float(np.exp(at - low))
        where = (min(at, high) - low) / (high - low) * (len(self.levels) - 1)
        k = min(int(where), len(self.levels) - 2)
        return torch.lerp(self.spread[k], self.spread[k + 1], where - k)


@torch.no_grad()
def own_states(generator: Generator, vector: np.ndarray | None = None, states: int = _STATES) -> Tensor:
    """Return states (state, channel, y, x) in network space that a generator draws for the first condition vector.

    Args:
        generator: Without observations.
        vector: Condition vectors (member, condition); None for none.
        states: How many.
    """
    given = None if vector is None else np.repeat(vector[:1], states, axis=0)
    if generator.chain.latent is None:
        generator = generator.without_detail()  # what is clean is what the denoiser draws to the end
    return generator.clean(range(states), 0, given).float()


@torch.no_grad()
def measure_spread(
    generator: Generator, space: SmoothSpace, vector: np.ndarray | None = None, x0: Tensor | None = None
) -> Spread:
    """Return the spread of a generator's estimates, of four states drawn for the first condition vector.

    Where nothing is smoothed by it, it is 0 and costs nothing.

    Args:
        generator: Without observations.
        space: Where the spread is measured.
        vector: Condition vectors (member, condition); None for none.
        x0: Its ``own_states``; drawn if None.
    """
    if not space.bends:
        return Spread(torch.tensor([_TO, _FROM]), torch.zeros(2, 1, 1, 1))
    numbers = list(range(_STATES))
    given = None if vector is None else np.repeat(vector[:1], _STATES, axis=0)
    x0, schedule = own_states(generator, vector) if x0 is None else x0, generator.chain.schedule
    truth, denoiser = space.parts(x0), generator.told(given)
    wet = np.broadcast_to(wet_of(generator.codec.channels, generator.grid), truth.shape[1:])
    times = torch.linspace(1.0, 0.0, 400, device=x0.device)
    noise = torch.log(schedule.sigma(times) / schedule.alpha(times).clamp(min=1e-6).to(x0))
    levels = torch.linspace(max(_TO, float(noise[-1])), min(_FROM, float(noise[0])), _LEVELS)
    found = []
    for k, level in enumerate(levels):
        t = times[int((noise - float(level)).abs().argmin())].expand(_STATES)
        eps = torch.from_numpy(keyed.member_normal(0, numbers, x0.shape[1:], "spread", k)).to(x0)
        alpha, sigma = (of(t)[:, None, None, None] for of in (schedule.alpha, schedule.sigma))
        estimate = space.parts(
            denoiser(alpha * x0 + sigma * eps * generator.denoiser.counts(NOTHING).to(x0), t).float()
        )
        squared = ((estimate - truth) ** 2).mean(dim=0).cpu().numpy()
        found.append(torch.from_numpy(np.sqrt(_around(squared, wet)).astype(np.float32)))
    return Spread(levels, torch.stack(found))


def _around(values: np.ndarray, wet: np.ndarray) -> np.ndarray:
    """Return the mean around each cell (channel, y, x) over wet cells alone, weighted by a Gaussian."""
    total = np.stack([gaussian_filter(part, _CELLS) for part in np.where(wet, values, 0.0)])
    weight = np.stack([gaussian_filter(part.astype(np.float64), _CELLS) for part in wet])
    return np.where(weight > 1e-3, total / np.maximum(weight, 1e-3), 0.0)
