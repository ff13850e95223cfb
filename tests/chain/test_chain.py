"""Generating: bounds hold, noise belongs to members, output is CF."""

import json

import numpy as np
import pytest
import torch
import xarray as xr

from halocline.chain.dataset import write_dataset
from halocline.chain.latent import LatentStates
from halocline.chain.near import Near
from halocline.data.files.states import open_states
from halocline.diffusion.paths.base import SCHEDULES
from halocline.runtime.device import choose_compute
from halocline.runtime.errors import ConfigError, ModelError, OutputError
from halocline.systems.loading import load_model

CPU = choose_compute("cpu", "fp32")


def states_array(dataset, names):
    return np.stack([dataset[name].values for name in names], axis=1)


@pytest.fixture(scope="module", params=["latent", "data"])
def chain(request):
    name = "model_path" if request.param == "latent" else "data_space_model_path"
    return load_model(request.getfixturevalue(name), CPU)


@pytest.mark.parametrize("solver", ["ddpm", "ddim", "heun", "multistep"])
def test_every_cell_of_every_state_obeys(chain, solver):
    states = chain.with_sampler(solver).generate(6, seed=3, quiet=True)
    wet = chain.grid.mask
    for name in ("sit", "sic", "sid"):
        values = states[name].values[:, wet]
        assert np.isfinite(values).all()
        assert values.min() >= 0
        assert np.isnan(states[name].values[:, ~wet]).all()
    assert states["sic"].values[:, wet].max() <= 1
    assert states["sid"].values[:, wet].max() <= 1
    np.testing.assert_array_equal(states["sic"].values == 0, states["sit"].values == 0)
    open_water = states["sic"].values == 0
    for name in ("sid", "siu", "siv"):
        assert (states[name].values[open_water] == 0).all()


@pytest.mark.parametrize("solver", ["ddpm", "heun"])
def test_a_member_is_the_same_alone_in_batches_and_later(chain, solver):
    chain = chain.with_sampler(solver)
    together = states_array(chain.generate(6, seed=9, batch=6, quiet=True), ("sit", "sic", "siu"))
    pairs = states_array(chain.generate(6, seed=9, batch=2, quiet=True), ("sit", "sic", "siu"))
    late = states_array(chain.generate(2, seed=9, first=4, quiet=True), ("sit", "sic", "siu"))
    wet = chain.grid.mask
    np.testing.assert_allclose(pairs[:, :, wet], together[:, :, wet], atol=2e-5)
    np.testing.assert_allclose(late[:, :, wet], together[4:, :, wet], atol=2e-5)
    assert np.abs(together[0, :, wet] - together[1, :, wet]).max() > 0.01


def test_states_come_back_from_the_latent_space(store, model_path, data_space_model_path):
    generator = load_model(model_path, CPU)
    names, wet = generator.codec.channels, generator.grid.mask
    real = np.stack([store.read(0, index)[[store.channels.index(n) for n in names]] for index in range(0, 60, 12)])
    decoded = generator.encode_decode(real, batch=2)
    np.testing.assert_allclose(decoded[..., wet], generator.encode_decode(real)[..., wet], atol=2e-5)
    assert np.isnan(decoded[..., ~wet]).all()
    space = LatentStates(generator.chain.latent, generator.codec, CPU)
    np.testing.assert_allclose(decoded, space.decode(space.encode(real)), atol=2e-5)
    np.testing.assert_array_equal(decoded, generator.encode_decode(np.where(wet, real, 7.0).astype("f4"), batch=2))
    assert np.abs(decoded[0] - decoded[1])[..., wet].max() > 1e-3  # each by its own latent
    projected, reports = generator.project(decoded)
    assert [report.name for report in reports] == ["ice-bounds"]
    assert reports[0].residual_end == 0.0
    np.testing.assert_array_equal(*((projected[:, names.index(name)] == 0)[:, wet] for name in ("sic", "sit")))
    with pytest.raises(ConfigError, match="data space"):
        load_model(data_space_model_path, CPU).encode_decode(real)


def test_a_projection_of_bare_draws_is_what_the_model_draws(chain):
    bare, full = (c.generate(3, seed=5, quiet=True) for c in (chain.with_constraints(["none"]), chain))
    names = chain.codec.channels
    np.testing.assert_array_equal(chain.project(states_array(bare, names))[0], states_array(full, names))


def test_another_seed_is_another_ensemble(chain):
    one, two = (chain.generate(1, seed=s, quiet=True)["siu"].values for s in (1, 2))
    assert np.nanmax(np.abs(one - two)) > 1e-4


