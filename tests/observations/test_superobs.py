"""Superobservations: weighted means with the error of the mean, sorts kept apart, vectors carried."""

import numpy as np
import pytest

from halocline.observations.on_grid import grid_observations
from halocline.observations.superobs import superob
from halocline.observations.table import Observations, concatenate
from halocline.runtime.errors import ConfigError, InputError
from tests.observations.grids import polar_grid
from tests.observations.test_on_grid import drift, rows
from tests.ocean_toy import toy_dino_grid


def in_cell(count, row=20, column=15, **more):
    grid = polar_grid()
    return rows(np.full(count, grid.lat[row, column]), np.full(count, grid.lon[row, column]), **more)


def test_the_mean_is_weighted_and_its_error_is_that_of_independent_errors_and_shared_representativeness():
    table = in_cell(3, value=[0.2, 0.5, 0.8], error=[0.1, 0.2, 0.1], representativeness=[0.05, 0.05, 0.1])
    made = superob(table, polar_grid())
    w = 1 / table.sigma**2
    np.testing.assert_allclose(made.value, (w * table.value).sum() / w.sum())
    np.testing.assert_allclose(made.error, np.sqrt((w**2 * table.error**2).sum()) / w.sum())
    np.testing.assert_allclose(made.representativeness, (w * table.representativeness).sum() / w.sum())
    more = superob(table, polar_grid(), representativeness={"sic": 0.3})
    np.testing.assert_allclose(more.representativeness, np.hypot(made.representativeness, 0.3))


def test_equal_errors_fall_with_the_root_of_the_number_and_the_stated_error_is_that_of_the_mean():
    rng = np.random.default_rng(0)
    days = np.repeat(np.arange(200), 25)
    values = 0.5 + 0.1 * rng.standard_normal(days.size)
    made = superob(in_cell(days.size, time=24.0 * days, value=values, error=0.1), polar_grid())
    np.testing.assert_allclose(made.error, 0.02)
    assert abs((made.value - 0.5).std() / 0.02 - 1) < 0.15


def test_nothing_is_joined_across_variables_kinds_days_levels_or_cells():
    one = in_cell(2, value=0.5)
    parts = [
        one,
        one.replace(time=one.time + 24),
        one.replace(kind=np.full(2, "ship")),
        one.replace(variable=np.full(2, "sit_ice")),
        in_cell(2, row=21, value=0.5),
    ]
    made = superob(concatenate(parts), polar_grid())
    assert len(made) == 5
    assert len(superob(concatenate(parts), polar_grid(), hours=48)) == 4
    ocean = toy_dino_grid()
    table = rows(
        np.full(4, ocean.lat[3, 4]), np.full(4, ocean.lon[3, 4]), variable="thetao", value=5.0,
        depth=[1.0, 5.0, 30.0, 40.0], kind="profile",
    )  # fmt: skip
    deep = superob(table, ocean)
    np.testing.assert_allclose(np.sort(deep.depth), [3.0, 35.0])


def test_means_of_a_field_are_those_of_its_rows_and_land_and_flags_are_left_out():
    grid = polar_grid()
    rng = np.random.default_rng(1)
    lat, lon = rng.uniform(78, 89.9, 3000), rng.uniform(-180, 180, 3000)
    value = rng.uniform(0, 1, 3000)
    flag = np.where(rng.uniform(size=3000) < 0.1, 1, 0)
    table = rows(lat, lon, value=value, error=0.1, flag=flag)
    made = superob(table, grid)
    good = grid_observations(table, grid)
    cell = good.row * 24 + good.column
    used = good.table.good
    sums, counts = np.bincount(cell[used], value[used], 576), np.bincount(cell[used], minlength=576)
    where = grid_observations(made, grid)
    at = where.row * 24 + where.column
    assert len(made) == (counts > 0).sum()
    np.testing.assert_allclose(made.value, sums[at] / counts[at])
    np.testing.assert_allclose(made.error, 0.1 / np.sqrt(counts[at]))
    kept = superob(table, grid, keep=True)
    assert (kept.flag == 4).sum() == used.sum()
    assert (kept.flag == 1).sum() == (flag == 1).sum()


def test_censored_rows_make_a_censored_cell_where_they_prevail_and_count_as_the_bound_where_not():
    most = in_cell(3, value=[0.0, 0.0, 0.06], error=0.1, censored=[-1, -1, 0])
    made = superob(most, polar_grid())
    assert (made.value[0], made.censored[0]) == (0.0, -1)
    few = in_cell(3, value=[0.9, 1.0, 0.95], error=0.1, censored=[0, 1, 0])
    made = superob(few, polar_grid())
    assert made.censored[0] == 0
    np.testing.assert_allclose(made.value, 0.95)


def test_vectors_around_the_pole_are_averaged_as_vectors():
    grid = polar_grid(25)  # one cell around the pole
    lon = np.arange(0.0, 360.0, 30.0)
    # One drift in space, seen at places all round the pole: its components east and north differ at each.
    flow = np.array([0.1, 0.25, 0.0])
    e = np.stack([-np.sin(np.deg2rad(lon)), np.cos(np.deg2rad(lon)), 0 * lon], axis=-1)
    n = -np.stack([np.cos(np.deg2rad(lon)), np.sin(np.deg2rad(lon)), 0 * lon], axis=-1)
    table = drift(np.full(lon.size, 89.8), lon + 1.0 * 0, e @ flow, n @ flow, error=(0.02, 0.02))
    made = superob(table, grid)
    assert sorted(made.variable) == ["ice_eastward", "ice_northward"]
    np.testing.assert_allclose(np.hypot(*made.value), np.hypot(0.1, 0.25), rtol=1e-3)
    np.testing.assert_allclose(made.error, 0.02 / np.sqrt(lon.size), rtol=2e-2)
    on = grid_observations(made, grid).table
    before = grid_observations(table, grid).table
    for name in ("siu", "siv"):
        np.testing.assert_allclose(
            on.value[on.variable == name], before.value[before.variable == name].mean(), atol=1e-3
        )


def test_components_of_different_errors_stay_together_and_lone_ones_are_left_out():
    grid = polar_grid()
    lat, lon = grid.lat[20, 10:12], grid.lon[20, 10:12]
    table = drift(np.repeat(lat, 3), np.repeat(lon, 3), np.arange(6) / 10, np.ones(6) / 10, error=(0.02, 0.06))
    made = superob(table, grid)
    assert grid_observations(made, grid).table.good.all()
    lone = table.select(np.arange(len(table)) != 0)
    assert grid_observations(superob(lone, grid), grid).table.good.all()


def test_what_is_wrong_is_named():
    with pytest.raises(InputError, match="representativeness of sit"):
        superob(in_cell(2), polar_grid(), representativeness={"sit": 0.1})
    with pytest.raises(ConfigError, match="superob hours"):
        superob(in_cell(2), polar_grid(), hours=0)
    assert len(superob(Observations.empty(), polar_grid())) == 0
