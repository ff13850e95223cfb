"""The shipped feature extractor: fixed, its own normalisation, blind to land, sensitive to smoothing."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from halocline.evaluate.ice import extractor_net
from halocline.evaluate.ice.features import HandFeatures, load_extractor
from tests.toy import CHANNELS, toy_grid, toy_sample


@pytest.fixture(scope="module")
def grid():
    return toy_grid(32, 2e5)


@pytest.fixture(scope="module")
def states(grid):
    return np.stack([np.where(grid.mask, toy_sample(grid, d), 0) for d in range(0, 360, 30)])


@pytest.fixture(scope="module")
def extractor(grid):
    found = extractor_net.load(grid, CHANNELS)
    assert found is not None, "the wheel must hold the extractor"
    return found


def test_it_is_the_default_and_named(grid, extractor):
    assert load_extractor(grid, CHANNELS, {}).name == extractor.name
    assert "extractor-arctic" in extractor.name


def test_features_are_few_and_do_not_depend_on_the_batch(extractor, states, monkeypatch):
    features = extractor(states)
    assert features.shape == (12, 16)
    monkeypatch.setattr(extractor_net, "BATCH", 5)
    np.testing.assert_allclose(extractor(states), features, atol=1e-4)


def test_land_values_do_not_enter(extractor, states, grid):
    changed = np.where(grid.mask, states, 7.0)
    np.testing.assert_array_equal(extractor(changed), extractor(states))


def test_order_of_channels_is_found_by_name(grid, states, extractor):
    turned = extractor_net.load(grid, CHANNELS[::-1])
    np.testing.assert_allclose(turned(states[:, ::-1]), extractor(states), atol=1e-6)


def test_smoothing_moves_the_features(extractor, states):
    smooth = gaussian_filter(states, (0, 0, 1.5, 1.5))
    spread = extractor(states).std(axis=0)
    assert np.abs((extractor(smooth) - extractor(states)) / spread).max() > 0.5


def test_a_missing_variable_falls_back_to_hand_features(grid):
    statistics = {name: {"mean": 0.0, "std": 1.0} for name in CHANNELS}
    assert extractor_net.load(grid, ("sit", "sic")) is None
    assert isinstance(load_extractor(grid, ("sit", "sic"), statistics), HandFeatures)


def test_sides_that_do_not_divide_fall_back():
    assert extractor_net.load(toy_grid(18), CHANNELS) is None
