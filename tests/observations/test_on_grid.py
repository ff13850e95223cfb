"""Observations on a grid: the cell, weights that reproduce linear fields, vectors turned, the operator H."""

from dataclasses import replace

import numpy as np
import pytest

from halocline.data.grids.grid import Grid
from halocline.data.grids.projection import Plane
from halocline.data.grids.topology import Topology
from halocline.observations.locate import locate
from halocline.observations.on_grid import grid_observations
from halocline.observations.table import Observations
from halocline.runtime.errors import InputError
from tests.observations.grids import polar_grid, without_projection
from tests.ocean_toy import toy_dino_grid, toy_ocean_grid


def rows(lat, lon, variable="sic", value=0.5, **more):
    columns = {"time": 0.0, "error": 0.1, "kind": "concentration"} | more
    return Observations.of(latitude=lat, longitude=lon, variable=variable, value=value, **columns)


def places_in(grid, count=400, seed=0):
    """Places at random within a grid on a plane, and where they lie in cells."""
    rng = np.random.default_rng(seed)
    y, x = rng.uniform(-0.49, grid.shape[0] - 0.51, count), rng.uniform(-0.49, grid.shape[1] - 0.51, count)
    axis = np.arange(grid.shape[0]), np.arange(grid.shape[1])
    step = grid.x[1] - grid.x[0]
    lat, lon = Plane.of(grid.projection).inverse(grid.x[0] + x * step, grid.y[0] + y * step)
    assert len(axis[0])
    return lat, lon, y, x


@pytest.mark.parametrize("crs", ["EPSG:3413", "EPSG:3976", "EPSG:6931"])
def test_places_on_a_plane_lie_where_the_projection_says_and_a_curvilinear_grid_agrees(crs):
    grid = polar_grid(crs=crs)
    lat, lon, y, x = places_in(grid)
    found = locate(grid, lat, lon)
    np.testing.assert_allclose(found.y, y, atol=1e-6)
    np.testing.assert_allclose(found.x, x, atol=1e-6)
    other = locate(without_projection(grid), lat, lon)
    edge = np.minimum.reduce([y, x, grid.shape[0] - 1 - y, grid.shape[1] - 1 - x]) < 0
    np.testing.assert_allclose(other.y[~edge], y[~edge], atol=0.02)
    np.testing.assert_allclose(other.x[~edge], x[~edge], atol=0.02)
    clear = ~edge & (np.abs(y - np.rint(y)) < 0.47) & (np.abs(x - np.rint(x)) < 0.47)
    assert (other.row[clear] == found.row[clear]).all()
    assert (other.column[clear] == found.column[clear]).all()


def test_every_centre_lies_in_its_own_cell_and_places_beyond_the_rim_in_none():
    for grid in (polar_grid(), without_projection(polar_grid()), toy_dino_grid()):
        found = locate(grid, grid.lat.ravel(), grid.lon.ravel())
        np.testing.assert_array_equal(found.row, np.repeat(np.arange(grid.shape[0]), grid.shape[1]))
        np.testing.assert_array_equal(found.column, np.tile(np.arange(grid.shape[1]), grid.shape[0]))
        away = locate(grid, np.array([-75.0, -89.9]), np.array([200.0, -170.0]))
        assert (away.row == -1).all()
        assert np.isnan(away.y).all()


def test_longitudes_of_any_range_and_a_periodic_side():
    grid = toy_dino_grid()
    west = locate(grid, np.full(3, grid.lat[3, 0]), np.array([grid.lon[3, 2], grid.lon[3, 2] + 360, -3.0]))
    assert west.column.tolist() == [2, 2, 0]  # half a cell of 8 degrees west of the first centre, 0.5 east
    lon = np.arange(0.0, 360.0, 45.0)
    lon2, lat2 = np.meshgrid(lon, np.linspace(-60, 60, 7))
    ring = replace(
        grid, x=lon, y=lat2[:, 0], lat=lat2, lon=lon2, area=np.ones((7, 8)), mask=np.ones((7, 8), bool), vertical=None,
        topology=Topology(x="periodic"),
    )  # fmt: skip
    found = locate(ring, np.zeros(3), np.array([-20.0, 350.0, -90.0]))
    assert found.column.tolist() == [0, 0, 6]
    made = grid_observations(rows(np.zeros(1), np.array([-22.5])), ring, "bilinear")
    field = np.broadcast_to(np.cos(np.deg2rad(lon2)), (7, 8))
    np.testing.assert_allclose(made.predicted({"sic": field}), [0.5 * (1 + np.cos(np.pi / 4))])


