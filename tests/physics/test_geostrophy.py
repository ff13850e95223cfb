"""Thermal wind against jets that are known, signs on both hemispheres, staggering, coasts, sloping levels."""

import numpy as np
import pytest

from halocline.physics.flow.balance import Balance
from halocline.physics.flow.equator import RADIUS, ROTATION, equator_weight
from halocline.physics.flow.faces import Column
from halocline.physics.flow.geostrophy import GRAVITY, geostrophic, with_stream_function

RHO0 = 1026.0
LEVELS, NY, NX = 12, 60, 24


def cells(south=30.0, step=0.5, thick=100.0, wet=None):
    lat, lon = np.meshgrid(south + step * np.arange(NY), 0.5 * np.arange(NX), indexing="ij")
    thickness = np.full((LEVELS, NY, NX), thick)
    depth = np.cumsum(thickness, axis=0) - thick / 2
    wet = np.ones(depth.shape, bool) if wet is None else wet
    wet_u, wet_v = wet & np.roll(wet, -1, 2), wet & np.roll(wet, -1, 1)
    wet_u[:, :, -1] = False
    return Column(depth, thickness, wet_u, wet_v, lat, lon)


def jet(c, sign=1.0):
    """Density of an eastward jet: rho = rho0 + S z - (rho0 / g) int f du/dz dy; u = U (1 - z / H) / cosh^2(y / L)."""
    speed, deep, width = 0.5, LEVELS * 100.0, 4e5
    y = RADIUS * np.radians(c.lat - c.lat.mean())
    f = 2 * ROTATION * np.sin(np.radians(c.lat.mean()))
    u = speed * (1 - c.depth / deep) / np.cosh(y / width) ** 2
    # f du/dz = (g / rho0) drho/dy with z up; du/dz = U / H / cosh^2
    rho = RHO0 + 1e-3 * c.depth + sign * RHO0 / GRAVITY * f * speed / deep * width * np.tanh(y / width)
    return rho, u, f


