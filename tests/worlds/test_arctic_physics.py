"""Rheology, transport and thermodynamics against what is known exactly."""

import numpy as np
import pytest

from halocline.data.grids.grid import Grid
from halocline.worlds.arctic.advection import advect
from halocline.worlds.arctic.bbm import _constants, _stress_row, step_bbm
from halocline.worlds.arctic.budget import TERMS, VolumeBudget
from halocline.worlds.arctic.domain import PROJECTION, domain_of
from halocline.worlds.arctic.forcing import Atmosphere
from halocline.worlds.arctic.freedrift import step_freedrift
from halocline.worlds.arctic.mevp import step_mevp
from halocline.worlds.arctic.momentum import CornerForcing
from halocline.worlds.arctic.parameters import DYNAMICS, THERMODYNAMICS
from halocline.worlds.arctic.state import empty_state
from halocline.worlds.arctic.thermodynamics import step_thermodynamics

N, DX = 24, 50e3


def terms_of(budget):
    return dict(zip(TERMS, budget.totals.tolist(), strict=True))


def basin(n=N, land=1):
    """A square sea around the pole with walls of ``land`` cells."""
    x = (np.arange(n) + 0.5) * DX - n * DX / 2
    lat, lon = PROJECTION.inverse(x[None, :], x[:, None])
    mask = np.zeros((n, n), bool)
    mask[land : n - land, land : n - land] = True
    area = (DX / PROJECTION.scale(lat)) ** 2
    return domain_of(Grid("basin", x, x, lat, lon, area, mask, DX, {}))


def ice(domain, h=1.0, a=1.0):
    state = empty_state(domain, np.full(domain.ocean.shape, 271.35))
    state.sit[domain.ocean] = h
    state.sic[domain.ocean] = a
    return state


def wind(domain, u, v, current=(0.0, 0.0)):
    def corners(value):
        return np.broadcast_to(np.asarray(value, np.float32), domain.corner_free.shape).copy()

    pair = (corners(u), corners(v))
    return CornerForcing(pair, pair, (corners(current[0]), corners(current[1])))


