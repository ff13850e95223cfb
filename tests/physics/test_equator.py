"""Balance at the equator against jets that are known, on coarse and fine rows, and what either rule leaves alone."""

import numpy as np
import pytest

from halocline.physics.flow.balance import Balance
from halocline.physics.flow.equator import RADIUS, ROTATION, balancing, beta_weight, equator_weight
from halocline.physics.flow.faces import Column
from halocline.physics.flow.geostrophy import GRAVITY, geostrophic

RHO0 = 1026.0
BETA = 2 * ROTATION / RADIUS


def gradient_of(jet, lat, constant=0.0):
    """The gradient that a velocity balances, f V, plus one that the wind holds at the equator."""
    return 2 * ROTATION * np.sin(np.radians(lat)) * jet + constant * np.exp(-((lat / 2.0) ** 2))


@pytest.mark.parametrize(("step", "off"), [(0.1, 0.04), (0.5, 0.04), (1.0, 0.04), (2.0, 0.25)])
@pytest.mark.parametrize("shift", [0.0, 0.5])
def test_an_equatorial_jet_of_two_degrees_comes_back(step, off, shift):
    """u = exp(-(lat / 2)2 / 2) at faces on the equator or half a row beside it; at 2 degrees it is two rows wide."""
    lat = (step * (np.arange(-round(15 / step), round(15 / step) + 1) + shift))[:, None].repeat(3, 1)
    jet = np.exp(-0.5 * (lat / 2.0) ** 2)
    wet = np.ones((2, *lat.shape), bool)
    found = balancing(np.stack([gradient_of(jet, lat)] * 2), wet, lat, "beta", 2.2)
    assert np.abs(found - jet).max() < off
    at_rest = balancing(np.stack([gradient_of(jet, lat)] * 2), wet, lat, "zero", 5.0)
    assert np.abs(at_rest - jet).max() > 0.8


def test_a_wide_jet_is_exact_and_far_from_the_equator_both_rules_agree():
    lat = np.arange(-30.0, 30.1, 0.5)[:, None].repeat(2, 1)
    jet = 0.3 * np.exp(-((lat / 12.0) ** 2)) + 0.1 * np.sin(np.radians(4 * lat))
    wet = np.ones((1, *lat.shape), bool)
    found = balancing(gradient_of(jet, lat)[None], wet, lat, "beta", 2.2)
    np.testing.assert_allclose(found[0], jet, atol=2e-3)
    far = np.abs(lat) > 9
    other = balancing(gradient_of(jet, lat)[None], wet, lat, "zero", 5.0)
    np.testing.assert_allclose(found[0][far], other[0][far], rtol=1e-6)


def test_what_the_wind_holds_at_the_equator_moves_nothing():
    """A uniform gradient is the constant of the series: f-plane balance alone would make it 1/y."""
    lat = np.arange(-10.25, 10.3, 0.5)[:, None].repeat(2, 1)
    wet = np.ones((1, *lat.shape), bool)
    held = np.full((1, *lat.shape), 1e-7)
    found = balancing(held, wet, lat, "beta", 2.2)
    f = 2 * ROTATION * np.sin(np.radians(lat))
    left = (1 - beta_weight(lat, 2.2)) * (1 - beta_weight(lat, 1.1))
    np.testing.assert_allclose(found[0], held[0] / f * left, rtol=1e-5, atol=1e-10)
    assert np.abs(found).max() < 0.2 * np.abs(held[0] / f).max()


def test_the_jet_of_a_surface_has_its_sign_and_lies_on_its_faces():
    """Height that falls away from the equator with the square of the latitude: eastward, g 2 h / (beta L2)."""
    ny, nx = 41, 6
    lat, lon = np.meshgrid(0.5 * (np.arange(ny) - 20.25), 0.5 * np.arange(nx), indexing="ij")
    thickness = np.full((2, ny, nx), 50.0)
    wet = np.ones(thickness.shape, bool)
    wet_u, wet_v = wet.copy(), wet.copy()
    wet_u[:, :, -1] = wet_v[:, -1] = False
    cells = Column(np.cumsum(thickness, axis=0) - 25.0, thickness, wet_u, wet_v, lat, lon)
    curve, y = 1e-13, RADIUS * np.radians(lat)  # m-1
    u, v = geostrophic(np.full(thickness.shape, RHO0), cells, Balance(RHO0, height=-0.5 * curve * y**2))
    expected = GRAVITY * curve / BETA
    inside = u[:, 3:-3, :-1]
    np.testing.assert_allclose(inside, expected, rtol=0.02)
    assert not v.any()
    assert not u[:, :, -1].any()


def test_land_at_the_equator_and_too_few_faces():
    lat = np.arange(-10.0, 10.1, 1.0)[:, None].repeat(3, 1)
    jet = np.exp(-0.5 * (lat / 2.0) ** 2)
    wet = np.ones((1, *lat.shape), bool)
    wet[0, np.abs(lat[:, 1]) < 1.5, 1] = False  # an island across the equator
    wet[0, :, 2] = (np.abs(lat[:, 2]) < 1.5) | (np.abs(lat[:, 2]) > 8.5)  # three faces near it: no cubic
    found = balancing(np.where(wet, gradient_of(jet, lat), 1e3), wet, lat, "beta", 2.2)
    assert not found[~wet].any()
    assert np.abs(found[0, :, 1] - np.where(wet[0, :, 1], jet[:, 1], 0.0)).max() < 0.1
    assert np.isfinite(found).all()
    # Without a series the balance fades out towards the equator.
    np.testing.assert_allclose(found[0, [9, 10, 11], 2] / jet[[9, 10, 11], 2], np.array([1, 0, 1]) * 0.5624, atol=1e-3)


def test_weights():
    np.testing.assert_array_equal(equator_weight(np.array([0.0, 2.0, -2.0, 5.0, -60.0])), [0, 0, 0, 1, 1])
    assert equator_weight(np.array([3.5]))[0] == pytest.approx(0.5)
    np.testing.assert_allclose(beta_weight(np.array([0.0, 2.2, -2.2])), [1, np.exp(-1), np.exp(-1)])
