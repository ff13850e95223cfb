"""Potential temperature against the check values of UNESCO 44 and against TEOS-10."""

import numpy as np
import pytest

from halocline.physics.potential_temperature import adiabatic_gradient, moved_to, pressure_at


def test_check_values_of_the_algorithms():
    np.testing.assert_allclose(adiabatic_gradient(40.0, 40.0, 10000.0), 3.255976e-4, rtol=1e-6)
    np.testing.assert_allclose(moved_to(40.0, 40.0, 10000.0), 36.89073, atol=5e-6)


def test_it_agrees_with_teos_10_over_the_ocean():
    gsw = pytest.importorskip("gsw")
    rng = np.random.default_rng(0)
    depth, lat = rng.uniform(0, 6000, 500), rng.uniform(-80, 80, 500)
    t, s = rng.uniform(-1.8, 20, 500), rng.uniform(33, 37, 500)
    p = gsw.p_from_z(-depth, lat)
    np.testing.assert_allclose(pressure_at(depth, lat), p, rtol=2e-3, atol=0.05)
    theirs = gsw.pt0_from_t(s * 35.16504 / 35, t, p)
    np.testing.assert_allclose(moved_to(s, t, p), theirs, atol=0.01)


def test_there_and_back_is_the_same_water():
    p = np.linspace(0, 6000, 50)
    theta = moved_to(35.0, np.full(50, 5.0), p)
    np.testing.assert_allclose(moved_to(35.0, theta, np.zeros(50), p), 5.0, atol=2e-4)
    assert theta[0] == 5.0
    assert (np.diff(theta) < 0).all()
