"""Does a generator know how uncertain it is? The variance that its Jacobian tells, beside that of its own draws.

    python benchmarks/observations/own_variance.py MODEL [MODEL ...] [--states 16]

For each model and noise level: the mean square of x_0 - x0_hat of states that it draws itself, over the variance that
moment matching takes for it, (sigma^2 / alpha) tr J. 1 for an exact denoiser; above 1, posteriors are too narrow.
"""

import argparse

import numpy as np

from halocline.analysis.own_variance import LEVELS, own_variance
from halocline.analysis.spread import own_states
from halocline.chain.generator import Generator
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.loading import load_model


def main() -> None:
    """Draw, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--states", type=int, default=16)
    parser.add_argument("--precision", default="auto")
    parser.add_argument("--threads", type=int, default=1)
    given = parser.parse_args()
    set_threads(given.threads)
    print("| model | " + " | ".join(f"ln SNR {level:g}" for level in LEVELS) + " |")
    print("| --- |" + " ---: |" * len(LEVELS))
    for name in given.models:
        model = load_model(name, choose_compute(precision=given.precision))
        assert isinstance(model, Generator)
        model.denoiser.requires_grad_(False)
        vector = first_conditions(model)
        own = own_states(model, vector, given.states)
        rows = {row.logsnr: row.ratio for row in own_variance(model, vector, own)}
        cells = (f"{rows[level]:.2f}" if level in rows else "" for level in LEVELS)
        print(f"| {name} | " + " | ".join(cells) + " |", flush=True)


def first_conditions(model: Generator) -> np.ndarray | None:
    """Return the condition vector of member 0 of seed 0 (1, condition); None for a model that is told nothing."""
    if model.conditions is None:
        return None
    return model.conditions.encode(model.conditions_of(0, [0], None))


if __name__ == "__main__":
    main()
