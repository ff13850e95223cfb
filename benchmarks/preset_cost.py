"""How long a preset trains: samples a second of each stage, times the preset's number of samples.

    python benchmarks/preset_cost.py arctic-50km --resolution 50 --threads 2

Random fields on the real grid, 20 steps of each stage after 3 of warm-up, then extrapolated; reading is not included.
"""

import argparse
import time

import torch

from halocline.diffusion.likelihoods import LIKELIHOODS
from halocline.diffusion.objectives import DenoisingObjective, stratified_times
from halocline.recipes.config import load_config
from halocline.recipes.seaice_generator import make_autoencoder, make_denoiser
from halocline.runtime.device import choose_compute, set_threads
from halocline.worlds.arctic.domain import arctic_grid

STEPS, WARM_UP = 20, 3


def main() -> None:
    """Print the rates and the extrapolated hours."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("preset")
    parser.add_argument("--resolution", type=int, required=True)
    parser.add_argument("--threads", type=int, default=2)
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    compute, config = choose_compute(), load_config(arguments.preset)
    grid = arctic_grid(arguments.resolution)
    autoencoder, denoiser = make_autoencoder(config, grid), make_denoiser(config, grid)
    fields = torch.randn(config.autoencoder.training.batch, len(config.variables), *grid.shape)
    bounds = torch.tensor(-torch.inf), torch.tensor(torch.inf)

    def autoencoder_loss():
        posterior = autoencoder.encode(fields)
        nll = LIKELIHOODS["censored"](fields, autoencoder.decode(posterior.mean), torch.zeros(1), *bounds)
        return nll.mean() + posterior.kl().mean()

    latent = torch.randn(config.denoiser.training.batch, denoiser.mask.shape[0], *denoiser.mask.shape[1:])
    latent = latent.expand(-1, config.autoencoder.latent, -1, -1).contiguous()
    times = stratified_times(0.5, len(latent))

    def denoiser_loss():
        return DenoisingObjective().loss(denoiser, latent, times, torch.randn_like(latent))

    total = 0.0
    for name, module, loss, settings in (
        ("autoencoder", autoencoder, autoencoder_loss, config.autoencoder.training),
        ("denoiser", denoiser, denoiser_loss, config.denoiser.training),
    ):
        rate = samples_per_second(module, loss, settings.batch, compute)
        total += settings.samples / rate
        print(f"{name}: {rate:.1f} samples/s, {settings.samples} samples, {settings.samples / rate / 60:.0f} min")
    print(f"{arguments.preset}: {total / 3600:.2f} h on {arguments.threads} thread(s), bf16 {compute.bf16}")


def samples_per_second(module, loss, batch: int, compute) -> float:
    """Time forward, backward and AdamW."""
    module.to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(module.parameters(), fused=True)
    for step in range(WARM_UP + STEPS):
        if step == WARM_UP:
            began = time.perf_counter()
        optimizer.zero_grad()
        with compute.autocast():
            value = loss()
        value.backward()
        optimizer.step()
    return batch * STEPS / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
