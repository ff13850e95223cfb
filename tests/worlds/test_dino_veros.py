"""The compiled-step model against Veros's own step, and against conservation; NumPy backend, the smallest basin."""

import os

import numpy as np
import pytest

from halocline.physics.eos import DINO_EOS
from halocline.worlds.dino import weather
from halocline.worlds.dino.forcing import ForcingPlan, forcing_rows
from halocline.worlds.dino.geometry import make_geometry
from halocline.worlds.dino.grid import make_grid
from halocline.worlds.dino.parameters import ForcingParameters
from halocline.worlds.dino.presets import preset

os.environ.setdefault("VEROS_LOGLEVEL", "error")
os.environ.setdefault("VEROS_DISKLESS_MODE", "1")
pytest.importorskip("veros")

STEP = 3600.0
SIZE = preset("R8")
GEOMETRY = make_geometry(SIZE)
PATTERNS = weather.modes(GEOMETRY.lat, (np.arange(SIZE.shape[2]) + 0.5) / SIZE.shape[2])
CALM = ForcingPlan(0, -1, ForcingParameters(), ForcingParameters(), 0)


@pytest.fixture(scope="module")
def ocean():
    from halocline.worlds.dino.veros.setup import DinoSetup, use_dino_equation_of_state
    from halocline.worlds.dino.veros.step import Ocean

    use_dino_equation_of_state()
    return Ocean(DinoSetup(GEOMETRY, STEP, STEP), PATTERNS, 1000)


@pytest.fixture(scope="module")
def ten_days(ocean):
    rows = forcing_rows(CALM, GEOMETRY.lat, 0.0, 240, STEP / 86400)
    return ocean.advance(ocean.pristine, rows.profiles, rows.weather)


def test_veros_has_our_cells_and_our_equation_of_state(ocean):
    from veros.core import density

    from halocline.worlds.dino.veros.setup import from_veros, to_veros

    vs = ocean.state.variables
    assert np.array_equal(from_veros(vs.maskT) > 0, GEOMETRY.wet)
    assert np.allclose(from_veros(vs.area_t), GEOMETRY.area)
    assert np.allclose(np.asarray(vs.zt)[::-1], -GEOMETRY.depth)
    assert np.allclose(np.asarray(vs.yt)[2:-2], GEOMETRY.lat)
    field = np.random.default_rng(0).normal(size=SIZE.shape)
    assert np.array_equal(from_veros(to_veros(field)), field)

    temp, salt, depth = np.array([-1.0, 8.0, 25.0]), np.array([33.0, 35.0, 37.0]), np.array([10.0, 900.0, 3500.0])
    theirs = [float(density.get_rho(ocean.state, s, t, d)) for t, s, d in zip(temp, salt, depth, strict=True)]
    assert np.allclose(theirs, DINO_EOS.density(temp, salt, depth) - DINO_EOS.rho0, atol=1e-9)


def test_the_lid_leaves_no_divergence(ten_days):
    w = np.asarray(ten_days["w"])[..., 1]
    assert np.abs(w[..., :-1]).max() > 1e-6
    assert np.abs(w[..., -1]).max() < 1e-11 * np.abs(w).max()


def test_ten_days_agree_with_veros_s_own_step_under_its_own_lid(ocean, ten_days):
    theirs = _veros_run(ocean, 240, streamfunction=True)
    for name in ("u", "v"):
        ours = np.asarray(ten_days[name])[..., 1][2:-2, 2:-2]
        wanted = theirs[name][2:-2, 2:-2]
        assert np.abs(ours - wanted).max() < 0.02 * np.abs(wanted).max()
    assert np.abs(np.asarray(ten_days["temp"])[..., 1] - theirs["temp"])[2:-2, 2:-2].max() < 0.05


def test_uniform_salt_stays_uniform_under_the_lid_but_not_under_the_free_surface(ocean):
    """Why SSH comes from the lid's pressure: the linear free surface does not conserve tracers locally."""
    departures = {}
    for name in ("lid", "free surface"):
        fields = dict(ocean.pristine)
        fields["salt"] = np.where(ocean.mask[..., None], 35.0, 0.0) * np.ones(3)
        if name == "lid":
            rows = forcing_rows(CALM, GEOMETRY.lat, 0.0, 48, STEP / 86400)
            rows.profiles[:, 2] = 35.0
            salt = np.asarray(ocean.advance(fields, rows.profiles, rows.weather)["salt"])[..., 1]
        else:
            salt = _veros_run(ocean, 48, streamfunction=False, salinity=35.0)["salt"]
        departures[name] = np.abs(salt[ocean.mask] - 35.0).max()
    assert departures["lid"] < 1e-10
    assert departures["free surface"] > 1e-3


def test_heat_changes_by_the_surface_flux_alone(ocean, ten_days):
    """AB2 lags the advective fluxes, but these sum to zero at every level of time: the budget closes to rounding."""
    from halocline.worlds.dino.veros.setup import from_veros

    rows = forcing_rows(CALM, GEOMETRY.lat, 0.0, 1, STEP / 86400)
    after = ocean.advance(ten_days, rows.profiles, rows.weather)
    volume = make_grid(GEOMETRY).volume
    for name, flux in (("temp", "forc_temp_surface"), ("salt", "forc_salt_surface")):
        gained = sum(
            sign * (from_veros(np.asarray(f[name])[..., 1]) * volume).sum()
            for f, sign in ((after, 1.0), (ten_days, -1.0))
        )
        given = STEP * (from_veros(np.asarray(after[flux])) * GEOMETRY.area * GEOMETRY.wet[0]).sum()
        assert gained == pytest.approx(given, rel=1e-3)