def test_bilinear_weights_reproduce_a_linear_field_and_leave_land_out():
    grid = polar_grid()
    lat, lon, y, x = places_in(grid)
    made = grid_observations(rows(lat, lon), grid, "bilinear")
    j, i = np.meshgrid(np.arange(grid.shape[1]), np.arange(grid.shape[0]))
    field = np.where(grid.mask, 0.01 * i + 0.02 * j, np.nan)
    land = ~grid.mask[np.rint(y).astype(int), np.rint(x).astype(int)]
    np.testing.assert_array_equal(made.table.flag, np.where(land, 2, 0))
    sea = (np.minimum(y, x) > 0) & (np.maximum(y, x) < 23) & ((y > 4) | (x > 6))
    predicted = made.predicted({"sic": np.stack([field, 2 * field])})
    np.testing.assert_allclose(predicted[0, sea], (0.01 * y + 0.02 * x)[sea], atol=1e-7)
    np.testing.assert_allclose(predicted[1, ~land], 2 * predicted[0, ~land])
    assert np.isfinite(predicted[0, ~land]).all()
    assert np.isnan(predicted[0, land]).all()
    near = grid_observations(rows(lat, lon), grid)
    np.testing.assert_array_equal(near.predicted({"sic": field})[~land], field[near.row, near.column][~land])


def test_thickness_of_ice_is_the_ratio_and_what_states_lack_is_named():
    grid = polar_grid(8)
    made = grid_observations(rows(grid.lat[6, 6:8], grid.lon[6, 6:8], variable="sit_ice"), grid)
    sit, sic = np.full(grid.shape, 1.0), np.full(grid.shape, 0.5)
    sic[6, 7] = 0.0
    np.testing.assert_array_equal(made.predicted({"sit": sit, "sic": sic}), [2.0, np.nan])
    assert made.needs() == ("sit", "sic")
    with pytest.raises(InputError, match=r"states of sit[\s\S]*sic"):
        made.predicted({"sit": sit})
    with pytest.raises(InputError, match="cells"):
        made.predicted({"sit": sit.T[1:], "sic": sic})


def drift(lat, lon, east, north, error=(0.02, 0.04), **more):
    pairs = [
        rows(lat, lon, variable=f"ice_{side}ward", value=value, error=e, kind="buoy", **more)
        for side, value, e in (("east", east, error[0]), ("north", north, error[1]))
    ]
    columns = {n: np.concatenate([p.columns()[n] for p in pairs]) for n in pairs[0].columns()}
    return Observations(**columns)


def test_drift_is_turned_to_the_axes_of_the_grid_with_its_errors():
    grid = polar_grid()
    lat, lon, y, x = places_in(grid, 60)
    sea = (y > 4) | (x > 6)
    lat, lon = lat[sea], lon[sea]
    made = grid_observations(drift(lat, lon, np.full(lat.size, 0.1), np.full(lat.size, 0.3)), grid)
    assert made.table.variable.tolist() == ["siu"] * lat.size + ["siv"] * lat.size
    turn = Plane.of(grid.projection).turn(grid.lat, grid.lon)[made.row, made.column][: lat.size]
    far = grid.lat[made.row, made.column][: lat.size] < 86  # near the pole north turns within a cell
    u, v = made.table.value.reshape(2, -1)
    np.testing.assert_allclose(u[far], (0.1 * np.cos(turn) - 0.3 * np.sin(turn))[far], atol=0.03)
    np.testing.assert_allclose(v[far], (0.1 * np.sin(turn) + 0.3 * np.cos(turn))[far], atol=0.03)
    np.testing.assert_allclose(np.hypot(u, v), np.hypot(0.1, 0.3), rtol=2e-3)
    errors = made.table.error.reshape(2, -1)
    np.testing.assert_allclose((errors**2).sum(axis=0), 0.02**2 + 0.04**2, rtol=5e-3)
    centre = grid_observations(drift(grid.lat[20, 15:16], grid.lon[20, 15:16], np.ones(1), np.zeros(1)), grid)
    here = Plane.of(grid.projection).turn(grid.lat, grid.lon)[20, 15]
    np.testing.assert_allclose(centre.table.value, [np.cos(here), np.sin(here)], atol=1e-9)
    np.testing.assert_array_equal(centre.predicted({"siu": grid.x + 0 * grid.lat, "siv": grid.lat})[0], grid.x[15])


