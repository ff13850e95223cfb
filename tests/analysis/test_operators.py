"""Observation operators: places, combinations, gradients."""

import numpy as np
import pytest
import torch

from halocline.analysis.operators.combinations.base import COMBINATIONS
from halocline.analysis.operators.observing import ObservationOperator
from halocline.analysis.operators.places.base import PLACES
from halocline.data.grids.remap.axes import along_axes
from halocline.observations.table import Observations
from halocline.physics.eos import DINO_EOS
from tests.ocean_toy import toy_dino_grid as ocean_grid
from tests.toy import toy_grid

CHANNELS = ("sit", "sic", "sid", "siu", "siv")


def table_of(grid, rows, columns, variable, **more):
    place = {"latitude": grid.lat[rows, columns], "longitude": grid.lon[rows, columns]}
    return Observations.of(
        **{"time": 0.0, "value": 0.5, "error": 0.1, "kind": "k", "variable": variable, **place, **more}
    )


@pytest.fixture
def states():
    grid = toy_grid()
    rng = np.random.default_rng(0)
    return grid, np.where(grid.mask, rng.random((3, 5, *grid.shape)), np.nan).astype(np.float32)


def test_what_there_is_is_listed():
    assert set(PLACES) == {"nearest", "bilinear", "area-mean"}
    assert set(COMBINATIONS) == {"value", "ratio", "eastward", "northward", "density"}


def test_the_nearest_cell_and_its_ratio(states):
    grid, x = states
    rows, columns = np.array([6, 10, 12]), np.array([9, 3, 12])
    for name, wanted in (("sic", x[:, 1]), ("sit_ice", x[:, 0] / np.maximum(x[:, 1], 0.05))):
        operator = ObservationOperator(table_of(grid, rows, columns, name), CHANNELS, grid)
        np.testing.assert_allclose(operator.of_arrays(x), wanted[:, rows, columns], rtol=1e-5)


def test_bilinear_and_footprints_reproduce_a_constant_and_footprints_the_mean_by_area(states):
    grid, x = states
    rows, columns = np.array([6, 10]), np.array([9, 3])
    flat = np.where(grid.mask, 0.7, np.nan) * np.ones_like(x)
    for place in ("bilinear", "area-mean"):
        table = table_of(grid, rows, columns, "sic")
        table = table.replace(latitude=table.latitude + 0.7, longitude=table.longitude + 0.7)
        operator = ObservationOperator(table, CHANNELS, grid, {"*": place}, {"*": 9e5})
        np.testing.assert_allclose(operator.of_arrays(flat), 0.7, rtol=1e-6)
    operator = ObservationOperator(table_of(grid, rows, columns, "sic"), CHANNELS, grid, {"k": "area-mean"}, {"k": 9e5})
    cross = [(0, 0), (1, 0), (-1, 0), (0, 1), (0, -1)]
    for k, (row, column) in enumerate(zip(rows, columns, strict=True)):
        at = [(row + a, column + b) for a, b in cross if grid.mask[row + a, column + b]]
        weight = np.array([grid.area[p] for p in at])
        wanted = sum(w * x[:, 1][(slice(None), *p)] for w, p in zip(weight, at, strict=True)) / weight.sum()
        np.testing.assert_allclose(operator.of_arrays(x)[:, k], wanted, rtol=1e-5)


def test_land_is_not_seen(states):
    grid, x = states
    operator = ObservationOperator(table_of(grid, np.array([0, 6]), np.array([0, 9]), "sic"), CHANNELS, grid)
    np.testing.assert_array_equal(operator.seen, [False, True])
    assert np.isnan(operator.of_arrays(x)[:, 0]).all()


def test_drift_to_east_and_north_is_the_vector_turned(states):
    grid, x = states
    rows, columns = np.array([6, 10, 12]), np.array([9, 3, 12])
    along = along_axes(grid)
    drift = sum(x[:, 3 + k, rows, columns][..., None] * along[k][rows, columns] for k in (0, 1))
    lat, lon = np.deg2rad(grid.lat[rows, columns]), np.deg2rad(grid.lon[rows, columns])
    east = np.stack([-np.sin(lon), np.cos(lon), 0 * lon], axis=-1)
    north = np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)], axis=-1)
    for name, way in (("ice_eastward", east), ("ice_northward", north)):
        operator = ObservationOperator(table_of(grid, rows, columns, name), CHANNELS, grid)
        np.testing.assert_allclose(operator.of_arrays(x), (drift * way).sum(axis=-1), rtol=1e-5, atol=1e-6)


def test_a_depth_lies_between_levels():
    grid = ocean_grid()
    levels, (ny, nx) = grid.levels, grid.shape
    channels = tuple(f"thetao_{k:02d}" for k in range(levels))
    z = np.asarray(
        grid.vertical.depth if grid.vertical.depth.ndim == 1 else np.nanmean(grid.vertical.depth, axis=(1, 2))
    )
    x = np.broadcast_to((20 - 0.01 * z)[None, :, None, None], (1, levels, ny, nx)).astype(np.float32)
    deepest = np.unravel_index(int(grid.vertical.mask.sum(axis=0).argmax()), (ny, nx))
    row, column = np.array([deepest[0]]), np.array([deepest[1]])
    depth = 0.3 * z[1] + 0.7 * z[2]
    table = table_of(grid, row, column, "thetao", depth=depth, value=10.0)
    between = ObservationOperator(table, channels, grid, {"*": "bilinear"})
    np.testing.assert_allclose(between.of_arrays(x), 20 - 0.01 * depth, rtol=1e-4)


def test_gradients_of_ratio_and_density_are_right():
    from halocline.analysis.operators.combinations.base import Where

    where = Where(np.array([100.0, 2000.0]), *np.zeros((3, 2, 3)))
    t = torch.tensor([[4.0, 1.0]], dtype=torch.float64, requires_grad=True)
    s = torch.tensor([[35.0, 34.5]], dtype=torch.float64, requires_grad=True)
    for name in ("ratio", "density"):
        assert torch.autograd.gradcheck(lambda t, s, name=name: COMBINATIONS[name]((t, s), where), (t, s))
    made = COMBINATIONS["density"]((t, s), where).detach().numpy()
    np.testing.assert_allclose(made, DINO_EOS.density(t.detach().numpy(), s.detach().numpy(), where.depth))
