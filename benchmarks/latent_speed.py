"""Latent against data space: seconds per state at 64 to 512 cells a side, random weights, one run.

    python benchmarks/latent_speed.py [--threads 1] [--sizes 64 128 256 512] [--precision fp32]

Same U-Net family, Heun with 20 steps (39 passes). At each size the three are timed in turn, A B C A B C, and the
median of each is printed, beside the arithmetic bound (multiply-adds of data space / latent, decoder included).
"""

import argparse
import statistics
import time

import torch
from torch.utils.flop_counter import FlopCounterMode

from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.paths.cosine import CosineSchedule
from halocline.diffusion.solvers.heun import Heun
from halocline.nn.autoencoder import Autoencoder
from halocline.nn.unet import UNet
from halocline.runtime import keyed
from halocline.runtime.device import choose_compute, set_threads

STEPS, VARIABLES, MAPS = 20, 5, 3


def sampler(size: int, channels: int, width: int, patch: int, compute, autoencoder=None):
    """Return a function that draws one state, and one that runs a single pass."""
    maps = torch.ones(MAPS, size, size, device=compute.device)
    network = UNet(channels + MAPS, channels, width=width, multipliers=(1, 2, 2), blocks=2, patch=patch)
    denoiser = NetworkDenoiser(network, CosineSchedule(), "x", maps=maps, mask=maps[:1]).eval()
    denoiser = denoiser.to(compute.device, memory_format=torch.channels_last)
    noise = torch.from_numpy(keyed.normal(0, (1, channels, size, size), "speed")).to(compute.device)

    @torch.no_grad()
    def draw():
        with compute.autocast():
            x0 = Heun()(denoiser, denoiser.schedule, noise, torch.linspace(1.0, 0.0, STEPS + 1), lambda step: noise)
            return autoencoder.decode(x0) if autoencoder is not None else x0

    return draw


def multiply_adds(draw) -> float:
    """Return the multiply-adds of one call in G."""
    with FlopCounterMode(display=False) as counter:
        draw()
    return counter.get_total_flops() / 2e9


def main() -> None:
    """Print one row a size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--sizes", type=int, nargs="+", default=[64, 128, 256, 512])
    parser.add_argument("--precision", default="fp32", choices=["fp32", "bf16"])
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    compute = choose_compute("auto", arguments.precision)
    print(f"device {compute.device}, {arguments.precision}, {arguments.threads} thread(s), {2 * STEPS - 1} passes")
    print(
        "| size | data space s | latent f4 s | latent f8 s | speed f4 | speed f8 | bound f4 | bound f8 | decode f8 s |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for size in arguments.sizes:
        print(row(size, compute, arguments.repeats if size < 512 else 1), flush=True)


def row(size: int, compute, repeats: int) -> str:
    """Return the table row of one size."""
    maps = torch.ones(MAPS, size, size, device=compute.device)
    coders = {}
    for name, latent, levels in (("f4", 8, 2), ("f8", 16, 3)):
        coder = Autoencoder(VARIABLES, maps, latent=latent, width=32, levels=levels).eval()
        coders[name] = coder.to(compute.device, memory_format=torch.channels_last)
    draws = {
        "data": sampler(size, VARIABLES, 64, 1, compute),
        "f4": sampler(size // 4, 8, 64, 1, compute, coders["f4"]),
        "f8": sampler(size // 8, 16, 64, 1, compute, coders["f8"]),
    }
    seconds: dict[str, list[float]] = {name: [] for name in draws}
    draws["f8"]()
    for _ in range(repeats):
        for name, draw in draws.items():
            began = time.perf_counter()
            draw()
            seconds[name].append(time.perf_counter() - began)
    median = {name: statistics.median(values) for name, values in seconds.items()}
    work = {name: multiply_adds(draws[name]) for name in ("f4", "f8")}
    work["data"] = work_of_data(size, compute)
    latent = torch.zeros(1, 16, size // 8, size // 8, device=compute.device)
    began = time.perf_counter()
    with torch.no_grad(), compute.autocast():
        coders["f8"].decode(latent)
    decode = time.perf_counter() - began
    return (
        f"| {size} | {median['data']:.2f} | {median['f4']:.3f} | {median['f8']:.3f} "
        f"| {median['data'] / median['f4']:.1f}x | {median['data'] / median['f8']:.1f}x "
        f"| {work['data'] / work['f4']:.1f}x | {work['data'] / work['f8']:.1f}x | {decode:.3f} |"
    )


def work_of_data(size: int, compute) -> float:
    """Return the multiply-adds of all passes in data space in G, from one pass."""
    maps = torch.ones(MAPS, size, size, device=compute.device)
    network = UNet(VARIABLES + MAPS, VARIABLES, width=64, multipliers=(1, 2, 2), blocks=2, patch=1).eval()
    x, level = torch.zeros(1, VARIABLES + MAPS, size, size), torch.zeros(1)
    del maps
    with torch.no_grad():
        return multiply_adds(lambda: network(x, level)) * (2 * STEPS - 1)


if __name__ == "__main__":
    main()
