"""The finn2024 preset: the paper's sizes hold together and one pass of each half runs."""

import pytest
import torch

from halocline.data.codecs.standard import Codec
from halocline.systems.config import load_config
from halocline.systems.generators import Parts, make_autoencoder, make_denoiser
from tests.toy import toy_grid


@pytest.mark.slow
def test_the_paper_sizes():
    grid = toy_grid(512, 12.5e3)
    config = load_config("finn2024")
    flat = {name: {"mean": 0.0, "std": 1.0} for name in config.variables}
    parts = Parts(Codec.from_statistics(config.variables, flat, grid.mask), grid.static_maps())
    autoencoder, denoiser = make_autoencoder(config, parts), make_denoiser(config, parts)
    assert autoencoder.latent_mask.shape == (1, 64, 64)
    assert autoencoder.latent == 16  # 5 x 512 x 512 numbers become 16 x 64 x 64: 20-fold
    with torch.no_grad():
        z = torch.randn(1, 16, 64, 64)
        x0_hat = denoiser(z, torch.tensor([0.5]))
        assert x0_hat.shape == z.shape
        assert autoencoder.decode(x0_hat).shape == (1, 5, 512, 512)
    assert config.sampler.solver == "heun"
    assert config.sampler.steps == 20
