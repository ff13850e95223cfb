"""The polar stereographic plane: round trip, true scale, areas, vectors."""

from dataclasses import replace

import numpy as np
import pyproj
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halocline.data.grids.orientation import handedness
from halocline.data.grids.projected import projected_grid
from halocline.data.grids.projection import (
    EARTH_RADIUS,
    Plane,
    PolarStereographic,
    projection_of,
    to_grid,
)
from halocline.runtime.errors import InputError
from halocline.worlds.arctic.domain import arctic_grid

PLANE = PolarStereographic()


@given(st.floats(40, 89.9), st.floats(-180, 179.9))
def test_round_trip(lat, lon):
    again = PLANE.inverse(*PLANE.forward(lat, lon))
    np.testing.assert_allclose(again[0], lat, atol=1e-9)
    assert abs((again[1] - lon + 180) % 360 - 180) < 1e-7


def test_true_scale_at_75_north():
    assert abs(PLANE.scale(75.0) - 1) < 1e-12
    x = np.hypot(*PLANE.forward(75.0, 10.0)) - np.hypot(*PLANE.forward(75.01, 10.0))
    np.testing.assert_allclose(x, np.deg2rad(0.01) * EARTH_RADIUS, rtol=1e-3)


def test_cell_areas_sum_to_the_spherical_cap():
    """Cells of the plane with area dx^2 / k^2 must add up to the cap north of 70N on the sphere."""
    x = (np.arange(800) - 399.5) * 6e3
    lat, _ = PLANE.inverse(*np.meshgrid(x, x))
    area = ((6e3 / PLANE.scale(lat)) ** 2)[lat > 70].sum()
    cap = 2 * np.pi * EARTH_RADIUS**2 * (1 - np.sin(np.deg2rad(70)))
    np.testing.assert_allclose(area, cap, rtol=1e-3)


@given(st.floats(50, 89), st.floats(-180, 180), st.floats(-20, 20), st.floats(-20, 20))
def test_rotation_follows_the_displacement_of_points(lat, lon, east, north):
    """A small step east and north, projected, must point where the rotated vector points."""
    step = 1e-5
    moved = PLANE.forward(lat + np.rad2deg(north * step), lon + np.rad2deg(east * step / np.cos(np.deg2rad(lat))))
    here = PLANE.forward(lat, lon)
    u, v = PLANE.rotate_to_grid(east, north, lon)
    scale = PLANE.scale(lat) * EARTH_RADIUS * step
    np.testing.assert_allclose([moved[0] - here[0], moved[1] - here[1]], [u * scale, v * scale], atol=0.02 * scale * 28)
    np.testing.assert_allclose(to_grid(u, v, -PLANE.turn(lon, lon)), (east, north), atol=1e-9)


POLAR = {"EPSG:3413": 1, "EPSG:3976": -1, "EPSG:6931": 1, "EPSG:6932": -1}
"""Polar stereographic and EASE2 of NSIDC: which pole."""


def test_the_spherical_formulas_are_those_of_proj():
    """The released Arctic grids are made with them; pyproj is the oracle."""
    grid, plane = arctic_grid(100), Plane.of(PLANE.cf_attributes())
    np.testing.assert_allclose(plane.forward(grid.lat, grid.lon), np.meshgrid(grid.x, grid.y), atol=1e-6)
    np.testing.assert_allclose(plane.areal_scale(grid.lat, grid.lon), PLANE.scale(grid.lat) ** 2, rtol=1e-9)
    away = (plane.turn(grid.lat, grid.lon) - PLANE.turn(grid.lat, grid.lon) + np.pi) % (2 * np.pi) - np.pi
    np.testing.assert_allclose(away, 0.0, atol=1e-9)
    assert projection_of(grid.projection) == PLANE


@pytest.mark.parametrize("code", POLAR)
@given(lat=st.floats(50, 89), lon=st.floats(-179.9, 179.9), east=st.floats(-20, 20), north=st.floats(-20, 20))
def test_vectors_point_where_points_move_on_any_plane(code, lat, lon, east, north):
    """North and east of any plane are where a small step north or east leads, on either hemisphere."""
    plane, lat = Plane.of(code), POLAR[code] * lat
    np.testing.assert_allclose(plane.inverse(*plane.forward(lat, lon)), (lat, lon), atol=1e-7)
    here, step, turn = np.array(plane.forward(lat, lon)), 1e-4, plane.turn(lat, lon)
    for moved, vector in (((lat + step, lon), (0.0, 1.0)), ((lat, lon + step), (1.0, 0.0))):
        way = np.array(plane.forward(*moved)) - here
        np.testing.assert_allclose(way / np.hypot(*way), to_grid(*vector, turn), atol=1e-5)
    np.testing.assert_allclose(to_grid(*to_grid(east, north, turn), -turn), (east, north), atol=1e-9)


@pytest.mark.parametrize("code", POLAR)
def test_a_grid_on_either_hemisphere_has_true_areas_and_comes_back(code):
    plane, x = Plane.of(code), (np.arange(80) - 39.5) * 5e4
    grid = projected_grid("polar", plane, x, x, np.ones((80, 80), bool))
    assert np.sign(grid.lat).mean() == POLAR[code]
    again = type(grid).from_dataset(grid.to_dataset())
    assert again.fingerprint() == grid.fingerprint()
    assert projection_of(again.projection).crs == plane.crs
    inside = np.abs(grid.lat) > 75
    ring = pyproj.Geod(ellps="WGS84").polygon_area_perimeter(np.arange(0, 360, 0.1), np.full(3600, 75.0 * POLAR[code]))
    cap = min(abs(ring[0]), 5.1006562e14 - abs(ring[0]))
    np.testing.assert_allclose(grid.area[inside].sum(), cap, rtol=5e-3)
    assert handedness(grid) == 1
    down = replace(grid, y=-grid.y)  # rows in the same order, their coordinate increasing downwards
    assert handedness(down) == -1


@pytest.mark.parametrize("words", ["EPSG:4326", "EPSG:0", "nonsense", {"a": "b"}])
def test_what_is_no_plane_is_refused(words):
    with pytest.raises(InputError, match="EPSG:3976"):
        Plane.of(words)
    assert projection_of({"grid_mapping_name": "latitude_longitude"}) is None
