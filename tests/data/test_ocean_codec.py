"""The ocean codec: exact inverse, kept levels to the bit, statistics of wet training cells, units checked."""

import dataclasses

import numpy as np
import pytest
import torch

from halocline.data.codecs.level_selection import LevelSelection
from halocline.data.codecs.ocean import OceanCodec
from halocline.data.codecs.padding import Padding
from halocline.data.fields.layout import Layout
from halocline.data.store.ocean_statistics import FLOOR, OceanStatistics, floored
from halocline.data.store.splits import samples_of
from halocline.diffusion.denoiser import NetworkDenoiser
from halocline.diffusion.objectives.denoising import DenoisingObjective
from halocline.diffusion.paths.base import SCHEDULES
from halocline.runtime.errors import InputError
from halocline.training.batches import FieldBatches
from tests.ocean_toy import toy_dino_grid
from tests.toy import toy_grid


@pytest.fixture(scope="module")
def store(ocean_store_path):
    from halocline.data.store.store import open_store

    return open_store(ocean_store_path)


@pytest.fixture(scope="module")
def statistics(store):
    return OceanStatistics.of(store)


@pytest.fixture(scope="module")
def training(store):
    return np.stack([store.read(*pair) for pair in samples_of(store, "train")]).astype(np.float64)


def test_statistics_by_level_and_by_cell(store, statistics, training):
    for k in (0, 4, 7, 10):
        wet = training[:, k][:, store.wet[k]]
        assert statistics.mean[k] == pytest.approx(wet.mean(), rel=1e-9)
        assert statistics.horizontal_std[k] == pytest.approx(wet.std(axis=1).mean(), rel=1e-9)
        assert statistics.rms_anomaly[k] == pytest.approx(np.sqrt(wet.var(axis=0).mean()), rel=1e-9)
        np.testing.assert_allclose(statistics.mean_state[k][store.wet[k]], wet.mean(axis=0), rtol=1e-9)


@pytest.mark.parametrize("normalisation", ["level", "cell"])
@pytest.mark.parametrize("multiple", [1, 8, 12])
def test_decode_is_the_inverse_of_encode(store, statistics, training, normalisation, multiple):
    codec = OceanCodec.build(
        store.grid, store.layout, statistics, normalisation=normalisation, scale=3.0, multiple=multiple
    )
    states = np.where(store.wet, training[:4], np.nan).astype(np.float32)
    values = codec.encode(states)
    assert values.shape[1:] == codec.shape
    assert all(n % multiple == 0 for n in codec.shape[1:])
    assert (values * (1 - codec.network_mask) == 0).all()
    back = codec.decode(values)
    np.testing.assert_array_equal(np.isnan(back), np.isnan(states))
    np.testing.assert_allclose(back, states, rtol=3e-7, atol=1e-5)


def test_by_cell_training_states_have_unit_anomalies(store, statistics, training):
    codec = OceanCodec.build(store.grid, store.layout, statistics, normalisation="cell")
    values = codec.encode(training)
    for k in range(len(store.channels)):
        assert np.sqrt((values[:, k][:, store.wet[k]] ** 2).mean()) == pytest.approx(1.0, abs=1e-3)


def test_three_standard_deviations_become_one(store, statistics, training):
    codec = OceanCodec.build(store.grid, store.layout, statistics, normalisation="level", scale=3.0)
    values = codec.encode(training)
    assert values[:, 2][:, store.wet[2]].std(axis=1).mean() == pytest.approx(1 / 3, rel=1e-5)
    assert values[:, 2][:, store.wet[2]].mean() == pytest.approx(0, abs=1e-6)


def test_model_folder_form_is_exact(store, statistics):
    codec = OceanCodec.build(store.grid, store.layout, statistics, every=2, multiple=4)
    again = OceanCodec.from_arrays(store.grid, store.layout, codec.arrays(), every=2, multiple=4)
    np.testing.assert_array_equal(again.mean, codec.mean)
    np.testing.assert_array_equal(again.std, codec.std)


@pytest.mark.parametrize("every", [2, 3])
def test_kept_levels_return_to_the_bit(store, statistics, training, every):
    every_level = OceanCodec.build(store.grid, store.layout, statistics)
    codec = OceanCodec.build(store.grid, store.layout, statistics, every=every)
    full, thinned = (c.decode(c.encode(training[:3])) for c in (every_level, codec))
    kept = [k + n for n in (0, 5) for k in range(0, 5, every)] + [10]
    np.testing.assert_array_equal(thinned[:, kept], full[:, kept])
    np.testing.assert_array_equal(np.isnan(thinned), np.isnan(full))


