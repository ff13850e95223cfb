"""Is a GPU ready, and what would a published training take on it: ten minutes on one, seconds on a CPU with --tiny.

    python benchmarks/cost/gpu_smoke.py                  # finn2024, finn2025 and meunier2025 at their own sizes, bf16
    python benchmarks/cost/gpu_smoke.py --tiny --device cpu  # the same code at toy sizes; a test runs it

For each preset: its networks with random weights, their own losses and batches of random fields. A few steps of
forward, backward and AdamW; a draw, or a step of a forecast on the whole domain, of a few solver steps with noise made
on the device; loss, gradient and draw beside those of the CPU in float32, from the same weights and noise. Printed:
samples a second, largest memory of the device, share of the largest matrix product's rate in the same precision, and
the hours of the preset's whole training at that rate, reading left out. Exit status 1 if the device is not the CPU to
tolerance.
"""

import argparse
import copy
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from forecast_cost import open_ocean, untrained_codec
from halocline.chain.forecast.stepper import StepContext
from halocline.data.codecs.standard import Codec
from halocline.diffusion.denoiser import Bound
from halocline.diffusion.given import NOTHING, Given
from halocline.diffusion.likelihoods import LIKELIHOODS
from halocline.diffusion.objectives.base import Batch, stratified_times
from halocline.diffusion.solvers.base import SOLVERS
from halocline.runtime.device import Compute, choose_compute
from halocline.runtime.noise.device import member_noise
from halocline.runtime.ranks import Ranks
from halocline.systems.config import load_config
from halocline.systems.generators import Parts, make_autoencoder, make_denoiser
from halocline.systems.learning import make_objective
from halocline.systems.published.surrogate import compose
from halocline.systems.published.surrogate import make_denoiser as make_surrogate
from halocline.systems.published.surrogate import make_objective as surrogate_objective
from halocline.systems.surrogate_config import SurrogateConfig

PRESETS = ("finn2024", "finn2025", "meunier2025")
PLANES = {"finn2024": (512, 512), "finn2025": (512, 512), "meunier2025": (208, 64)}
OCEAN_CHANNELS = 37
TINY = {
    "finn2024": ["autoencoder.width=8", "denoiser.width=16", "denoiser.training.batch=4",
                 "autoencoder.training.batch=2"],
    "finn2025": ["network.width=32", "network.blocks=3", "network.heads=2", "network.hidden=32", "training.batch=4",
                 "patches.inner=16", "patches.overlap=4"],
    "meunier2025": ["denoiser.width=8", "denoiser.training.batch=2"],
}  # fmt: skip
TINY_PLANES = {"finn2024": (32, 32), "finn2025": (32, 32), "meunier2025": (32, 16)}
TOLERANCE = {True: (0.05, 0.15), False: (1e-3, 1e-2)}
"""Relative errors of results and of gradients against float32 on the CPU, by whether the device computes in bf16."""
WARM_UP = 2
SOLVER_STEPS = 3


@dataclass(frozen=True, eq=False)
class Stage:
    """A network that a preset trains.

    Attributes:
        name: Of the stage.
        module: The network.
        loss: Its loss on a device, of a module there.
        batch: Samples of the preset's batch.
        samples: Samples of its training.
    """

    name: str
    module: nn.Module
    loss: Callable[[nn.Module, torch.device], Tensor]
    batch: int
    samples: int


