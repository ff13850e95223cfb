"""Constraints block by block: the same states to the bit, in memory that does not grow with the grid's depth."""

import tracemalloc

import numpy as np
import pytest

from halocline.constraints.level_means import KINDS, means_of
from halocline.constraints.named.contents import LevelMeans
from halocline.constraints.named.sort import ThorpeSorted
from halocline.constraints.named.stability import MinimumChange
from halocline.constraints.project_all import project_all
from halocline.data.grids.grid_layout import GridLayout
from halocline.physics.means import plane_sums
from halocline.runtime import limits
from tests.ocean_toy import toy_ocean, toy_ocean_grid

GRID = toy_ocean_grid(levels=20, ny=23, nx=17)
LAYOUT = GridLayout.ocean(GRID)


@pytest.mark.parametrize("kind", [MinimumChange, ThorpeSorted])
@pytest.mark.parametrize("reference", ["local", 0.0, "both"])
@pytest.mark.parametrize("noise", [0.03, 0.3])
def test_stable_columns_in_one_block_and_row_by_row(monkeypatch, kind, reference, noise):
    states = toy_ocean(GRID, members=2, noise=noise, seed=3, dtype=np.float32)
    near = kind(LAYOUT, reference=reference)
    whole, residual = near.project(states), near.residual(states)
    monkeypatch.setattr(limits, "AT_ONCE", 1)
    np.testing.assert_array_equal(near.project(states), whole)
    np.testing.assert_array_equal(near.residual(states), residual)
    assert (whole != states).any()


@pytest.mark.parametrize("kind", KINDS)
def test_means_level_by_level_are_those_of_all_levels_at_once(kind):
    states = toy_ocean(GRID, members=3, seed=1, dtype=np.float32)
    cells, fields = np.zeros((len(LAYOUT.fields), *GRID.shape)), LAYOUT.fields
    for name in ("thetao", "so"):
        cells[fields[name]] = GRID.volume
    cells[-1] = np.where(GRID.mask, GRID.area, 0.0)
    sums, total = np.stack([plane_sums(state, cells) for state in states]), cells.sum(axis=(1, 2))
    wet = np.flatnonzero(GRID.wet.any(axis=(1, 2)))
    groups = [slice(k, k + 1) for k in wet] if kind == "level-means" else [slice(None)]
    numbers = [fields.numbers(name)[group] for name in ("thetao", "so") for group in groups] + [[-1]]
    expected = np.stack([sums[:, n].sum(axis=1) / total[n].sum() for n in numbers], axis=1)
    np.testing.assert_allclose(means_of(states, LAYOUT, kind), expected, rtol=1e-14)


def test_memory_is_a_copy_of_the_states_and_a_block(monkeypatch):
    grid = toy_ocean_grid(levels=40, ny=60, nx=50)
    layout, block = GridLayout.ocean(grid), 2_000_000
    states = toy_ocean(grid, members=1, noise=0.3, dtype=np.float32)
    wanted = means_of(states + np.float32(0.1), layout, "level-means")
    chosen = [LevelMeans(layout, wanted), MinimumChange(layout)]
    monkeypatch.setattr(limits, "AT_ONCE", block)
    project_all(states[:, :, :9, :9], [], layout.fields.channel_fields)
    tracemalloc.start()
    project_all(states, chosen, layout.fields.channel_fields)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2 * states.nbytes + 2 * block  # what went in and what comes out; a whole in double precision is 2.5
