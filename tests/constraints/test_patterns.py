"""Patterns: found, stored, and projected on; noise goes, what the training states do stays."""

import numpy as np
import pytest

import halocline
from halocline.constraints.named.patterns import OnPatterns
from halocline.constraints.pattern_basis import PatternBasis
from halocline.data.grids.grid_layout import GridLayout
from halocline.runtime.errors import ConfigError, InputError
from tests.ocean_toy import toy_ocean, toy_ocean_dataset, toy_ocean_grid

GRID = toy_ocean_grid()
LAYOUT = GridLayout.ocean(GRID)
RNG = np.random.default_rng(5)
SCALES = np.concatenate([np.full(GRID.levels, 2.0), np.full(GRID.levels, 0.1), [0.3]])


def few_modes(members, modes=3, seed=7):
    """States that differ in ``modes`` fields only, about a mean state, in the channels' own units."""
    fixed = np.random.default_rng(1)
    mean, fields = fixed.standard_normal((len(LAYOUT.fields), 1, 1)), fixed.standard_normal((modes, *LAYOUT.wet.shape))
    amplitudes = np.random.default_rng(seed).standard_normal((members, modes)) * np.arange(modes, 0, -1)
    states = SCALES[:, None, None] * (mean + np.einsum("nm,mcyx->ncyx", amplitudes, fields))
    return np.where(LAYOUT.wet, states, np.nan).astype(np.float32)


def test_states_of_the_modes_are_kept_and_noise_is_taken_away():
    on = OnPatterns(PatternBasis.fit(few_modes(40), LAYOUT.wet, 3))
    clean = few_modes(6, seed=8)
    assert (on.residual(clean) < 2e-3).all()  # float16 patterns
    noise = 0.3 * SCALES[:, None, None] * RNG.standard_normal(clean.shape)
    noisy = (clean + noise).astype(np.float32)
    assert on.residual(noisy).min() > 0.05
    left = (on.project(noisy) - clean)[:, LAYOUT.wet] / noise.std()
    assert np.sqrt((left**2).mean()) < 3 * np.sqrt(
        3 / LAYOUT.wet.sum()
    )  # the noise's share in three of so many directions
    assert np.isnan(on.project(noisy)[:, ~LAYOUT.wet]).all()


def test_the_projection_is_orthogonal_and_repeats_itself_to_the_bit():
    basis = PatternBasis.fit(few_modes(30, modes=8), LAYOUT.wet, 5)
    on, states = OnPatterns(basis), toy_ocean(GRID, members=3, dtype=np.float32)
    once = on.project(states)
    np.testing.assert_array_equal(on.project(once), once)
    assert (on.residual(once) <= on.tolerance).all()
    moved = basis.anomaly(states) - basis.anomaly(once)
    assert np.abs(moved @ basis.axes.T).max() < 1e-4 * np.abs(moved).max() * np.sqrt(moved.shape[1])


def test_patterns_are_ordered_and_scaled_and_survive_storage():
    states = few_modes(40, modes=4)
    basis = PatternBasis.fit(states, LAYOUT.wet, 4)
    np.testing.assert_allclose((basis.patterns.astype(float) ** 2).mean(axis=1), 1.0, atol=2e-3)
    lost = []
    for count in (1, 2, 3, 4):
        arrays = basis.arrays() | {"patterns": basis.patterns[:count]}
        lost.append(OnPatterns(PatternBasis.from_arrays(LAYOUT.wet, arrays)).residual(states).mean())
    assert lost == sorted(lost, reverse=True)
    assert lost[-1] < 2e-3 < 0.1 < lost[0]
    again = PatternBasis.from_arrays(LAYOUT.wet, basis.arrays())
    noisy = toy_ocean(GRID, members=2, dtype=np.float32)
    np.testing.assert_array_equal(OnPatterns(again).project(noisy), OnPatterns(basis).project(noisy))


def test_more_patterns_than_the_states_have_are_left_out():
    basis = PatternBasis.fit(few_modes(40, modes=3), LAYOUT.wet, 20)
    assert len(basis.patterns) == 3


@pytest.mark.parametrize("count", [0, 5, 6])
def test_too_few_states(count):
    with pytest.raises(ConfigError, match="fewer patterns than states"):
        PatternBasis.fit(few_modes(5), LAYOUT.wet, count)


def test_on_a_users_dataset():
    training, dataset = toy_ocean_dataset(members=20, seed=4), toy_ocean_dataset()
    out, (moved, stable) = halocline.constrain(
        dataset, ["patterns", "stability"], patterns_from=training, patterns=8, reference="local"
    )
    assert moved.residual_before > 0.05 > moved.tolerance >= moved.residual_after
    assert stable.residual_end == 0
    assert moved.residual_end < moved.residual_before
    assert out.attrs["halocline_constraints"] == "patterns, stability"
    with pytest.raises(ConfigError, match="--patterns-from"):
        halocline.constrain(dataset, ["patterns"])
    with pytest.raises(InputError, match="without zos"):
        halocline.constrain(dataset, ["patterns"], patterns_from=training.drop_vars("zos"))
