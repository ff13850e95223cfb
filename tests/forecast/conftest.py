"""A toy store of ten days without a gap, a surrogate with random weights, and one in a folder."""

import numpy as np
import pytest
import torch

from halocline.chain.chain import Chain
from halocline.chain.forecast.starts import open_starts
from halocline.chain.forecast.surrogate import Surrogate
from halocline.chain.forecast.weather import open_weather
from halocline.chain.placed import Always, Placed
from halocline.constraints.named.ice_bounds import IceBounds
from halocline.data.codecs.residual import ResidualCodec
from halocline.data.fields.degree_days import DegreeDays
from halocline.data.fields.variables import variable
from halocline.diffusion.paths.linear import LinearPath
from halocline.runtime.device import choose_compute
from halocline.systems.config import load_config
from halocline.systems.published.surrogate import make_denoiser
from tests.surrogate_toy import FORCING, STATE, SURROGATE_RECIPE, surrogate_store, toy_surrogate

DAYS = 8


@pytest.fixture(scope="session")
def weather_store(tmp_path_factory):
    return surrogate_store(tmp_path_factory.mktemp("toy") / "weather.zarr", members=2, days=DAYS)


@pytest.fixture(scope="session")
def surrogate_folder(tmp_path_factory):
    store = surrogate_store(tmp_path_factory.mktemp("toy") / "train.zarr", steps=6)
    return toy_surrogate(store, tmp_path_factory.mktemp("model") / "toy", ["training.samples=24"])


@pytest.fixture(scope="session")
def surrogate():
    """Random weights, so that nothing is zero by accident."""
    config = load_config(str(SURROGATE_RECIPE))
    windows = DegreeDays(config.degree_days)
    names = (*STATE, *FORCING, *windows.names)
    mean = {"t2m": 270.0, "q2m": 0.002} | dict.fromkeys([n for n in names if n not in ("t2m", "q2m")], 0.1)
    std = {"q2m": 0.001, "t2m": 5.0} | dict.fromkeys([n for n in names if n not in ("t2m", "q2m")], 1.0)
    codec = ResidualCodec(
        tuple(map(variable, STATE)), FORCING, windows, True, True, 12, mean, std, dict.fromkeys(STATE, 0.1)
    )
    denoiser = make_denoiser(config, codec)
    generator = torch.Generator().manual_seed(0)
    for parameter in denoiser.network.parameters():
        if not parameter.any():
            torch.nn.init.normal_(parameter, std=0.2, generator=generator)
    bounds = IceBounds(codec.variables)
    compute = choose_compute("cpu", "fp32")
    chain = Chain(codec, LinearPath(), "heun-t", 3, compute, constraints=(Placed(bounds.name, Always(bounds)),))
    return Surrogate(
        chain=chain,
        denoiser=denoiser.eval(),
        residual=codec,
        inner=8,
        overlap=2,
        blend=1,
        bounding="clamp",
        noisy=True,
        noise_hours=0.0,
        views="one",
        symmetric=True,
        one_pass=False,
        card={"name": "random"},
    )


@pytest.fixture(scope="session")
def start_and_grid(weather_store):
    starts, grid, _ = open_starts(weather_store, STATE, count=1, split="all", hours=48, at=[96], member=1, index=0)
    return starts[0], grid


@pytest.fixture(scope="session")
def weather_of(weather_store, start_and_grid):
    return lambda start: open_weather(weather_store, start.store_member, FORCING, start_and_grid[1])


def everything(path):
    """All states of a forecast (start, member, lead, channel, y, x), land 0."""
    import xarray as xr

    dataset = xr.open_zarr(path, consolidated=False, decode_times=False)
    return np.nan_to_num(np.stack([dataset[name].values for name in STATE], axis=3))
