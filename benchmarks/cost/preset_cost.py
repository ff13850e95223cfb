"""How long a preset trains: samples a second of each stage, times the preset's number of samples.

    python benchmarks/cost/preset_cost.py arctic-50km --resolution 50 --threads 2
    python benchmarks/cost/preset_cost.py arctic-surrogate-100km --resolution 100 --threads 1

Random fields on the real grid (patches for a surrogate), 20 steps of each stage after 3 of warm-up, then extrapolated;
reading is not included. With one thread the seconds are the training's own CPU seconds, whatever else is running.
"""

import argparse
import time

import torch

from forecast_cost import untrained_codec
from halocline.data.codecs.standard import Codec
from halocline.diffusion.given import NOTHING, Given
from halocline.diffusion.likelihoods import LIKELIHOODS
from halocline.diffusion.objectives.base import Batch, stratified_times
from halocline.diffusion.objectives.denoising import DenoisingObjective
from halocline.diffusion.residual import beside
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.config import load_config
from halocline.systems.detail import make_detail
from halocline.systems.detail import make_objective as detail_objective
from halocline.systems.generators import Parts, make_autoencoder, make_denoiser
from halocline.systems.published.surrogate import make_denoiser as make_surrogate
from halocline.systems.published.surrogate import make_objective
from halocline.systems.run import compile_network
from halocline.systems.surrogate_config import SurrogateConfig
from halocline.worlds.arctic.domain import arctic_grid

STEPS, WARM_UP = 20, 3


def main() -> None:
    """Print the rates and the extrapolated hours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("preset")
    parser.add_argument("--resolution", type=int, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--compile", action="store_true", help="Compile first, autoencoders aside; not in the figures.")
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    compute, config = choose_compute(compiled=arguments.compile), load_config(arguments.preset)
    if isinstance(config, SurrogateConfig):
        surrogate_cost(arguments.preset, config, compute, arguments.threads)
        return
    grid = arctic_grid(arguments.resolution)
    flat = {name: {"mean": 0.0, "std": 1.0} for name in config.variables}
    parts = Parts(Codec.from_statistics(config.variables, flat, grid.mask), grid.static_maps())
    squares = config.denoiser.crop
    denoiser, stages = make_denoiser(config, parts, placed=not squares), []
    if config.space == "latent":
        autoencoder = make_autoencoder(config, parts)
        loss = autoencoder_loss(config, parts, autoencoder)
        stages.append(("autoencoder", autoencoder, loss, config.autoencoder.training))
    settings = config.denoiser.training
    size = (settings.batch, parts.codec.shape[0] if config.space == "data" else config.autoencoder.latent)
    x0 = torch.randn(*size, *((squares, squares) if squares else denoiser.mask.shape[1:]))
    given = NOTHING
    if squares:
        given = Given(torch.zeros(len(x0), len(parts.maps), squares, squares), torch.ones(len(x0), 1, squares, squares))
    batch = Batch(x0, stratified_times(0.5, len(x0)), torch.randn_like(x0), given)
    stages.append(("denoiser", denoiser, lambda: DenoisingObjective().loss(denoiser, batch), settings))
    if config.detail is not None:
        detail = make_detail(config, parts.codec, parts.maps, parts.periodic)
        stages.append(("detail", detail, detail_loss(config, parts, autoencoder, detail), config.detail.training))
    total = 0.0
    for name, module, loss, settings in stages:
        if compute.compiled and name != "autoencoder":
            build(module, loss, compute)
        rate = samples_per_second(module, loss, settings.batch, compute)
        total += settings.samples / rate
        print(f"{name}: {rate:.1f} samples/s, {settings.samples} samples, {settings.samples / rate / 60:.0f} min")
    print(f"{arguments.preset}: {total / 3600:.2f} h on {arguments.threads} thread(s), bf16 {compute.bf16}")


def autoencoder_loss(config, parts: Parts, autoencoder):
    """Return a function that returns the loss of the autoencoder on random fields."""
    fields = torch.randn(config.autoencoder.training.batch, *parts.codec.shape)
    bounds = torch.tensor(-torch.inf), torch.tensor(torch.inf)

    def loss():
        posterior = autoencoder.encode(fields)
        nll = LIKELIHOODS["censored"](fields, autoencoder.decode(posterior.mean), torch.zeros(1), *bounds)
        return nll.mean() + posterior.kl().mean()

    return loss


def detail_loss(config, parts: Parts, autoencoder, detail):
    """Return a function that decodes latents and returns the loss of the stochastic decoder on whole fields."""
    n, objective = config.detail.training.batch, detail_objective(config.detail)
    x0, z = torch.randn(n, *parts.codec.shape), torch.randn(n, autoencoder.latent, *autoencoder.latent_mask.shape[1:])
    maps, mask = torch.from_numpy(parts.maps)[None], torch.from_numpy(parts.codec.network_mask)[None]

    def loss():
        with torch.no_grad():
            given = beside(autoencoder.decode(z), maps, mask)
        eps = torch.randn(objective.noise_shape(x0.shape))
        return objective.loss(detail, Batch(x0 * mask, stratified_times(0.5, n), eps, given))

    return loss


def surrogate_cost(preset: str, config, compute, threads: int) -> None:
    """Print the rate of a surrogate's training steps; drawing the patches is left out."""
    codec, state = untrained_codec(config), config.variables
    denoiser, objective = make_surrogate(config, codec), make_objective(config)
    n, side = config.training.batch, config.patches.inner + 2 * config.patches.overlap
    x0, mask = torch.randn(n, len(state), side, side), torch.ones(n, 1, side, side)
    given = Given(torch.randn(n, len(codec.given), side, side), mask, torch.zeros(n, codec.labels_size))
    bounds = x0 - 1, x0 + 1

    def loss():
        eps = torch.randn(objective.noise_shape(x0.shape))
        return objective.loss(denoiser, Batch(x0, stratified_times(0.5, n), eps, given, *bounds, mask))

    if compute.compiled:
        build(denoiser, loss, compute)
    cpu = time.process_time()
    rate = samples_per_second(denoiser, loss, n, compute)
    cpu = (time.process_time() - cpu) / ((WARM_UP + STEPS) * n)
    weights = sum(p.numel() for p in denoiser.parameters()) / 1e6
    samples = config.training.samples
    print(f"surrogate: {weights:.2f} M weights, {rate:.1f} patches/s, {cpu:.4f} CPU seconds a patch, {samples} patches")
    print(
        f"{preset}: {samples / rate / 3600:.2f} h on {threads} thread(s), {samples * cpu / 3600:.2f} CPU hours, "
        f"bf16 {compute.bf16}"
    )


def build(module, loss, compute) -> None:
    """Compile a denoiser's network, forwards and backwards, and print how long that takes."""
    module.to(memory_format=torch.channels_last)
    began = time.perf_counter()
    compile_network(module.network)
    with compute.autocast():
        loss().backward()
    print(f"compiled in {time.perf_counter() - began:.0f} s")


def samples_per_second(module, loss, batch: int, compute) -> float:
    """Time forward, backward and AdamW."""
    module.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(module.parameters(), fused=True)
    for step in range(WARM_UP + STEPS):
        if step == WARM_UP:
            began = clock()
        optimizer.zero_grad()
        with compute.autocast():
            value = loss()
        value.backward()
        optimizer.step()
    return batch * STEPS / (clock() - began)


def clock() -> float:
    """Return seconds: of this process alone where it is one thread, whatever else is running."""
    return time.process_time() if torch.get_num_threads() == 1 else time.perf_counter()


if __name__ == "__main__":
    main()
