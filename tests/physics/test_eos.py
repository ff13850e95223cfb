"""The equation of state against its derivatives and against TEOS-10."""

import gsw
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from halocline.physics.eos import DINO_EOS, SimplifiedEOS

temperature, salinity, depth = st.floats(-2, 30), st.floats(30, 40), st.floats(0, 5000)


def test_reference_point_and_hand_computed_value():
    assert DINO_EOS.density(10.0, 35.0, 0.0) == 1026.0
    # Ta = 5, Sa = 1, z = 1000: -0.165 (1 + 0.15 + 0.1497) 5 + 0.76554
    assert DINO_EOS.density(15.0, 36.0, 1000.0) == pytest.approx(1026 - 0.825 * 1.2997 + 0.76554, abs=1e-12)


@given(temperature, salinity, depth)
def test_derivatives_are_those_of_the_density(t, s, z):
    eos = SimplifiedEOS(lambda2=5e-4, mu2=1e-5, nu=2e-3)
    by_t, by_s = eos.derivatives(t, s, z)
    e = 1e-3
    assert by_t == pytest.approx((eos.density(t + e, s, z) - eos.density(t - e, s, z)) / (2 * e), abs=1e-7)
    assert by_s == pytest.approx((eos.density(t, s + e, z) - eos.density(t, s - e, z)) / (2 * e), abs=1e-7)


def test_float32_input_is_computed_in_double():
    t, s = np.float32([4.0, 4.0001]), np.float32([35.0, 35.0])
    jump = np.diff(DINO_EOS.density(t, s, 0.0))[0]
    assert jump == pytest.approx(-0.165 * (1 - 0.36) * (float(t[1]) - 4.0), rel=1e-3)


@pytest.mark.parametrize(
    ("t", "s", "z"), [(2.0, 34.9, 100.0), (10.0, 35.2, 500.0), (20.0, 36.0, 0.0), (4.0, 35.0, 3000.0)]
)
def test_signs_and_magnitudes_agree_with_teos10(t, s, z):
    pressure = gsw.p_from_z(-z, 30.0)
    absolute = gsw.SA_from_SP(s, pressure, -30.0, 30.0)
    conservative = gsw.CT_from_pt(absolute, t)
    rho, alpha, beta = (float(v) for v in gsw.rho_alpha_beta(absolute, conservative, pressure))
    ours_t, ours_s = DINO_EOS.derivatives(t, s, z)
    assert ours_t == pytest.approx(-rho * alpha, rel=0.35)
    assert ours_s == pytest.approx(rho * beta, rel=0.05)
    assert ours_t < 0 < ours_s
    # Potential density: within 1.5 kg m-3 of TEOS-10's, and in the same order against a reference water.
    potential = float(gsw.pot_rho_t_exact(absolute, gsw.t_from_CT(absolute, conservative, pressure), pressure, 0.0))
    assert float(DINO_EOS.density(t, s, 0.0)) == pytest.approx(potential, abs=1.5)
    other = float(gsw.rho(gsw.SA_from_SP(34.5, 0.0, -30.0, 30.0), 12.0, 0.0))
    assert (DINO_EOS.density(t, s, 0.0) > DINO_EOS.density(12.0, 34.5, 0.0)) == (potential > other)


def test_thermobaricity_has_the_sign_of_teos10():
    """Warm water expands more under pressure: |drho/dT| grows with depth in both."""
    shallow, deep = (DINO_EOS.derivatives(4.0, 35.0, z)[0] for z in (0.0, 3000.0))
    reference = [gsw.alpha(35.2, 4.0, gsw.p_from_z(-z, 30.0)) for z in (0.0, 3000.0)]
    assert deep < shallow < 0
    assert deep / shallow == pytest.approx(reference[1] / reference[0], rel=0.25)