def test_free_drift_is_the_algebraic_solution():
    domain, h, speed = basin(land=0), 2.0, 12.0
    state = ice(domain, h)
    blow = wind(domain, speed, 0.0, current=(0.05, -0.02))
    for _ in range(40):
        step_freedrift(domain, state, blow, DYNAMICS)
    p = DYNAMICS
    tau = p.rho_air * p.air_drag * speed**2
    w = complex(state.u[N // 2, N // 2] - 0.05, state.v[N // 2, N // 2] + 0.02)
    balance = tau - 1j * p.rho_ice * h * p.coriolis * w - p.rho_water * p.water_drag * abs(w) * w
    assert abs(balance) < 1e-4 * tau


@pytest.mark.parametrize("step", [step_bbm, step_mevp])
def test_thin_loose_ice_drifts_freely(step):
    domain = basin(land=0)
    blow = wind(domain, 8.0, 3.0)
    free, other = ice(domain, 0.2, 0.5), ice(domain, 0.2, 0.5)
    for _ in range(20):
        step_freedrift(domain, free, blow, DYNAMICS)
        step(domain, other, blow, DYNAMICS)
    middle = np.s_[8:16, 8:16]
    np.testing.assert_allclose(other.u_mean[middle], free.u_mean[middle], rtol=2e-2)
    np.testing.assert_allclose(other.v_mean[middle], free.v_mean[middle], rtol=2e-2, atol=2e-4)


def load_cell(exx, eyy, substeps, h=1.0, dt=100.0):
    """Strain one cell of intact ice at fixed rates; return (sigma_n, tau, SID) after each sub-step, N/m."""
    p = DYNAMICS

    def row(*values):
        return np.array(values, np.float32)

    u = row(0.0, exx * DX)
    v0, v1 = row(0.0, 0.0), row(eyy * DX, eyy * DX)
    s11, s22, s12, om = row(0.0), row(0.0), row(0.0), row(1.0)
    stiffness, no_relaxation = row(p.young * h), row(1e12)
    strength = row(p.cohesion_lab * np.sqrt(p.lab_scale / DX) * h)
    speed, none = row(p.elastic_speed / DX), row(0.0)
    history = []
    for _ in range(substeps):
        _stress_row(
            (u, u, v0, v1),
            (s11, s22, s12, om),
            (stiffness, no_relaxation, strength, speed, none),
            (row(0.0), row(0.0)),
            np.float32(dt),
            np.float32(0.5 / DX),
            _constants(p),
        )
        history.append((0.5 * (s11[0] + s22[0]), np.hypot(0.5 * (s11[0] - s22[0]), s12[0]), 1.0 - om[0]))
    return np.array(history, float).T, float(strength[0])


def test_uniaxial_compression_is_elastic_then_breaks_on_the_mohr_coulomb_line():
    rate = -2e-8
    (sigma, tau, sid), strength = load_cell(rate, -DYNAMICS.poisson * rate, 400)
    elastic = DYNAMICS.young * rate * 100.0 * np.arange(1, 401)
    load = tau + DYNAMICS.friction * sigma
    first = int(np.argmax(sid > 0))
    assert first > 10
    np.testing.assert_allclose(2 * sigma[:first], elastic[:first], rtol=1e-4)
    np.testing.assert_allclose(tau[:first], -sigma[:first], rtol=1e-3)
    assert (load[:first] <= strength * (1 + 1e-5)).all()
    assert 0.15 * abs(elastic[first]) == pytest.approx(strength, rel=1.5 / first)
    assert (np.diff(sid[first:]) > 0).all()
    assert load[first:].max() < 1.1 * strength


def test_confined_compression_does_not_break_but_shear_and_tension_do():
    (_, _, confined), _ = load_cell(-2e-7, 0.0, 300)
    (_, _, tension), _ = load_cell(2e-7, 2e-7, 300)
    (_, _, shear), _ = load_cell(2e-7, -2e-7, 300)
    assert confined.max() == 0.0  # the line is open towards compression; ridging limits it there
    assert tension[-1] > 0.5
    assert shear[-1] > 0.5


def test_closed_basin_keeps_volume_snow_and_cover_to_rounding():
    domain = basin(land=1)
    state = ice(domain, 0.0, 0.0)
    rng = np.random.default_rng(0)
    state.sic[domain.ocean] = rng.uniform(0.1, 0.3, domain.ocean.sum())
    state.sit[...] = state.sic * rng.uniform(0.5, 3.0, domain.ocean.shape)
    state.snow[...] = 0.1 * state.sic
    state.damage[...] = np.where(domain.ocean, rng.uniform(0.1, 0.9, domain.ocean.shape), 0.0)
    for corner in (state.u_mean, state.v_mean):
        corner[...] = np.where(domain.corner_free, rng.normal(0.0, 0.1, domain.corner_free.shape), 0.0)
    area = domain.grid.area
    before = [(f * area).sum() for f in (state.sit, state.snow, state.sic)]
    for k in range(20):
        advect(domain, state, 7200.0, k % 2 == 0)
        assert state.sit.min() >= -1e-15
        assert state.sic.max() < 1.0, "the cap of ridging would take cover, so this test would not see it"
        assert state.damage[domain.ocean].min() >= 0.1 - 1e-12
        assert state.damage.max() <= 0.9 + 1e-12
    after = [(f * area).sum() for f in (state.sit, state.snow, state.sic)]
    np.testing.assert_allclose(after, before, rtol=1e-13)
    assert (state.sit[~domain.ocean] == 0).all()


def test_transport_moves_a_blob_with_the_drift():
    domain = basin(land=0)
    x, y = np.meshgrid(domain.grid.x, domain.grid.y)
    state = ice(domain, 0.0, 0.0)
    state.sic[...] = 0.9 * np.exp(-((x + 2e5) ** 2 + y**2) / (2 * 1e5**2))
    state.sit[...] = 2.0 * state.sic
    state.u_mean[...] = 0.3
    for k in range(100):
        advect(domain, state, 7200.0, k % 2 == 0)
    weight = state.sit * domain.grid.area
    moved = (weight * x).sum() / weight.sum() + 2e5
    assert moved / PROJECTION.scale(np.array(89.0)) ** -1 == pytest.approx(0.3 * 720000, rel=0.06)
    assert abs((weight * y).sum() / weight.sum()) < 1e3


def air(domain, t2m, sw=0.0, sst=271.35, snowfall=0.0, wind_speed=5.0):
    def field(value):
        return np.full(domain.ocean.shape, float(value))

    corner = np.zeros(domain.corner_free.shape)
    q = 0.622 * 611.0 * np.exp(22.5 * (t2m - 273.15) / (t2m - 0.6)) / 101300
    return Atmosphere(
        t2m=field(t2m),
        q2m=field(q),
        u10=field(wind_speed),
        v10=field(0.0),
        u10_corner=corner,
        v10_corner=corner,
        cloud=field(0.6),
        snowfall=field(snowfall),
        shortwave=field(sw),
        sst=field(sst),
    )


def thermo(domain, state, atmosphere, days):
    budget = VolumeBudget()
    for _ in range(4 * days):
        step_thermodynamics(domain, state, atmosphere, budget, THERMODYNAMICS)
    return budget


def test_cold_ice_grows_like_stefan():
    domain = basin(land=0)
    state = ice(domain, 1.0, 1.0)
    thermo(domain, state, air(domain, 243.15), 30)
    p, middle = THERMODYNAMICS, (N // 2, N // 2)
    cold = p.freezing - state.surface[middle]
    assert 10.0 < cold < 33.0
    stefan = np.sqrt(
        1.0 + 2 * p.thickness_spread * p.conductivity_ice * cold * 30 * 86400 / (p.rho_ice * p.latent_fusion)
    )
    deep = p.ocean_background * 30 * 86400 / (p.rho_ice * p.latent_fusion)
    assert state.sit[middle] == pytest.approx(stefan - deep, abs=0.03)


def test_open_water_freezes_and_warm_sun_melts_it_again():
    domain = basin(land=0)
    state = ice(domain, 0.0, 0.0)
    grown = terms_of(thermo(domain, state, air(domain, 253.15), 20))
    middle = (N // 2, N // 2)
    assert state.sic[middle] > 0.99
    assert 0.2 < state.sit[middle] < 0.8
    assert grown["open_water_growth"] > 0
    thermo(domain, state, air(domain, 277.15, sw=250.0, sst=275.0), 60)
    for values in (state.sit, state.sic, state.snow, state.damage):
        assert (values == 0.0).all()
    assert state.ocean[middle] > 273.0


def test_deep_snow_floods():
    domain = basin(land=0)
    state = ice(domain, 0.5, 1.0)
    state.snow[domain.inner] = 0.6
    p, middle = THERMODYNAMICS, (N // 2, N // 2)
    mass = p.rho_ice * 0.5 + p.rho_snow * 0.6
    budget = VolumeBudget()
    step_thermodynamics(domain, state, air(domain, 271.35), budget, p)
    freeboard = (p.rho_water - p.rho_ice) * state.sit[middle] - p.rho_snow * state.snow[middle]
    assert freeboard == pytest.approx(0.0, abs=1e-6)
    terms = terms_of(budget)
    assert terms["snow_ice"] > 0
    basal = (terms["congelation"] + terms["basal_melt"]) / domain.grid.area[domain.inner].sum()
    now = p.rho_ice * (state.sit[middle] - basal) + p.rho_snow * state.snow[middle]
    assert now == pytest.approx(mass, rel=1e-4)


def test_budget_of_melt_and_cutoff_is_the_change_of_volume():
    domain = basin(land=0)
    state = ice(domain, 0.0, 0.0)
    rng = np.random.default_rng(1)
    state.sic[domain.inner] = rng.uniform(0.01, 1.0, domain.inner.sum())
    state.sit[...] = state.sic * rng.uniform(0.05, 1.0, domain.ocean.shape)
    state.snow[...] = 0.05 * state.sic
    before = (state.sit * domain.grid.area).sum()
    budget = thermo(domain, state, air(domain, 274.15, sw=200.0, sst=272.5), 25)
    after = (state.sit * domain.grid.area).sum()
    assert after < 0.7 * before
    assert terms_of(budget)["cutoff"] < 0
    assert after - before == pytest.approx(budget.totals.sum(), rel=1e-12)


def test_a_strong_cyclone_breaks_ice_within_a_day_and_cold_heals_it_in_15_days():
    domain = basin()
    state = ice(domain, 1.5)
    x, y = np.meshgrid(domain.corner_x, domain.corner_x)
    swirl = np.exp(0.5 - (x**2 + y**2) / (2 * 3e5**2)) / 3e5
    breeze = ice(domain, 1.5)
    for k in range(12):
        step_bbm(domain, breeze, wind(domain, -3.0 * swirl * y, 3.0 * swirl * x), DYNAMICS)
        step_bbm(domain, state, wind(domain, -25.0 * swirl * y, 25.0 * swirl * x), DYNAMICS)
        advect(domain, state, DYNAMICS.step_s, k % 2 == 0)
    assert state.damage[domain.ocean].max() > 0.9
    assert breeze.damage.max() == 0.0
    cold = THERMODYNAMICS.freezing - THERMODYNAMICS.healing_cooling
    state.sit[domain.ocean] = np.maximum(state.sit[domain.ocean], 1.0)
    state.sic[domain.ocean] = 1.0
    where = np.unravel_index(int(np.argmax(state.damage * domain.inner)), state.damage.shape)
    before = state.damage[where]
    surfaces = []
    for _ in range(20):
        step_thermodynamics(domain, state, air(domain, cold - 3.0), VolumeBudget(), THERMODYNAMICS)
        surfaces.append(THERMODYNAMICS.freezing - state.surface[where])
    healed = np.sum(surfaces) / THERMODYNAMICS.healing_cooling * 0.25 / 15.0
    assert before - state.damage[where] == pytest.approx(healed, rel=1e-6)
    assert 0.1 < healed < 0.6
