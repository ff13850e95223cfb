"""Balance on the corners of a B grid: what POP's gradient balances, coasts, a grid round the globe, depth means."""

import numpy as np
import pytest

from halocline.physics.flow.balance import Balance
from halocline.physics.flow.corners import (
    balanced_at_corners,
    corner_thickness,
    depth_mean,
    ekman_at_corners,
    gradient_at_corners,
    wet_corners,
    with_stream_function_at_corners,
)
from halocline.physics.flow.equator import RADIUS, ROTATION
from halocline.physics.flow.geostrophy import GRAVITY
from tests.physics.test_geostrophy import NX, NY, RHO0, cells, jet

ALL = np.ones((12, NY, NX), bool)


def corners_of(c):
    return wet_corners(np.ones(c.depth.shape, bool), periodic=False)


@pytest.mark.parametrize("south", [30.0, -59.5])
def test_the_thermal_wind_of_a_jet_at_the_corners(south):
    c = cells(south)
    rho, expected, f = jet(c)
    u, v = balanced_at_corners(rho, c, corners_of(c), Balance(RHO0, no_motion=1150.0))
    speed = (expected - expected[-1]) * f / (2 * ROTATION * np.sin(np.radians(c.lat)))
    at_corners = 0.5 * (speed + np.roll(speed, -1, 1))
    np.testing.assert_allclose(u[:, 1:-1, :-1], at_corners[:, 1:-1, :-1], atol=0.003)
    assert np.abs(v).max() < 1e-12
    assert not u[:, -1].any()
    assert not u[:, :, -1].any()


def test_a_corner_balances_the_mean_gradient_of_its_four_cells_exactly():
    """f v = g d(eta)/dx of random heights: (NE + SE - NW - SW) / 2 over the distance, and no wider."""
    c = cells()
    height = np.random.default_rng(0).standard_normal((NY, NX))
    there = corners_of(c)
    u, v = balanced_at_corners(np.full(c.depth.shape, RHO0), c, there, Balance(RHO0, height=height))
    lat = np.radians(0.5 * (c.lat + np.roll(c.lat, -1, 0)))
    dx = RADIUS * np.radians(0.5) * np.cos(np.radians(c.lat))
    slope = (np.roll(height, -1, 1) - height) / dx
    expected = GRAVITY * 0.5 * (slope / (2 * ROTATION * np.sin(np.radians(c.lat))))
    expected = expected + GRAVITY * 0.5 * np.roll(slope / (2 * ROTATION * np.sin(np.radians(c.lat))), -1, 0)
    np.testing.assert_allclose(v[0][there[0]], expected[there[0]], rtol=1e-4)
    dy = RADIUS * np.radians(0.5)
    north = -(np.roll(height, -1, 0) - height) / dy * GRAVITY / (2 * ROTATION * np.sin(lat))
    np.testing.assert_allclose(u[0][there[0]], (0.5 * (north + np.roll(north, -1, 1)))[there[0]], rtol=1e-9)


def test_corners_are_wet_between_four_wet_cells():
    wet = np.ones((1, 4, 5), bool)
    wet[0, 1, 2] = False
    closed, around = (wet_corners(wet, periodic=p)[0] for p in (False, True))
    expected = np.ones((4, 5), bool)
    expected[-1] = False
    expected[0:2, 1:3] = False
    np.testing.assert_array_equal(around, expected)
    expected[:, -1] = False
    np.testing.assert_array_equal(closed, expected)
    thick = np.arange(20.0).reshape(1, 4, 5)
    assert corner_thickness(thick, around[None])[0, 2, 0] == 10.0, "the thinnest of 10, 11, 15, 16"


def test_depth_means_are_those_of_the_stream_function():
    c = cells()
    there = corners_of(c)
    psi = 1e7 * np.sin(np.radians(c.lat * 4)) * np.cos(np.radians(10 * c.lon))
    field = np.random.default_rng(1).standard_normal(c.depth.shape) * there
    u, v = with_stream_function_at_corners(field, field, c, there, psi)
    thick = corner_thickness(c.thickness, there)
    inside = (slice(2, -2), slice(2, -3))
    dy = RADIUS * np.radians(0.5)
    transport = -(np.roll(psi, -1, 0) - np.roll(psi, 1, 0)) / (2 * dy)
    np.testing.assert_allclose((depth_mean(u, thick) * thick.sum(0))[inside], transport[inside], rtol=1e-6, atol=1e-6)
    assert depth_mean(v, thick)[inside].std() > 0
    shear = (u - depth_mean(u, thick))[:, 5:9, 5:9]
    np.testing.assert_allclose(shear, (field - depth_mean(field, thick))[:, 5:9, 5:9], atol=1e-12)


def test_the_gradient_of_a_plane_and_a_wind_that_is_the_same_everywhere():
    c = cells(step=0.5)
    there = corners_of(c)[0]
    along_x, along_y = gradient_at_corners(3.0 * RADIUS * np.radians(c.lat), c, there)
    np.testing.assert_allclose(along_y[there], 3.0, rtol=1e-9)
    assert np.abs(along_x).max() < 1e-12
    wind = (np.full((NY, NX), 0.1), np.zeros((NY, NX)))
    u, v = ekman_at_corners(wind, c, corners_of(c), rho0=RHO0, depth=50.0)
    assert (v[0][there] < 0).all(), "to the right of an eastward wind in the north"
    assert (u[0][there] > 0).all()
    assert not u[1][there].any(), "the layer is half of the first level"