@pytest.mark.parametrize("south", [30.0, -59.5])
def test_the_thermal_wind_of_a_jet(south):
    c = cells(south)
    rho, expected, f = jet(c)
    u, v = geostrophic(rho, c, Balance(RHO0, no_motion=1150.0))
    scale = f / (2 * ROTATION * np.sin(np.radians(c.lat)))  # the jet is made for one f
    inside = np.zeros(c.wet_u.shape, bool)
    inside[:, 2:-2, 1:-2] = True
    np.testing.assert_allclose(u[inside], ((expected - expected[-1]) * scale)[inside], atol=0.01)
    assert np.abs(v[:, :, 1:-2]).max() < 1e-12
    assert u[0, NY // 2, NX // 2] > 0.4


def test_light_water_lies_to_the_right_in_the_north_and_to_the_left_in_the_south():
    """Northern hemisphere: warm (light) water on the right of the current, seen downstream."""
    for south, sign in ((30.0, 1.0), (-59.5, -1.0)):
        c = cells(south)
        rho = RHO0 + 1e-3 * c.depth + 0.5 * (c.lon / c.lon.max())  # light in the west
        _, v = geostrophic(rho, c, Balance(RHO0, no_motion=1150.0))
        inner = v[0, 5:-5, 5:-5]
        assert (np.sign(inner) == -sign).all()  # southward in the north: light water on the right


def test_a_slope_of_the_surface_moves_all_depths_alike():
    c = cells()
    height = 1e-6 * RADIUS * np.cos(np.radians(c.lat)) * np.radians(c.lon)
    _, v = geostrophic(np.full(c.depth.shape, RHO0), c, Balance(RHO0, height=height))
    inside = (slice(None), slice(2, -2), slice(2, -3))
    lat_v = 0.5 * (c.lat + np.roll(c.lat, -1, 0))
    expected = GRAVITY * 1e-6 / (2 * ROTATION * np.sin(np.radians(lat_v)))
    np.testing.assert_allclose(v[inside], np.broadcast_to(expected, v.shape)[inside], rtol=5e-3)
    assert np.ptp(v[:, 20, 10]) < 1e-12


def test_components_lie_on_their_own_faces():
    """A density front between columns 11 and 12: v on the northern faces of both, hardly any two columns away."""
    c = cells()
    rho = RHO0 + 1e-3 * c.depth + np.where(np.arange(NX) > 11, 0.2, 0.0)
    u, v = geostrophic(rho, c, Balance(RHO0, no_motion=1150.0))
    speed = np.abs(v[0, 30])
    assert np.flatnonzero(speed > 0.5 * speed.max()).tolist() == [11, 12]
    assert not speed[:9].any()
    assert not speed[15:].any()
    assert np.abs(u).max() < 1e-12


def test_dry_faces_are_at_rest_and_coasts_do_not_spoil_the_water_beside():
    wet = np.ones((LEVELS, NY, NX), bool)
    wet[:, :, :4] = False
    wet[6:, :, 4:8] = False  # a shelf
    c = cells(wet=wet)
    rho, *_ = jet(c)
    rho = np.where(wet, rho, 0.0)
    u, v = geostrophic(rho, c, Balance(RHO0, no_motion=1150.0))
    assert not u[~c.wet_u].any()
    assert not v[~c.wet_v].any()
    deep = geostrophic(jet(c)[0], cells(), Balance(RHO0, no_motion=1150.0))[0]
    np.testing.assert_allclose(u[:, 5:-5, 10], deep[:, 5:-5, 10], atol=1e-12)
    # On the shelf the level of no motion is the bottom.
    assert abs(u[5, 30, 4]) < 1e-3
    assert u[0, 30, 5] > 0.1


def test_a_current_along_a_coast_keeps_its_speed():
    """One column wide at a western coast, as in coarse models: the mean of means alone halves it."""
    c, f = cells(), 2 * ROTATION * np.sin(np.radians(45.0))
    step = np.radians(0.5) * RADIUS * np.cos(np.radians(c.lat))
    slope = np.where(np.arange(NX) > 0, 0.5 * 0.3, 0.0) * f / GRAVITY * step  # means of 0.3 m/s and none
    _, v = geostrophic(np.full(c.depth.shape, RHO0), c, Balance(RHO0, height=slope))
    middle = NY // 2
    scale = f / (2 * ROTATION * np.sin(np.radians(0.5 * (c.lat[middle, 0] + c.lat[middle + 1, 0]))))
    assert 0.65 * 0.3 < v[0, middle, 0] / scale < 0.3
    assert abs(v[0, middle, 2]) < 0.3 * v[0, middle, 0]


def test_levels_that_slope_through_level_isopycnals_move_nothing():
    c = cells()
    stretch = 1.0 + 0.3 * np.linspace(0, 1, NX)
    sloping = Column(c.depth * stretch, c.thickness * stretch, c.wet_u, c.wet_v, c.lat, c.lon)
    rho = RHO0 + 1e-3 * sloping.depth
    u, v = geostrophic(rho, sloping, Balance(RHO0, height=np.zeros((NY, NX))))
    # What is left is of the upper half of the top cell, whose density is taken as uniform.
    assert max(np.abs(u).max(), np.abs(v).max()) < 2e-4
    flat = geostrophic(rho, cells(), Balance(RHO0, height=np.zeros((NY, NX))))
    assert np.abs(flat[1]).max() > 0.02  # what forgetting the slope would do


def test_the_equator_is_at_rest_by_the_rule():
    c = cells(south=-14.75)
    rho = RHO0 + 1e-3 * c.depth + 0.5 * (c.lon / c.lon.max())
    _, v = geostrophic(rho, c, Balance(RHO0, no_motion=1150.0, rule="zero"))
    lat_v = 0.5 * (c.lat + np.roll(c.lat, -1, 0))
    assert not v[:, (np.abs(lat_v) < 1.5)[:, 0]].any()
    assert np.abs(v).max() < 3 * np.abs(v[:, np.abs(lat_v[:, 0]) > 6]).max()
    np.testing.assert_array_equal(equator_weight(np.array([0.0, 2.0, -2.0, 5.0, -60.0])), [0, 0, 0, 1, 1])
    assert equator_weight(np.array([3.5]))[0] == pytest.approx(0.5)


def test_a_stream_function_gives_transports_without_divergence():
    c = cells()
    rho, *_ = jet(c)
    u, v = geostrophic(rho, c, Balance(RHO0, no_motion=1150.0))
    y, x = np.meshgrid(np.linspace(0, 1, NY), np.linspace(0, 1, NX), indexing="ij")
    psi = 2e7 * np.sin(np.pi * np.clip(1.1 * y - 0.05, 0, 1)) * np.sin(np.pi * np.clip(1.2 * x - 0.1, 0, 1))
    u2, v2 = with_stream_function(u, v, c, psi)
    across = np.diff(psi, axis=0)[:, :-1]
    e2u = RADIUS * np.radians(0.5)
    transport = (u2 * c.thickness).sum(axis=0) * e2u
    np.testing.assert_allclose(transport[1:, :-1], -across, rtol=1e-4, atol=1e3)
    shear = u2[0] - u2[-1]
    np.testing.assert_allclose(shear[:, :-1], (u[0] - u[-1])[:, :-1], atol=1e-12)
    assert np.isfinite(v2).all()


def test_without_a_reference_there_are_no_velocities():
    c = cells()
    with pytest.raises(ValueError, match="level of no motion"):
        geostrophic(np.full(c.depth.shape, RHO0), c, Balance(RHO0))