def main() -> None:
    """Print a block for each preset; exit with 1 if a device is not the CPU to tolerance."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("presets", nargs="*", default=PRESETS)
    parser.add_argument("--device", default="auto")
    parser.add_argument("--precision", default="bf16", choices=("bf16", "fp32"))
    parser.add_argument("--steps", type=int, default=20, help="Training steps that count.")
    parser.add_argument("--tiny", action="store_true", help="Toy sizes, for a CPU.")
    arguments = parser.parse_args()
    compute = choose_compute(arguments.device, arguments.precision)
    peak = matmul_rate(compute, 256 if arguments.tiny else 8192)
    print(f"{compute.device}, {arguments.precision}: matrix products at {peak / 1e12:.3g} TFLOP/s")
    good = True
    torch.manual_seed(0)
    for preset in arguments.presets:
        config = load_config(preset, TINY[preset] if arguments.tiny else [])
        plane = (TINY_PLANES if arguments.tiny else PLANES)[preset]
        make = surrogate_parts if isinstance(config, SurrogateConfig) else parts_of
        stages, draw = make(config, plane)
        for stage in stages:
            enliven(stage.module)
        hours = 0.0
        for stage in stages:
            hours += trained(preset, stage, compute, arguments.steps, peak)
            good &= agrees(preset, stage, compute)
        print(f"{preset}: {hours:.3g} h for the published training on this device")
        good &= drawn(preset, draw, compute)
    sys.exit(0 if good else 1)


def parts_of(config: Any, plane: tuple[int, int]) -> tuple[list[Stage], Callable[[Compute], np.ndarray]]:
    """Return the stages of a generator, and a function that draws two states."""
    codec, maps = codec_of(config, plane)
    parts = Parts(codec, maps)
    denoiser, stages, objective = make_denoiser(config, parts), [], make_objective(config.denoiser)
    autoencoder = None
    channels, shape = codec.shape[0], plane
    if config.space == "latent":
        autoencoder = make_autoencoder(config, parts)
        size = config.autoencoder.training
        x, bounds = torch.randn(size.batch, *codec.shape), (torch.tensor(-torch.inf), torch.tensor(torch.inf))

        def of_autoencoder(module: nn.Module, device: torch.device) -> Tensor:
            fields = x.to(device)
            posterior = module.encode(fields)  # type: ignore[operator]
            location = module.decode(posterior.mean)  # type: ignore[operator]
            limits = [bound.to(device) for bound in bounds]
            nll = LIKELIHOODS[config.autoencoder.likelihood](fields, location, torch.zeros(1, device=device), *limits)
            return nll.mean() + config.autoencoder.beta * posterior.kl().mean()

        stages.append(Stage("autoencoder", autoencoder, of_autoencoder, size.batch, size.samples))
        channels, shape = config.autoencoder.latent, autoencoder.latent_mask.shape[-2:]
    size = config.denoiser.training
    batch = Batch(*fields_of(size.batch, (channels, *shape), objective), NOTHING)
    stages.append(Stage("denoiser", denoiser, of_batch(objective, batch), size.batch, size.samples))

    @torch.no_grad()
    def draw(compute: Compute) -> np.ndarray:
        moved = copy.deepcopy(denoiser).to(compute.device)
        mask = moved.counts(NOTHING)

        def noise(step: int) -> Tensor:
            return member_noise("philox", 0, range(2), (channels, *shape), compute.device, "sampler", step) * mask

        schedule = moved.schedule
        times = schedule.times(SOLVER_STEPS).to(compute.device)
        start = noise(-1) * schedule.sigma(times[0])
        x = SOLVERS[config.sampler.solver]()(Bound(moved, NOTHING, compute.autocast), schedule, start, times, noise)
        if autoencoder is not None:
            with compute.autocast():
                x = copy.deepcopy(autoencoder).to(compute.device).decode(x)
        return x.float().cpu().numpy()

    return stages, draw


def codec_of(config: Any, plane: tuple[int, int]) -> tuple[Any, np.ndarray]:
    """Return what tells a network its sizes, and maps of a plane without land."""
    maps = np.ones((4, *plane), np.float32)
    if config.recipe != "ocean-generator":
        flat = {name: {"mean": 0.0, "std": 1.0} for name in config.variables}
        return Codec.from_statistics(config.variables, flat, np.ones(plane, bool)), maps
    wet = np.ones((1, *plane), np.float32)
    return SimpleNamespace(shape=(OCEAN_CHANNELS, *plane), network_mask=wet, loss_mask=wet), maps


def surrogate_parts(
    config: SurrogateConfig, plane: tuple[int, int]
) -> tuple[list[Stage], Callable[[Compute], np.ndarray]]:
    """Return the stage of a surrogate, and a function that steps a member on the whole domain."""
    codec, size = untrained_codec(config), config.training
    denoiser, objective = make_surrogate(config, codec), surrogate_objective(config)
    side, state = config.patches.inner + 2 * config.patches.overlap, len(codec.channels)
    x0, t, eps = fields_of(size.batch, (state, side, side), objective)
    mask = torch.ones(size.batch, 1, side, side)
    given = Given(
        torch.randn(size.batch, len(codec.given), side, side), mask, torch.zeros(size.batch, codec.labels_size)
    )
    batch = Batch(x0, t, eps, given, x0 - 1, x0 + 1, mask)
    stage = Stage(
        "surrogate", denoiser, lambda m, device: objective.loss(m, batch.to(device)), size.batch, size.samples
    )  # type: ignore[arg-type]
    grid, rng = open_ocean(plane[0]), np.random.default_rng(0)
    states = rng.uniform(0.2, 0.8, (1, state, *plane)).astype(np.float32)
    weather = rng.standard_normal((len(codec.forcing), *plane)).astype(np.float32)
    days = np.zeros((len(codec.degree_days.names), *plane), np.float32)

    def draw(compute: Compute) -> np.ndarray:
        model = compose(config, codec, copy.deepcopy(denoiser), compute, {}).with_options(noise="philox")
        model = model if model.one_pass else model.with_options(steps=SOLVER_STEPS)
        return model.advance(states, StepContext(0, weather, weather, days, [0], 0), grid, 16, Ranks())

    return [stage], draw


def enliven(module: nn.Module) -> None:
    """Give layers that start at zero small random weights: else a network answers zero whatever it computes."""
    for parameter in module.parameters():
        if parameter.ndim > 1 and not parameter.any():
            nn.init.normal_(parameter, std=0.02)


def of_batch(objective: Any, batch: Batch) -> Callable[[nn.Module, torch.device], Tensor]:
    """Return the loss of a batch on a device."""
    return lambda module, device: objective.loss(module, batch.to(device))


def fields_of(count: int, shape: tuple[int, ...], objective: Any) -> tuple[Tensor, Tensor, Tensor]:
    """Return random fields, times and noise of a batch."""
    x0 = torch.randn(count, *shape)
    return x0, stratified_times(0.5, count), torch.randn(objective.noise_shape(x0.shape))


def trained(preset: str, stage: Stage, compute: Compute, steps: int, peak: float) -> float:
    """Print what some training steps take; return the hours of the whole stage."""
    device = compute.device
    module = copy.deepcopy(stage.module).to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    optimizer = torch.optim.AdamW(module.parameters(), lr=1e-5, fused=True)

    def step() -> None:
        optimizer.zero_grad()
        with compute.autocast():
            value = stage.loss(module, device)
        value.backward()
        optimizer.step()

    with FlopCounterMode(display=False) as counter:
        step()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats(device)
    for k in range(WARM_UP + steps):
        if k == WARM_UP:
            synchronise(device)
            began = time.perf_counter()
        step()
    synchronise(device)
    seconds = (time.perf_counter() - began) / steps
    memory = f"{torch.cuda.max_memory_allocated(device) / 1e9:.2f} GB, " if device.type == "cuda" else ""
    share = counter.get_total_flops() / seconds / peak
    hours = stage.samples / stage.batch * seconds / 3600
    print(
        f"{preset} {stage.name}: {stage.batch / seconds:.4g} samples/s at {stage.batch}, {memory}"
        f"{100 * share:.0f} % of matrix products, {stage.samples:.3g} samples in {hours:.3g} h",
        flush=True,
    )
    return hours


def agrees(preset: str, stage: Stage, compute: Compute) -> bool:
    """Print how far loss and gradient are from those of the CPU; return whether they are near enough."""
    (loss, gradient), (ours, mine) = (
        loss_and_gradient(stage, each) for each in (choose_compute("cpu", "fp32"), compute)
    )
    apart = float((mine - gradient).norm() / gradient.norm())
    return near(f"{preset} {stage.name}: loss, gradient", [abs(ours / loss - 1), apart], compute)


def loss_and_gradient(stage: Stage, compute: Compute) -> tuple[float, Tensor]:
    """Return the loss of a batch and its gradient (parameter,) on the CPU."""
    module = copy.deepcopy(stage.module).to(compute.device)
    with compute.autocast():
        value = stage.loss(module, compute.device)
    value.backward()
    parts = [p.grad.flatten().float().cpu() for p in module.parameters() if p.grad is not None]
    return float(value.detach()), torch.cat(parts)


def drawn(preset: str, draw: Callable[[Compute], np.ndarray], compute: Compute) -> bool:
    """Print how long a draw takes and how far it is from the CPU's; return whether it is near enough."""
    draw(compute)
    synchronise(compute.device)
    began = time.perf_counter()
    mine = draw(compute)
    print(f"{preset}: a draw of {SOLVER_STEPS} solver steps in {time.perf_counter() - began:.3g} s")
    theirs = draw(choose_compute("cpu", "fp32"))
    if not np.isfinite(mine).all():
        return near(f"{preset}: draw", [np.inf], compute)
    return near(f"{preset}: draw", [float(np.linalg.norm(mine - theirs) / np.linalg.norm(theirs))], compute)


def near(what: str, errors: list[float], compute: Compute) -> bool:
    """Print relative errors against the CPU; return whether all are within the tolerance."""
    good = all(error <= most for error, most in zip(errors, TOLERANCE[compute.bf16], strict=False))
    found = ", ".join(f"{error:.1e}" for error in errors)
    print(f"{what} from the CPU in float32: {found} ({'good' if good else 'TOO FAR'})", flush=True)
    return good


def matmul_rate(compute: Compute, n: int) -> float:
    """Return the operations a second of a product of n x n matrices in the precision of a compute."""
    a = torch.randn(n, n, device=compute.device, dtype=torch.bfloat16 if compute.bf16 else torch.float32)
    best = np.inf
    for _ in range(10):
        synchronise(compute.device)
        began = time.perf_counter()
        a @ a
        synchronise(compute.device)
        best = min(best, time.perf_counter() - began)
    return float(2 * n**3 / best)


def synchronise(device: torch.device) -> None:
    """Wait for what was asked of a GPU."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


if __name__ == "__main__":
    main()