def test_levels_between_are_linear_in_depth():
    depth = np.array([5.0, 20.0, 60.0, 100.0, 300.0])
    wet = np.ones((5, 2, 2), bool)
    wet[4, 0, 0] = False
    selection = LevelSelection(depth, wet, 2)
    profile = np.broadcast_to((3.0 - 0.01 * depth)[:, None, None], (5, 2, 2))
    out = selection.expand(selection.select(profile))
    np.testing.assert_allclose(out[:, 1, 1], profile[:, 1, 1], rtol=1e-12)
    assert out[3, 0, 0] == profile[2, 0, 0]  # the level below is dry: nothing to interpolate to


def test_padding_is_undone_and_like_the_papers():
    padding = Padding.to_multiple((199, 62), 16)
    assert (padding.y, padding.x) == ((5, 4), (1, 1))
    values = np.random.default_rng(0).standard_normal((3, 199, 62))
    assert padding.pad(values).shape == (3, 208, 64)
    np.testing.assert_array_equal(padding.unpad(padding.pad(values)), values)


def test_levels_that_hardly_vary_are_not_blown_up():
    std = np.array([1.0, 0.5, 1e-9, 0.0, 0.2, 0.1, 0.1, 0.1, 0.1, 0.1, 0.0])
    out = floored(std, Layout.ocean(5).channels)
    np.testing.assert_allclose(out[[0, 1, 2, 3, 4]], [1.0, 0.5, FLOOR, FLOOR, 0.2])
    assert out[-1] > 0


def test_kelvin_in_a_store_is_refused(store):
    figures = {k: dict(v) for k, v in store.statistics.items()}
    for name in figures:
        if name.startswith("thetao"):
            figures[name] |= {"min": figures[name]["min"] + 273.15, "max": figures[name]["max"] + 273.15}
    kelvin = dataclasses.replace(store, attributes={**store.attributes, "statistics": figures})
    with pytest.raises(InputError, match=r"thetao_00.*subtract 273.15"):
        OceanStatistics.of(kelvin)


def test_a_grid_without_levels_is_refused(statistics):
    with pytest.raises(InputError, match="no levels"):
        OceanCodec.build(toy_grid(), Layout.ocean(5), statistics)
    with pytest.raises(InputError, match="no levels"):
        toy_grid().depth  # noqa: B018
    assert toy_dino_grid().levels == 5


def test_along_a_periodic_axis_padding_is_the_other_side():
    padding = Padding.to_multiple((5, 6), 4, periodic=("x",))
    values = np.arange(30.0).reshape(5, 6)
    out = padding.pad(values)
    assert out.shape == (8, 8)
    np.testing.assert_array_equal(out[2:7], np.concatenate([values[:, -1:], values, values[:, :1]], axis=1))
    assert (out[[0, 1, 7]] == 0).all()
    np.testing.assert_array_equal(padding.unpad(out), values)


def test_padding_of_a_closed_axis_counts_in_no_loss(store, statistics, training):
    plain = OceanCodec.build(store.grid, store.layout, statistics)
    around = Padding(y=(2, 1), x=(3, 2), periodic=("x",))
    codec = dataclasses.replace(plain, padding=around)
    np.testing.assert_array_equal(around.unpad(codec.loss_mask), plain.network_mask)
    assert codec.loss_mask.sum() == plain.network_mask.sum() < codec.network_mask.sum()
    open_sides = dataclasses.replace(codec, padding=dataclasses.replace(around, periodic=()))
    np.testing.assert_array_equal(open_sides.loss_mask, open_sides.network_mask)

    class Fields:
        def __len__(self):
            return 4

        def take(self, numbers):
            return codec.encode(training[numbers])

        def conditions(self, numbers):
            return None

    def loss(padding_error, weight):
        """Loss of an estimate that is wrong in the padding only."""
        objective = DenoisingObjective()
        batch = FieldBatches(Fields(), Fields(), objective, 2, 0, weight).batch(0)
        wrong = padding_error * (codec.network_mask - codec.loss_mask)

        class Exact(NetworkDenoiser):
            def forward(self, x_t, t, given=None):
                return batch.x0 + torch.from_numpy(wrong)

        mask = torch.from_numpy(codec.network_mask)
        return objective.loss(Exact(torch.nn.Identity(), SCHEDULES["cosine"](), "v", mask=mask), batch).item()

    assert loss(1.0, None) > 0
    assert loss(1.0, codec.loss_mask) == 0
