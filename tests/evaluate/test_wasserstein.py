"""W1 distances against closed forms and scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import wasserstein_distance

from halocline.evaluate.engine.wasserstein import bin_edges, shares, wasserstein
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.families.histograms import HistogramScores
from tests.evaluate.toy_arctic import CHANNELS, GRID, perfect


def distance(a, b, bins=800, weights=None):
    edges = bin_edges(a, b, bins)
    w = np.ones(a.size) if weights is None else weights
    return wasserstein(shares(a[None], edges, w)[0], shares(b[None], edges, np.ones(b.size))[0], edges)


@given(st.floats(0.05, 0.9), st.integers(0, 50))
def test_a_shift_is_its_distance(shift, seed):
    values = np.random.default_rng(seed).normal(0.0, 1.0, 500)
    assert distance(values, values + shift) == pytest.approx(shift, rel=0.02)


@settings(max_examples=25)
@given(st.integers(0, 1000))
def test_agrees_with_scipy_with_weights_and_atoms(seed):
    rng = np.random.default_rng(seed)
    a, b = np.clip(rng.normal(0.2, 0.5, 300), 0, 1), np.clip(rng.normal(0.4, 0.4, 400), 0, 1)
    weights = rng.random(300)
    assert distance(a, b, weights=weights) == pytest.approx(wasserstein_distance(a, b, weights), abs=1.5e-3)


def test_values_far_outside_the_real_range_count_no_less_than_its_end():
    real = np.linspace(0.0, 1.0, 101)
    assert distance(real, real + 100.0) == pytest.approx(1.5, abs=0.01)


def test_moving_one_variable_shows_in_its_histogram_only():
    real, moved = perfect(20, seed=1), perfect(20, seed=1)
    moved[:, 0][:, GRID.mask] += np.float32(0.25)
    family = HistogramScores.over(*(IceCover(states, GRID, CHANNELS) for states in (real, moved)))
    found = family.scores(*(family.summary(x).mean(axis=0)[None] for x in (moved, real)))[0]
    assert found[0] == pytest.approx(0.25, rel=0.02)
    assert found[1:] == pytest.approx(0.0, abs=1e-12)