def test_frozen_steps_hold_the_tracers_and_move_the_water(ocean):
    rows = forcing_rows(CALM, GEOMETRY.lat, 0.0, 24, 0.0)
    out = ocean.advance(ocean.pristine, rows.profiles, rows.weather, frozen=True)
    for name in ("temp", "salt", "rho"):
        assert np.array_equal(np.asarray(out[name])[..., 1], np.asarray(ocean.pristine[name])[..., 1])
    assert np.abs(np.asarray(out["u"])).max() > 0.01


def test_the_sparse_lid_solves_as_the_dense_one(ocean, monkeypatch):
    from halocline.worlds.dino.veros import lid

    vs = ocean.state.variables
    divergence = np.zeros((SIZE.shape[2] + 4, SIZE.shape[1] + 4))
    divergence[2:-2, 2:-2] = np.random.default_rng(1).normal(size=(SIZE.shape[2], SIZE.shape[1])) * GEOMETRY.wet[0].T
    wet = np.zeros_like(divergence, bool)
    wet[2:-2, 2:-2] = GEOMETRY.wet[0].T
    area = np.zeros_like(divergence)
    area[2:-2, 2:-2] = GEOMETRY.area.T
    divergence -= np.where(wet, (divergence * area)[wet].sum() / area[wet].sum(), 0.0)
    dense = lid.make_lid_solver(vs, "numpy")(divergence)
    monkeypatch.setattr(lid, "DENSE_LIMIT", 0)
    sparse = lid.make_lid_solver(vs, "numpy")(divergence)
    assert np.allclose(dense, sparse, atol=1e-6 * np.abs(dense).max())


def _veros_run(ocean, steps, *, streamfunction, salinity=None):
    """Veros's own stepping of the same setup, with our forcing put in where its users put theirs."""
    from veros import veros_routine

    from halocline.worlds.dino.veros.setup import DinoSetup
    from halocline.worlds.dino.veros.step import Ocean

    rows = forcing_rows(CALM, GEOMETRY.lat, 0.0, steps, STEP / 86400)
    if salinity is not None:
        rows.profiles[:, 2] = salinity

    class Plain(DinoSetup):
        number = 0

        @veros_routine
        def set_parameter(self, state):
            DinoSetup.__dict__["set_parameter"].function(self, state)
            state.settings.enable_streamfunction = streamfunction

        @veros_routine
        def set_initial_conditions(self, state):
            DinoSetup.__dict__["set_initial_conditions"].function(self, state)
            if salinity is not None:
                state.variables.salt = salinity * state.variables.maskT[..., None] * np.ones(3)

        @veros_routine
        def set_forcing(self, state):
            force = Ocean._force.__get__(_Shell(state, ocean._patterns))
            row = rows.profiles[self.number]
            force(np.concatenate([row[:, :1]] * 2 + [row] + [row[:, -1:]] * 2, axis=1), rows.weather[self.number])

    model = Plain(GEOMETRY, STEP, STEP)
    model.setup()
    for number in range(steps):
        model.number = number
        model.step(model.state)
    vs = model.state.variables
    return {name: np.asarray(getattr(vs, name))[..., int(vs.tau)] for name in ("temp", "salt", "u", "v")}


class _Shell:
    def __init__(self, state, patterns):
        self.state, self._patterns = state, patterns


def test_a_start_with_velocities_keeps_them_and_one_at_rest_has_none(ocean, ten_days):
    from halocline.worlds.dino.veros.fields import with_states, with_velocities
    from halocline.worlds.dino.veros.setup import from_veros

    thetao, so, u, v = (from_veros(np.asarray(ten_days[n])[..., 1]) for n in ("temp", "salt", "u", "v"))
    rest = with_states(ocean, thetao, so, ocean.pristine)
    moving = with_velocities(ocean, u, v, rest)
    np.testing.assert_array_equal(from_veros(moving["u"][..., 1]), u)
    np.testing.assert_array_equal(moving["v"][..., 0], moving["v"][..., 2])
    rows = forcing_rows(CALM, GEOMETRY.lat, 10.0, 1, STEP / 86400)

    def energy(fields):
        return sum(float((np.asarray(fields[name])[..., 1] ** 2).sum()) for name in ("u", "v"))

    one = {name: ocean.advance(f, rows.profiles, rows.weather) for name, f in (("rest", rest), ("moving", moving))}
    goes_on = ocean.advance(ten_days, rows.profiles, rows.weather)
    assert energy(one["moving"]) == pytest.approx(energy(goes_on), rel=0.05)
    assert energy(one["rest"]) < 0.1 * energy(goes_on)
    hole = u.copy()
    hole[0, GEOMETRY.wet[0].argmax() // 8 + 2, 3] = np.nan
    with pytest.raises(ValueError, match="u: not finite"):
        with_velocities(ocean, hole, v, rest)
