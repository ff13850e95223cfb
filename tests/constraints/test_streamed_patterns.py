"""Patterns of states that are read one by one: the span of those found at once, in memory that does not grow."""

import tracemalloc

import numpy as np
import pytest

from halocline.constraints.pattern_basis import PatternBasis
from halocline.constraints.streamed_patterns import fit_patterns, fit_streamed
from halocline.runtime.errors import ConfigError
from tests.constraints.test_patterns import LAYOUT, few_modes
from tests.ocean_toy import toy_ocean, toy_ocean_grid

GRID = toy_ocean_grid()


def test_it_spans_what_the_whole_spans():
    states = few_modes(60, modes=6) + 0.02 * few_modes(60, modes=40, seed=3)
    whole, streamed = PatternBasis.fit(states, LAYOUT.wet, 5), fit_streamed(lambda: iter(states), LAYOUT.wet, 5)
    np.testing.assert_allclose(streamed.mean, whole.mean, atol=1e-5)
    np.testing.assert_allclose(streamed.scale, whole.scale, rtol=1e-5)
    cosines = np.linalg.svd(streamed.axes @ whole.axes.T, compute_uv=False)
    assert cosines.min() > 0.9999
    np.testing.assert_allclose((streamed.patterns.astype(float) ** 2).mean(axis=1), 1.0, rtol=1e-2)


def test_hardly_decaying_spectra_keep_nearly_as_much():
    states = toy_ocean(GRID, members=80, seed=2, dtype=np.float32)
    whole, streamed = PatternBasis.fit(states, LAYOUT.wet, 8), fit_streamed(lambda: iter(states), LAYOUT.wet, 8)
    kept = [np.linalg.norm(basis.split(basis.anomaly(states))[0]) for basis in (whole, streamed)]
    assert 0.97 * kept[0] < kept[1] < kept[0] * 1.001


def test_fewer_modes_than_patterns_and_too_few_states():
    states = few_modes(40, modes=3)
    assert len(fit_streamed(lambda: iter(states), LAYOUT.wet, 20).patterns) == 3
    for count in (0, 5):
        with pytest.raises(ConfigError, match="fewer patterns than states"):
            fit_streamed(lambda: iter(few_modes(5)), LAYOUT.wet, count)


def test_memory_is_that_of_the_patterns_not_of_the_states():
    wet = np.ones((2, 60, 60), bool)

    def peak(states):
        def read():
            return (np.random.default_rng(n).standard_normal(wet.shape).astype(np.float32) for n in range(states))

        tracemalloc.start()
        fit_streamed(read, wet, 3, extra=2)
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    assert peak(160) < 1.2 * peak(20)


def test_small_data_are_decomposed_as_before():
    states = few_modes(30)
    before = PatternBasis.fit(states, LAYOUT.wet, 3)
    np.testing.assert_array_equal(fit_patterns(lambda: states, 30, LAYOUT.wet, 3).patterns, before.patterns)
    other = fit_patterns(lambda: states, 30, LAYOUT.wet, 3, limit=1000)
    assert np.linalg.svd(other.axes @ before.axes.T, compute_uv=False).min() > 0.9999