def test_near_the_pole_two_buoys_on_either_side_that_drift_alike_turn_alike():
    grid = polar_grid(25)  # its middle cell is around the pole
    both = drift(np.full(2, 89.9), np.array([45.0, -135.0]), np.array([0.2, -0.2]), np.array([0.1, -0.1]))
    made = grid_observations(both, grid)
    assert (made.row == 12).all()
    np.testing.assert_allclose(made.table.value[0], made.table.value[1], atol=1e-3)
    np.testing.assert_allclose(made.table.value[2], made.table.value[3], atol=1e-3)


def test_one_component_alone_is_excluded_and_so_is_one_whose_partner_is():
    grid = polar_grid()
    lat, lon = grid.lat[20, 10:13], grid.lon[20, 10:13]
    made = grid_observations(rows(lat, lon, variable="ice_eastward"), grid)
    assert made.table.flag.tolist() == [5, 5, 5]
    assert np.isnan(made.predicted({"siu": grid.lat, "siv": grid.lat})).all()
    pair = drift(lat[:1], lon[:1], np.ones(1), np.ones(1))
    flagged = grid_observations(pair.replace(flag=np.array([0, 1], np.int8)), grid)
    assert flagged.table.flag.tolist() == [5, 1]
    with pytest.raises(InputError, match="vectors along the axes"):
        flagged.table.write("never.nc")


def test_depths_lie_in_the_level_that_holds_them_and_between_centres():
    grid = toy_dino_grid()  # levels of 20, 40, 80, 160, 320 m
    lat, lon = np.full(6, grid.lat[3, 4]), np.full(6, grid.lon[3, 4])
    depth = np.array([0.0, 19.0, 21.0, 50.0, 610.0, 630.0])
    table = rows(lat, lon, variable="thetao", value=5.0, depth=depth, kind="profile")
    near = grid_observations(table, grid)
    assert near.level.tolist() == [0, 0, 1, 1, 4, -1]
    assert near.table.flag.tolist() == [0, 0, 0, 0, 0, 2]
    field = np.where(grid.wet, grid.depth, np.nan)
    made = grid_observations(table, grid, "bilinear").predicted({"thetao": field})
    first, last = grid.depth[[0, -1], 3, 4]
    np.testing.assert_allclose(made, [first, 19.0, 21.0, 50.0, last, np.nan])
    shallow = rows(grid.lat[3:4, 1], grid.lon[3:4, 1], variable="so", value=35.0, depth=200.0, kind="profile")
    assert grid_observations(shallow, grid).table.flag[0] == 2
    surface = grid_observations(rows(lat[:1], lon[:1], variable="zos", value=0.1, kind="altimeter"), grid, "bilinear")
    np.testing.assert_allclose(surface.predicted({"zos": grid.lat}), grid.lat[3, 4])


def test_a_grid_without_positions_or_levels_is_refused():
    with pytest.raises(InputError, match="no levels"):
        grid_observations(rows([80.0], [0.0], variable="so", value=35.0, depth=5.0), polar_grid())
    grid = toy_ocean_grid()
    blind = Grid.of_columns(grid.columns, area=grid.area, lat=grid.lat)
    with pytest.raises(InputError, match="longitude of the grid"):
        grid_observations(rows([0.0], [0.0]), blind)


def equator():
    """8 x 8 cells of one degree."""
    axis = np.arange(8.0)
    lon, lat = np.meshgrid(axis, axis)
    plane = {"grid_mapping_name": "latitude_longitude"}
    return Grid("equator", axis, axis, lat, lon, np.full((8, 8), 1.2e10), np.ones((8, 8), bool), 111.2e3, plane)


@pytest.mark.parametrize("kind", ["plane", "curvilinear", "latitudes and longitudes"])
@pytest.mark.parametrize("axis", [0, 1])
def test_a_grid_of_one_row_or_column_holds_what_lies_within_half_a_cell_of_it(kind, axis):
    whole = polar_grid(8) if kind != "latitudes and longitudes" else equator()
    cut = (slice(3, 4), slice(None)) if axis == 0 else (slice(None), slice(3, 4))
    fields = {name: getattr(whole, name)[cut] for name in ("lat", "lon", "area", "mask")}
    axes = {"y": whole.y[cut[0]], "x": whole.x[cut[1]]}
    one = replace(whole, **fields, **axes)
    one = without_projection(one) if kind == "curvilinear" else one
    found = locate(one, one.lat.ravel(), one.lon.ravel())
    np.testing.assert_array_equal(np.stack([found.row, found.column]), np.indices(one.shape).reshape(2, -1))
    further = locate(one, whole.lat.ravel(), whole.lon.ravel())
    assert (further.row >= 0).sum() == one.mask.size
    with pytest.raises(InputError, match="one row does not tell"):
        locate(replace(one, spacing=float("nan")), one.lat.ravel(), one.lon.ravel())
