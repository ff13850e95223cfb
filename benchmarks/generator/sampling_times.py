"""Where the sampler's steps should lie: even in t, or even in log signal-to-noise ratio.

    python benchmarks/generator/sampling_times.py DATA.zarr [MODEL]

Draws 64 states with both grids of times at 10, 20 and 40 multistep passes and prints mean and standard deviation of the
ice extent over the states, beside those of the store's test years.
"""

import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from halocline.data.store.splits import samples_of
from halocline.data.store.store import open_store
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.paths.cosine import CosineSchedule
from halocline.physics.sea_ice import extent as ice_extent
from halocline.systems.loading import load_model


@dataclass(frozen=True)
class EvenInT(CosineSchedule):
    """The cosine schedule sampled evenly in t."""

    def times(self, steps: int) -> torch.Tensor:
        """Return even times."""
        return torch.linspace(1.0, 0.0, steps + 1)


def main() -> None:
    """Print one Markdown table, extents in million km2."""
    store = open_store(Path(sys.argv[1]))
    chain = load_model(sys.argv[2] if len(sys.argv) > 2 else "arctic-100km")
    grid, place = store.grid, store.channels.index("sic")
    real = np.stack([store.read(*pair)[place] for pair in samples_of(store, "test", every=10)])
    print("| times | passes | mean extent | sd of extent |\n|---|---|---|---|")
    print(line("test years", "", ice_extent(real, grid.area, grid.mask)))
    network, prediction = chain.denoiser.network, chain.denoiser.prediction
    for name, schedule in (("even in t", EvenInT()), ("even in log-SNR", CosineSchedule())):
        denoiser = NetworkDenoiser(network, schedule, prediction, maps=chain.denoiser.maps, mask=chain.denoiser.mask)
        for steps in (10, 20, 40):
            sampled = replace(chain.chain, schedule=schedule, solver="multistep", steps=steps)
            sampler = replace(chain, denoiser=denoiser.eval(), chain=sampled)
            states = sampler.generate(64, seed=0, quiet=True)
            print(line(name, str(steps), ice_extent(states["sic"].values, grid.area, grid.mask)), flush=True)


def line(name: str, passes: str, extent: np.ndarray) -> str:
    """Return a row of the table; extent (state,) in m2."""
    return f"| {name} | {passes} | {extent.mean() / 1e12:.2f} | {extent.std() / 1e12:.2f} |"


if __name__ == "__main__":
    main()
