"""The wind's layer against Ekman's transport: its size, its side in both hemispheres, its faces and its levels."""

import numpy as np
import pytest

from halocline.physics.flow.ekman import DEPTH, FRICTION, ekman
from halocline.physics.flow.equator import ROTATION
from halocline.physics.flow.faces import Column

RHO0 = 1026.0
NY, NX = 29, 8


def cells(levels=(10.0, 10.0, 10.0, 10.0, 60.0), wet=None, step=5.0):
    lat, lon = np.meshgrid(step * (np.arange(NY) - NY // 2), step * np.arange(NX), indexing="ij")
    thickness = np.broadcast_to(np.array(levels)[:, None, None], (len(levels), NY, NX)).copy()
    wet = np.ones(thickness.shape, bool) if wet is None else wet
    wet_u, wet_v = wet & np.roll(wet, -1, 2), wet & np.roll(wet, -1, 1)
    wet_u[:, :, -1] = wet_v[:, -1] = False
    return Column(np.cumsum(thickness, axis=0) - thickness / 2, thickness, wet_u, wet_v, lat, lon)


def wind(x, y):
    return np.full((NY, NX), x), np.full((NY, NX), y)


def faces_lat(c, axis):
    return 0.5 * (c.lat + np.roll(c.lat, -1, axis))[:-1, :-1]


def test_the_transport_is_right_of_the_wind_in_the_north_and_left_in_the_south():
    c = cells()
    _, v = ekman(wind(0.1, 0.0), c, rho0=RHO0)
    u, _ = ekman(wind(0.0, 0.1), c, rho0=RHO0)
    for field, axis, sign in ((v, 0, -1.0), (u, 1, 1.0)):
        lat = faces_lat(c, axis)
        f = 2 * ROTATION * np.sin(np.radians(lat))
        transport = (field * c.thickness).sum(axis=0)[:-1, :-1]
        far = np.abs(lat) > 20
        np.testing.assert_allclose(transport[far], sign * 0.1 / (RHO0 * f[far]), rtol=0.02)


def test_transport_and_friction_balance_the_stress_everywhere():
    """f k x M + r M = tau / rho0, to rounding."""
    c = cells()
    u, v = ekman(wind(0.08, -0.05), c, rho0=RHO0)
    other_u, other_v = ekman(wind(0.05, 0.08), c, rho0=RHO0)  # the same wind turned left: (u, v) turns alike
    x, y = ((field * c.thickness).sum(axis=0)[:-1, :-1] for field in (u, other_u))
    f, r = 2 * ROTATION * np.sin(np.radians(faces_lat(c, 1))), FRICTION / DEPTH
    # Turned left by 90 degrees (u, v) becomes (-v, u): v at the faces of u is minus u under the turned wind.
    np.testing.assert_allclose(r * x + f * y, 0.08 / RHO0, rtol=1e-9)
    f = 2 * ROTATION * np.sin(np.radians(faces_lat(c, 0)))
    x, y = ((field * c.thickness).sum(axis=0)[:-1, :-1] for field in (other_v, v))
    np.testing.assert_allclose(r * y + f * x, -0.05 / RHO0, rtol=1e-9)


def test_at_the_equator_the_layer_goes_with_the_wind_and_stays_finite():
    c = cells(step=4.0)
    u, _ = ekman(wind(-0.05, 0.0), c, rho0=RHO0)
    _, v = ekman(wind(0.0, -0.05), c, rho0=RHO0)
    middle = NY // 2
    assert u[0, middle, 2] == pytest.approx(-0.05 / (RHO0 * FRICTION))
    assert -0.3 < v[0, middle, 2] < -0.1  # 2 degrees north of it
    assert np.abs(u).max() == np.abs(u[0, middle]).max()


def test_levels_have_their_part_of_the_layer_and_shallow_water_all_of_it():
    wet = np.ones((5, NY, NX), bool)
    wet[2:, :, 5:] = False  # 20 m deep
    c = cells(wet=wet)
    _, v = ekman(wind(0.1, 0.0), c, rho0=RHO0, depth=35.0)
    row = v[:, 24, 2]
    np.testing.assert_allclose(row / row[0], [1, 1, 1, 0.5, 0], atol=1e-12)
    shallow = v[:, 24, 5]
    assert shallow[0] == shallow[1] != 0
    assert not shallow[2:].any()
    np.testing.assert_allclose((row * c.thickness[:, 0, 0]).sum(), 20.0 * shallow[0], rtol=0.02)
    assert not v[~c.wet_v].any()


def test_each_component_takes_the_other_stress_from_the_wet_faces_around():
    """tau_x grows northward by faces of u: v, between two rows, has their mean; a dry column does not count."""
    wet = np.ones((5, NY, NX), bool)
    wet[:, :, 0] = False
    c = cells(wet=wet)
    tau = np.broadcast_to(0.01 * np.arange(NY, dtype=float)[:, None], (NY, NX)).copy()
    tau[:, 0] = 9.0  # on land
    _, v = ekman((tau, np.zeros_like(tau)), c, rho0=RHO0)
    lat, j = c.lat[:, 0], 24
    f, r = 2 * ROTATION * np.sin(np.radians(0.5 * (lat[j] + lat[j + 1]))), FRICTION / DEPTH
    expected = -f * 0.01 * (j + 0.5) / (RHO0 * (f**2 + r**2)) / DEPTH
    np.testing.assert_allclose(v[0, j, 1:-1], expected, rtol=1e-9)
    assert not v[:, :, 0].any()
