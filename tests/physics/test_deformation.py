"""Strain rates by contour integrals."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halocline.physics.deformation import strain_rates
from halocline.physics.quads import quad_mask

RATE = st.floats(-1e-5, 1e-5, allow_subnormal=False)


@given(RATE, RATE, RATE, RATE, st.sampled_from([1e4, 5e4, 1e5]))
def test_linear_velocities_are_exact(u_x, u_y, v_x, v_y, spacing):
    x, y = np.meshgrid(np.arange(6) * spacing, np.arange(5) * spacing)
    rates = strain_rates(u_x * x + u_y * y + 0.1, v_x * x + v_y * y - 0.2, spacing)
    assert rates.divergence == pytest.approx(np.full((4, 5), u_x + v_y), abs=1e-16, rel=1e-9)
    shear = np.hypot(u_x - v_y, u_y + v_x)
    assert rates.shear == pytest.approx(np.full((4, 5), shear), abs=1e-15, rel=1e-9)
    assert rates.total == pytest.approx(np.hypot(rates.divergence, rates.shear))


def test_solid_rotation_does_not_deform():
    x, y = np.meshgrid(np.arange(8) * 1e4, np.arange(8) * 1e4)
    rates = strain_rates(-3e-6 * y, 3e-6 * x, 1e4)
    assert np.abs(rates.total).max() < 1e-18


def test_strain_rates_of_a_curved_field_converge_at_second_order():
    errors = []
    for n in (16, 32, 64):
        h = 1.0 / n
        x, y = np.meshgrid(np.arange(n + 1) * h, np.arange(n + 1) * h)
        rates = strain_rates(np.sin(2 * x + y), np.cos(x - 3 * y), h)
        xc, yc = (0.25 * (f[1:, 1:] + f[:-1, 1:] + f[1:, :-1] + f[:-1, :-1]) for f in (x, y))
        exact = 2 * np.cos(2 * xc + yc) + 3 * np.sin(xc - 3 * yc)
        errors.append(np.abs(rates.divergence - exact).max())
    orders = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    assert orders == pytest.approx(2.0, abs=0.1)


def test_a_quad_is_wet_only_with_four_wet_centres():
    mask = np.ones((4, 4), bool)
    mask[1, 2] = False
    dry = np.argwhere(~quad_mask(mask))
    assert dry.tolist() == [[0, 1], [0, 2], [1, 1], [1, 2]]
