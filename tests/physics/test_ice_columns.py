"""Enthalpy, profiles and thickness categories of sea ice against closed forms and published numbers."""

import numpy as np
import pytest

from halocline.physics.ice_enthalpy import (
    CICE,
    SI3,
    brine_salinity,
    ice_enthalpy,
    ice_temperature,
    liquidus,
    melting_temperature,
    mush_enthalpy,
    snow_enthalpy,
    snow_temperature,
)
from halocline.physics.ice_profile import EXCHANGE, first_year_salinity, multi_year_salinity, steady_profile
from halocline.physics.thickness_categories import cice_bounds, share_out, si3_bounds

T = np.linspace(-40.0, -1.5, 9)


@pytest.mark.parametrize("c", [CICE, SI3])
def test_temperature_is_the_way_back_of_enthalpy(c):
    for salinity in (0.3, 3.2, 12.0):
        np.testing.assert_allclose(ice_temperature(ice_enthalpy(T, salinity, c), salinity, c), T, rtol=1e-10)
    np.testing.assert_allclose(snow_temperature(snow_enthalpy(T, c), c), T, rtol=1e-10)


def test_fresh_ice_frees_its_latent_heat_and_cools():
    np.testing.assert_allclose(ice_enthalpy(T, 0.0, CICE), -917 * (3.34e5 - 2106 * T))
    np.testing.assert_allclose(mush_enthalpy(T, 0.0, CICE), -917 * (3.34e5 - 2106 * T))


def test_ice_at_its_melting_temperature_is_water_of_that_temperature():
    melts = melting_temperature(5.0, CICE)
    np.testing.assert_allclose(ice_enthalpy(melts, 5.0, CICE), 917 * 4218 * melts)
    np.testing.assert_allclose(mush_enthalpy(liquidus(5.0), 5.0, CICE), 1026 * 4218 * liquidus(5.0), rtol=1e-9)


def test_brine_is_on_the_liquidus_and_continuous():
    np.testing.assert_allclose(brine_salinity(liquidus(np.array([1.0, 35.0, 100.0]))), [1.0, 35.0, 100.0])
    below, above = brine_salinity(np.array([-7.6363, -7.6362]))
    assert 0 < below - above < 0.01
    assert abs(brine_salinity(-21.0) - 218) < 4, "Assur 1958: 21 degrees below, brine of some 218 psu"


def test_conduction_is_the_same_through_ice_and_snow_and_into_the_air():
    ice, snow, air = np.full((1, 1, 1), 1.5), np.full((1, 1, 1), 0.2), np.full((1, 1), -30.0)
    p = steady_profile(ice, snow, air, -1.8, (4, 2), CICE)
    through_ice = CICE.conductivity_ice * (p.ice[1] - p.ice[0]) / (1.5 / 4)
    through_snow = CICE.conductivity_snow * (p.snow[1] - p.snow[0]) / (0.2 / 2)
    np.testing.assert_allclose(through_ice, through_snow)
    np.testing.assert_allclose(through_ice, EXCHANGE * (p.surface - air))
    np.testing.assert_allclose(p.ice[-1] + (p.ice[1] - p.ice[0]) / 2, -1.8)
    assert steady_profile(ice, snow, air + 40, -1.8, (4, 2), CICE).surface == 0.0


def test_salinities_are_those_of_their_sources():
    assert 0 < multi_year_salinity(7)[0] < 0.3
    assert multi_year_salinity(20)[0] == 0.1, "Icepack's ktherm = 1 stops for fresher ice"
    np.testing.assert_allclose(multi_year_salinity(1000)[-1], 3.2, rtol=1e-3)
    np.testing.assert_allclose(first_year_salinity(np.array([0.01, 1.0]), 20.0), [20.0, 5.52203])


def test_bounds_are_those_of_the_manuals():
    np.testing.assert_allclose(cice_bounds(5)[:5], [0.0, 0.64, 1.39, 2.47, 4.57], atol=5e-3)
    np.testing.assert_allclose(si3_bounds(5, 2.0)[:5], [0.0, 0.45, 1.13, 2.14, 3.67], atol=5e-3)
    assert cice_bounds(1).tolist() == si3_bounds(1, 2.0).tolist() == [0.0, np.inf]


@pytest.mark.parametrize("bounds", [cice_bounds(5), si3_bounds(5, 2.0), cice_bounds(1)])
def test_categories_add_up_and_hold_ice_of_their_thickness(bounds):
    rng = np.random.default_rng(0)
    area = rng.uniform(0.01, 1, (8, 9))
    area[:2] = 0
    volume = area * np.exp(rng.uniform(np.log(0.05), np.log(8), area.shape))
    volume[3, 0] = 0.05 * area[3, 0]
    a, v = share_out(area, volume, bounds, 0.05)
    np.testing.assert_allclose(a.sum(axis=0), area, rtol=1e-12)
    np.testing.assert_allclose(v.sum(axis=0), volume, rtol=1e-12)
    assert ((a > 0) == (v > 0)).all()
    assert (a[:, :2] == 0).all()
    thickness = np.where(a > 0, v / np.where(a > 0, a, 1), np.nan)
    low, high = (np.broadcast_to(b[:, None, None], a.shape)[a > 0] for b in (np.maximum(bounds[:-1], 0.05), bounds[1:]))
    assert (thickness[a > 0] >= low * (1 - 1e-9)).all()
    assert (thickness[a > 0] <= high).all()