@pytest.mark.parametrize("ending", [".nc", ".zarr"])
def test_written_states_are_cf_and_come_back(chain, tmp_path, ending):
    states = chain.generate(2, seed=0, quiet=True)
    path = tmp_path / f"s{ending}"
    write_dataset(states, path)
    back = open_states(path)
    xr.testing.assert_allclose(back["sit"], states["sit"])
    assert back["sit"].attrs["standard_name"] == "sea_ice_thickness"
    assert back["projection"].attrs["grid_mapping_name"] == "polar_stereographic"
    assert back.attrs["halocline_seed"] == 0
    with pytest.raises(OutputError, match="exists already"):
        write_dataset(states, path)
    with pytest.raises(OutputError, match="ending"):
        write_dataset(states, tmp_path / "s.grib")


def test_unknown_solver(chain):
    with pytest.raises(ConfigError, match="no such solver"):
        chain.with_sampler("euler")


def test_weights_of_another_recipe_are_refused(model_path, tmp_path):
    from halocline.runtime.model_folder import read_model, write_model

    weights, grid, card = read_model(model_path)
    card["config"]["denoiser"]["width"] = 16
    del card["card_sha256"], card["files"], card["halocline_model"]
    write_model(tmp_path / "mixed", weights, grid, card)
    with pytest.raises(ModelError, match="do not fit its card"):
        load_model(tmp_path / "mixed", CPU)
    with pytest.raises(ModelError, match="no such folder"):
        load_model(tmp_path / "absent", CPU)


def test_latents_have_unit_variance_on_wet_cells(store, model_path):
    from halocline.chain.latent import encode_all
    from halocline.data.sampling.samples import Samples

    chain = load_model(model_path, CPU)
    z = encode_all(chain.chain.latent.autoencoder, Samples(store, "train", chain.codec), CPU)
    scaled = (z - chain.chain.latent.mean.numpy()) / chain.chain.latent.std.numpy()
    wet = scaled[:, :, chain.chain.latent.autoencoder.latent_mask[0].numpy() > 0]
    np.testing.assert_allclose(wet.mean(axis=(0, 2)), 0, atol=1e-3)
    np.testing.assert_allclose(wet.std(axis=(0, 2)), 1, atol=1e-3)


@pytest.mark.parametrize("ending", [".nc", ".zarr"])
def test_states_written_as_they_are_drawn_are_those_held_in_memory(chain, tmp_path, ending):
    held = chain.generate(5, seed=4, batch=2, quiet=True)
    path = tmp_path / f"s{ending}"
    written = chain.generate(5, seed=4, batch=2, out=path, quiet=True)
    xr.testing.assert_equal(written.load(), held)
    assert written.attrs == held.attrs
    xr.testing.assert_equal(open_states(path)["sit"], held["sit"])
    moved = json.loads(held.attrs["halocline_constraints_moved"])
    together = json.loads(chain.generate(5, seed=4, batch=5, quiet=True).attrs["halocline_constraints_moved"])
    for name in ("residual_before", "residual_after", "residual_end", "moved_share"):
        assert moved[0][name] == pytest.approx(together[0][name], abs=1e-4)
    assert moved[0]["rms_change"] == pytest.approx(together[0]["rms_change"], rel=1e-3, abs=1e-6)


def test_a_drawing_that_fails_leaves_no_file(chain, tmp_path, monkeypatch):
    kept = type(chain)._batch
    fails = lambda self, numbers, *rest: kept(self, numbers, *rest) if 0 in numbers else 1 / 0  # noqa: E731
    monkeypatch.setattr(type(chain), "_batch", fails)
    with pytest.raises(ZeroDivisionError):
        chain.generate(4, seed=4, batch=2, out=tmp_path / "s.nc", quiet=True)
    assert list(tmp_path.iterdir()) == []


def test_draws_near_fields_begin_at_the_level_and_go_on_at_the_times_below_it():
    schedule = SCHEDULES["cosine"]()
    times = schedule.times(16)
    for level in (0.05, 0.7, 3.0):
        near = Near(torch.zeros(1), level).times(schedule, times)
        ratio = schedule.sigma(near) / schedule.alpha(near)
        assert float(ratio[0]) == pytest.approx(level, rel=1e-3)
        assert (torch.diff(near) < 0).all()
        assert float(near[-1]) == 0.0
        np.testing.assert_array_equal(near[1:], times[len(times) - len(near) + 1 :])
    np.testing.assert_array_equal(Near(torch.zeros(1), 1e6).times(schedule, times), times)
