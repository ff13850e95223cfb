"""Latent against data space: seconds per state at 64 to 512 cells a side, random weights, one run.

    python benchmarks/generator/latent_speed.py [--threads 1] [--sizes 64 128 256 512] [--precision fp32]
        [--detail-width 24] [--detail-patch 1] [--detail-steps 4]

Same U-Net family, Heun with 20 steps (39 passes). At each size all are timed in turn, A B C D A B C D, and the median
of each is printed, beside the arithmetic bound (multiply-adds of data space / latent, decoder included). Detail is the
stochastic decoder that may follow the autoencoder's. From 512 cells on, of data space one pass is timed (after another
one), times 39. With one thread on a CPU the seconds are CPU seconds, whatever else is running.
"""

import argparse
import statistics
import time

import torch
from torch.utils.flop_counter import FlopCounterMode

from halocline.chain.detail import Detail
from halocline.chain.placed import Draw
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.paths.cosine import CosineSchedule
from halocline.diffusion.paths.linear import LinearPath
from halocline.diffusion.solvers.heun import Heun
from halocline.diffusion.solvers.heun_t import HeunInTime
from halocline.nn.autoencoder import Autoencoder
from halocline.nn.unet import UNet
from halocline.runtime import keyed
from halocline.runtime.device import choose_compute, set_threads

STEPS, VARIABLES, MAPS = 20, 5, 3
PASSES = 2 * STEPS - 1


def clock(compute) -> float:
    """Return the seconds to compare: of this process alone where it is one thread."""
    alone = compute.device.type == "cpu" and torch.get_num_threads() == 1
    return time.process_time() if alone else time.perf_counter()


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


def one_pass(size: int, compute):
    """Return a function that runs one pass of data space."""
    network = UNet(VARIABLES + MAPS, VARIABLES, width=64, multipliers=(1, 2, 2), blocks=2, patch=1).eval()
    network = network.to(compute.device, memory_format=torch.channels_last)
    x, level = (torch.zeros(*shape, device=compute.device) for shape in ((1, VARIABLES + MAPS, size, size), (1,)))

    @torch.no_grad()
    def once():
        with compute.autocast():
            return network(x, level)

    return once


def detailing(size: int, width: int, patch: int, steps: int, compute):
    """Return a function that draws the detail of one state by Heun's solver, and nothing before it."""
    ones = torch.ones(MAPS, size, size, device=compute.device)
    sizes = {"width": width, "multipliers": (1, 2), "blocks": 1, "patch": patch}
    network = UNet(2 * VARIABLES + MAPS, VARIABLES, attention=False, norm="cell", **sizes)
    denoiser = NetworkDenoiser(network, LinearPath(), "velocity").eval()
    denoiser = denoiser.to(compute.device, memory_format=torch.channels_last)
    scale = torch.ones(VARIABLES, 1, 1, device=compute.device)
    detail = Detail(denoiser, scale, ones, ones[:1], "heun-t", steps)
    m = torch.zeros(1, VARIABLES, size, size, device=compute.device)

    @torch.no_grad()
    def draw():
        return detail.draw(m, Draw([0], 0), compute)

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
    parser.add_argument("--detail-width", type=int, default=24)
    parser.add_argument("--detail-patch", type=int, default=1)
    parser.add_argument("--detail-steps", type=int, default=4)
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    compute = choose_compute("auto", arguments.precision)
    about = arguments.detail_width, arguments.detail_patch, arguments.detail_steps
    print(f"device {compute.device}, {arguments.precision}, {arguments.threads} thread(s), {PASSES} passes; ", end="")
    print(f"detail: width {about[0]}, patch {about[1]}, {HeunInTime().passes(about[2])} passes")
    print(
        "| size | data space s | latent f4 s | latent f8 s | decode f8 s | detail s | speed f4 | speed f8 "
        "| speed f4, detail | speed f8, detail | bound f4 | bound f8 | bound f8, detail |"
    )
    print("|" + "---|" * 13)
    for size in arguments.sizes:
        print(row(size, compute, arguments.repeats if size < 512 else 1, about), flush=True)


def row(size: int, compute, repeats: int, about: tuple[int, int, int]) -> str:
    """Return the table row of one size."""
    maps = torch.ones(MAPS, size, size, device=compute.device)
    coders = {}
    for name, latent, levels in (("f4", 8, 2), ("f8", 16, 3)):
        coder = Autoencoder(VARIABLES, maps, latent=latent, width=32, levels=levels).eval()
        coders[name] = coder.to(compute.device, memory_format=torch.channels_last)
    z = torch.zeros(1, 16, size // 8, size // 8, device=compute.device)
    whole = size < 512
    draws = {
        "data": sampler(size, VARIABLES, 64, 1, compute) if whole else one_pass(size, compute),
        "f4": sampler(size // 4, 8, 64, 1, compute, coders["f4"]),
        "f8": sampler(size // 8, 16, 64, 1, compute, coders["f8"]),
        "decode": torch.no_grad()(lambda: coders["f8"].decode(z)),
        "detail": detailing(size, *about, compute),
    }
    seconds: dict[str, list[float]] = {name: [] for name in draws}
    for name in ("f8", "decode", "detail") if whole else ("f8", "decode", "detail", "data"):
        draws[name]()
    for _ in range(repeats):
        for name, draw in draws.items():
            began = clock(compute)
            draw()
            seconds[name].append(clock(compute) - began)
    median = {name: statistics.median(values) for name, values in seconds.items()}
    median["data"] *= 1 if whole else PASSES
    work = {name: multiply_adds(draws[name]) for name in ("f4", "f8", "detail")}
    data, bound = median["data"], PASSES * multiply_adds(one_pass(size, compute))
    with_detail = {name: median[name] + median["detail"] for name in ("f4", "f8")}
    return (
        f"| {size} | {data:.2f} | {median['f4']:.3f} | {median['f8']:.3f} "
        f"| {median['decode']:.3f} | {median['detail']:.3f} | {data / median['f4']:.1f}x | {data / median['f8']:.1f}x "
        f"| {data / with_detail['f4']:.1f}x | {data / with_detail['f8']:.1f}x "
        f"| {bound / work['f4']:.1f}x | {bound / work['f8']:.1f}x | {bound / (work['f8'] + work['detail']):.1f}x |"
    )


if __name__ == "__main__":
    main()
