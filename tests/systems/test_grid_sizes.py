"""Presets on grids of any shape, without a setting: what depends on the grid is derived from it."""

import numpy as np
import pytest

import halocline as hl
from halocline.data.grids.grid import Grid
from halocline.data.grids.projection import PolarStereographic
from halocline.data.sampling.patches import levels_for
from halocline.data.store.statistics import finish_store
from halocline.data.store.store import open_store
from halocline.data.store.writer import StoreWriter, create_store
from halocline.runtime.errors import InputError
from halocline.systems.config import load_config
from halocline.systems.generators import make_autoencoder, make_denoiser
from halocline.systems.protocol import SYSTEMS
from tests.surrogate_toy import STATE, weather
from tests.toy import toy_sample

FAST = {
    "autoencoder.training.samples": 4,
    "autoencoder.training.batch": 2,
    "denoiser.training.samples": 4,
    "denoiser.training.batch": 2,
}
DETAIL = {"detail.training.samples": 8, "detail.training.batch": 8}
SHAPES = [(80, 96), (37, 53), (5, 7)]


def store_of(path, shape, spacing=1e5):
    """A store of three years of two states each, of all variables, on ny x nx cells around the pole."""
    plane = PolarStereographic()
    y, x = ((np.arange(n) - n / 2 + 0.5) * spacing for n in shape)
    lat, lon = plane.inverse(*np.meshgrid(x, y))
    mask = np.ones(shape, bool)
    mask[: shape[0] // 3, : shape[1] // 3] = False
    grid = Grid("any", x, y, lat, lon, (spacing / plane.scale(lat)) ** 2, mask, spacing, plane.cf_attributes())
    hours = np.concatenate([year * 8760 + 12 * np.arange(2) for year in range(3)])
    create_store(path, grid, (*STATE, "t2m", "q2m", "u10", "v10"), 1, hours, {})
    writer = StoreWriter(path)
    for index, hour in enumerate(hours):
        ice = toy_sample(grid, 30, index)
        writer.write(0, index, np.concatenate([ice, 0.1 * ice[:1], weather(grid, int(hour), 0)]).astype(np.float32))
    finish_store(path)
    return path


@pytest.mark.parametrize("shape", SHAPES)
def test_the_arctic_generator_trains_and_draws_on_any_grid(shape, tmp_path):
    store = store_of(tmp_path / "s.zarr", shape)
    out = hl.train("arctic-100km", store, tmp_path / "m", settings=FAST | DETAIL, precision="fp32", quiet=True)
    drawn = hl.load(out).with_sampler(steps=1).generate(1, seed=0, quiet=True)
    mask = open_store(store).grid.mask
    assert drawn["sit"].shape == (1, *shape)
    assert (np.isfinite(drawn["sit"].values[0]) == mask).all()
    assert float(drawn["sic"].max()) <= 1


@pytest.mark.parametrize("shape", SHAPES)
def test_the_arctic_surrogate_trains_and_steps_on_any_grid(shape, tmp_path):
    store = store_of(tmp_path / "s.zarr", shape)
    fast = {"training.samples": 2, "training.batch": 1, "network.width": 16, "network.heads": 2, "network.blocks": 1}
    out = hl.train("arctic-surrogate-100km", store, tmp_path / "m", settings=fast, precision="fp32", quiet=True)
    forecast = hl.load(out).with_options(steps=1).forecast(store, start="2000-01-01", days=0.5, members=1, quiet=True)
    assert forecast["sit"].shape[-2:] == shape


@pytest.mark.parametrize(
    "preset",
    ["arctic-100km", "arctic-50km", "arctic-25km", "arctic-detail-100km", "arctic-latent-100km", "finn2024"],
)
@pytest.mark.parametrize("shape", [*SHAPES, (512, 40), (64, 64)])
def test_the_networks_of_every_generator_fit_the_padded_plane(preset, shape, tmp_path):
    """Sides are padded to the next multiple of what both networks need, and to none if they fit."""
    config = load_config(preset)
    store = open_store(store_of(tmp_path / "s.zarr", shape, 1e4))
    parts = SYSTEMS[config.recipe].fit(config, store, quiet=True)
    _, ny, nx = parts.codec.shape
    assert (ny % config.multiple, nx % config.multiple) == (0, 0)
    assert 0 <= ny - shape[0] < config.multiple
    assert 0 <= nx - shape[1] < config.multiple
    states = store.read(0, 0)[None, [store.channels.index(name) for name in parts.codec.channels]]
    back = parts.codec.decode(parts.codec.encode(states))
    np.testing.assert_allclose(back[..., store.grid.mask], states[..., store.grid.mask], atol=1e-5)
    if config.space == "latent":
        assert make_autoencoder(config, parts).latent_mask.shape[-1] == nx // config.autoencoder.factor
    assert make_denoiser(config, parts).mask.shape[-1] * (config.multiple // config.denoiser.multiple) == nx


def test_levels_without_room_or_ocean_are_left_out():
    wide = np.ones((64, 64), bool)
    assert levels_for(wide, (1, 2, 4), 32, 4) == (1, 2)
    assert levels_for(np.ones((5, 7), bool), (2, 4), 8, 2) == (1,)
    narrow = np.zeros((64, 64), bool)
    narrow[:, 30:34:2] = narrow[:, 35::2] = True  # one cell wide: no block of 2 x 2 is all ocean
    assert levels_for(narrow, (1, 2), 32, 4) == (1,)
    lonely = np.zeros((64, 64), bool)
    lonely[3, 3] = True
    with pytest.raises(InputError, match="1 of them wet"):
        levels_for(lonely, (1, 2), 32, 4)
