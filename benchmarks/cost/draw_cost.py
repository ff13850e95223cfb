"""What a state costs to draw in data space on a plane of any size: CPU seconds, and the memory of one process.

    python benchmarks/cost/draw_cost.py arctic-25km --sizes 256 512

The preset's network with fresh weights on a plane of ocean, its solver and its steps, one state, one thread; each size
in a process of its own, so that the peak is its own. What is resident before the first pass stands beside.
"""

import argparse
import resource
import subprocess
import sys
import time

import numpy as np
import torch

from halocline.chain.chain import Chain
from halocline.chain.placed import Draw
from halocline.data.codecs.standard import Codec
from halocline.diffusion.denoiser import Bound
from halocline.runtime import keyed
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.config import load_config
from halocline.systems.generators import Parts, make_denoiser


def main() -> None:
    """Measure every size in a process of its own, or one size here."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("preset")
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512])
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    for size in arguments.sizes:
        if arguments.here:
            measure(arguments.preset, size)
        else:
            command = [sys.executable, __file__, arguments.preset, "--sizes", str(size), "--here"]
            subprocess.run(command, check=True)


@torch.no_grad()
def measure(preset: str, size: int) -> None:
    """Draw one state and print what it took."""
    set_threads(1)
    compute, config = choose_compute("cpu"), load_config(preset)
    mask = np.ones((size, size), bool)
    flat = {name: {"mean": 0.0, "std": 1.0} for name in config.variables}
    codec = Codec.from_statistics(config.variables, flat, mask)
    denoiser = make_denoiser(config, Parts(codec, np.ones((3, size, size), np.float32))).eval()
    denoiser.to(memory_format=torch.channels_last)
    sampler = config.sampler
    chain = Chain(codec, denoiser.schedule, sampler.solver, sampler.steps, compute)
    before, began = peak(), time.process_time()

    def noise(step: int) -> torch.Tensor:
        return torch.from_numpy(keyed.member_normal(0, [0], chain.shape, "sampler", step))

    chain.draw(Bound(denoiser, precision=compute.autocast), noise, Draw([0], 0, chain.steps))
    seconds = time.process_time() - began
    print(
        f"{preset}, {size} x {size} cells: {seconds:.0f} CPU seconds a state ({chain.passes} passes), "
        f"peak {peak():.0f} MB, of which {before:.0f} MB before the first pass, bf16 {compute.bf16}"
    )


def peak() -> float:
    """Return the largest memory of the process so far, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
