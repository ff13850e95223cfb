"""The meunier2025 preset: the paper's sizes hold together and one pass runs; the small one keeps its choices."""

import numpy as np
import torch

from halocline.data.codecs.ocean import OceanCodec
from halocline.data.fields.layout import Layout
from halocline.data.store.ocean_statistics import OceanStatistics
from halocline.systems.config import load_config
from halocline.systems.generators import Parts, make_denoiser
from halocline.systems.published.ocean_generator import _maps
from tests.ocean_toy import toy_dino_grid

SIZES = {"samples", "learning_rate", "checkpoint_every", "validate_every"}


def denoiser_of(config, levels, ny, nx):
    grid = toy_dino_grid(levels, ny, nx)
    n = 2 * levels + 1
    flat = OceanStatistics(np.zeros(n), np.ones(n), np.zeros((n, ny, nx)), np.ones(n))
    codec = OceanCodec.build(
        grid,
        Layout.ocean(levels),
        flat,
        normalisation=config.codec.normalisation,
        scale=config.codec.scale,
        every=config.codec.levels_every,
        multiple=config.padded,
    )
    return codec, make_denoiser(config, Parts(codec, _maps(codec, grid)))


def test_the_paper_sizes():
    config = load_config("meunier2025")
    codec, denoiser = denoiser_of(config, 36, 199, 62)
    assert codec.shape == (37, 208, 64)
    assert (codec.std == 3.0).all()
    parameters = sum(p.numel() for p in denoiser.parameters())
    assert abs(parameters / 6_842_277 - 1) < 0.15  # the published network's; ours gives scale and shift to each block
    with torch.no_grad():
        assert denoiser(torch.randn(1, *codec.shape), torch.tensor([0.5])).shape == (1, 37, 208, 64)
    assert config.denoiser.training.steps == 1_000_000
    assert config.denoiser.training.rate(0) == 1e-4
    assert config.denoiser.training.rate(500_000) == 5e-5
    assert (config.sampler.solver, config.sampler.steps, config.sampler.clip) == ("ddpm", 1000, 1.0)
    assert config.constraints.paper
    assert config.condition == ()


def test_the_small_paper_preset_differs_in_size_only():
    paper, small = load_config("meunier2025"), load_config("meunier2025-r4")
    assert small.sampler == paper.sampler
    assert small.constraints == paper.constraints
    for name in type(paper.denoiser).model_fields:
        if name not in ("width", "training"):
            assert getattr(small.denoiser, name) == getattr(paper.denoiser, name), name
    big, less = paper.denoiser.training.model_dump(), small.denoiser.training.model_dump()
    assert {name for name in big if big[name] != less[name]} <= SIZES
    assert denoiser_of(small, 15, 60, 16)[0].shape == (31, 64, 16)


def test_the_dino_preset_ships_in_eight_megabytes():
    for name in ("dino", "dino-demo"):
        codec, denoiser = denoiser_of(load_config(name), 15, 60, 16)
        assert codec.shape == (31, 60, 16)
        assert 2 * sum(p.numel() for p in denoiser.parameters()) < 7e6  # bytes in float16, without conditions
