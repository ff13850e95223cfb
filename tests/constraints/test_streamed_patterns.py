"""Patterns of states that are read one by one: the span of those found at once, in memory that does not grow."""

import tracemalloc

import numpy as np
import pytest

from halocline.constraints.named.patterns import OnPatterns
from halocline.constraints.pattern_basis import PatternBasis
from halocline.constraints.streamed_patterns import fit_patterns, fit_streamed
from halocline.runtime import limits
from halocline.runtime.errors import ConfigError
from tests.constraints.test_patterns import LAYOUT, few_modes
from tests.ocean_toy import toy_ocean, toy_ocean_grid

GRID = toy_ocean_grid()
WHOLE, BLOCKS = 2_000_000_000, 40_000
"""Limits: all cells at once, or many blocks."""


def counted(states):
    """Return a reader of states, and how often each was read."""
    times = []

    def read():
        times.append(1)
        return iter(states)

    return read, times


@pytest.mark.parametrize("limit", [WHOLE, BLOCKS])
@pytest.mark.parametrize(("members", "count"), [(60, 5), (400, 5)])
def test_it_spans_what_the_whole_spans(limit, members, count):
    states = few_modes(members, modes=6) + 0.02 * few_modes(members, modes=40, seed=3)
    whole = PatternBasis.fit(states, LAYOUT.wet, count)
    streamed = fit_streamed(lambda: iter(states), LAYOUT.wet, count, limit=limit)
    np.testing.assert_allclose(streamed.mean, whole.mean, atol=1e-5)
    np.testing.assert_allclose(streamed.scale, whole.scale, rtol=1e-5)
    cosines = np.linalg.svd(streamed.axes @ whole.axes.T, compute_uv=False)
    assert cosines.min() > 0.9999
    np.testing.assert_allclose((streamed.patterns.astype(float) ** 2).mean(axis=1), 1.0, rtol=1e-2)


def test_few_states_are_taken_by_their_products_and_many_by_sketches():
    limit = 8 * 15 * int(LAYOUT.wet.sum()) // 4  # four blocks of a sketch of 15
    for members, blocks in ((45, 12), (400, 2 * 3 * 4)):
        read, times = counted(few_modes(members, modes=6) + 0.02 * few_modes(members, modes=40, seed=3))
        basis = fit_streamed(read, LAYOUT.wet, 5, limit=limit)
        assert len(basis.patterns) == 5
        assert blocks + 4 <= len(times) <= blocks + 12


@pytest.mark.parametrize("limit", [WHOLE, BLOCKS])
def test_hardly_decaying_spectra_keep_nearly_as_much(limit):
    states = toy_ocean(GRID, members=80, seed=2, dtype=np.float32)
    whole = PatternBasis.fit(states, LAYOUT.wet, 8)
    streamed = fit_streamed(lambda: iter(states), LAYOUT.wet, 8, limit=limit)
    kept = [np.linalg.norm(basis.split(basis.anomaly(states))[0]) for basis in (whole, streamed)]
    assert 0.97 * kept[0] < kept[1] < kept[0] * 1.001


@pytest.mark.parametrize("limit", [WHOLE, BLOCKS])
def test_fewer_modes_than_patterns_and_too_few_states(limit):
    states = few_modes(40, modes=3)
    assert len(fit_streamed(lambda: iter(states), LAYOUT.wet, 20, limit=limit).patterns) == 3
    for count in (0, 5):
        with pytest.raises(ConfigError, match="fewer patterns than states"):
            fit_streamed(lambda: iter(few_modes(5)), LAYOUT.wet, count, limit=limit)


@pytest.mark.parametrize("states", [4, 20])
def test_memory_is_that_of_blocks_and_patterns_not_of_the_states(states):
    wet = np.ones((6, 50, 50), bool)

    def read():
        return (np.random.default_rng(n).standard_normal(wet.shape, np.float32) for n in range(states))

    fit_streamed(read, wet, 3, extra=2)
    tracemalloc.start()
    basis = fit_streamed(read, wet, 3, extra=2, turns=1, limit=100_000)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    one = 4 * wet.size
    assert most < 4 * one + 1.5 * 100_000 + basis.patterns.nbytes + 16 * states**2


def test_small_data_are_decomposed_as_before():
    states = few_modes(30)
    before = PatternBasis.fit(states, LAYOUT.wet, 3)
    np.testing.assert_array_equal(fit_patterns(lambda: states, 30, LAYOUT.wet, 3).patterns, before.patterns)
    other = fit_patterns(lambda: states, 30, LAYOUT.wet, 3, limit=1000)
    assert np.linalg.svd(other.axes @ before.axes.T, compute_uv=False).min() > 0.9999


def test_a_large_basis_projects_channel_by_channel_to_the_same_states(monkeypatch):
    basis = PatternBasis.fit(few_modes(30), LAYOUT.wet, 3)
    states = toy_ocean(GRID, members=3, seed=5, dtype=np.float32)
    near = OnPatterns(basis)
    whole, residual = near.project(states), near.residual(states)
    monkeypatch.setattr(limits, "AT_ONCE", 1)
    assert basis.large
    np.testing.assert_allclose(near.project(states), whole, rtol=1e-6)
    np.testing.assert_allclose(near.residual(states), residual, rtol=1e-6)
    np.testing.assert_array_equal(near.project(whole), whole)
