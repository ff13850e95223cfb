"""Is a denoiser's Jacobian symmetric, as the covariance that analyses take it for? Variable by variable.

    python benchmarks/observations/jacobian_symmetry.py MODEL [--of sic] [--states 4] [--day 75]

States that the model draws itself are noised; a smooth random field v of one variable goes through the network both
ways, J^T v (a pass back) and J v (a finite difference). Of an exact denoiser both are alike. Prints, for each noise
level and variable, the correlation of the two over the plane, the mean of all states.
"""

import argparse

import numpy as np
import torch

from halocline.analysis.spread import own_states
from halocline.data.sampling.conditions import DAY
from halocline.diffusion.guided.base import Linearised
from halocline.runtime import keyed
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.loading import load_model

LEVELS = (-2.0, 0.0, 2.0, 4.0, 6.0)
CELLS = 5


def main() -> None:
    """Draw, noise, compare, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("--of", default="sic")
    parser.add_argument("--states", type=int, default=4)
    parser.add_argument("--day", type=float, default=75.0)
    given = parser.parse_args()
    set_threads(1)
    model = load_model(given.model, choose_compute("cpu", "fp32")).without_detail().with_sampler(steps=16)
    told = {DAY: np.full(given.states, given.day)}
    vector = None if model.conditions is None else model.conditions.encode(told)
    x0, denoiser, schedule = own_states(model, vector, given.states), model.told(vector), model.chain.schedule
    times = torch.linspace(1.0, 0.0, 1000)
    ratio = torch.log((schedule.alpha(times) / schedule.sigma(times).clamp(min=1e-6)) ** 2)
    names = model.codec.channels
    print("| ln SNR | " + " | ".join(names) + " |\n| ---: |" + " ---: |" * len(names))
    for number, level in enumerate(LEVELS):
        t = times[int((ratio - level).abs().argmin())]
        alpha, sigma = float(schedule.alpha(t[None])), float(schedule.sigma(t[None]))
        eps, v = (
            torch.from_numpy(keyed.normal(0, x0.shape, "jacobian", which, number)) for which in ("noise", "direction")
        )
        only = torch.tensor([float(name == given.of) for name in names])[:, None, None]
        v = torch.nn.functional.avg_pool2d(v, CELLS, 1, CELLS // 2) * only
        x = (alpha * x0 + sigma * eps).requires_grad_()

        def estimate(x: torch.Tensor, t: torch.Tensor = t) -> torch.Tensor:
            return denoiser(x, t.expand(len(x))).float()

        at = Linearised(x, estimate(x), estimate, None, alpha, sigma)  # type: ignore[arg-type]
        back, forth = at.through_network(v), at.along(v)
        found = (back * forth).sum((2, 3)) / ((back**2).sum((2, 3)) * (forth**2).sum((2, 3))).sqrt()
        print(f"| {level:g} | " + " | ".join(f"{value:.2f}" for value in found.mean(dim=0).tolist()) + " |")


if __name__ == "__main__":
    main()
