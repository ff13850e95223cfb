"""Known equilibria from runs of a toy that relaxes: arrival, verification, kills, second equilibria."""

from dataclasses import replace

import numpy as np
import pytest

from halocline.physics.eos import DINO_EOS
from halocline.runtime.errors import HaloclineError
from halocline.spinup.anderson import Proposal
from halocline.spinup.jump.slow_map import SlowMapSettings
from halocline.spinup.reference.extrapolate import SIDES, grown
from halocline.spinup.reference.make import ReferenceRuns
from halocline.spinup.reference.settings import ReferenceSettings
from halocline.spinup.reference.starts import Case, compensated_start, far_start, warm_start
from halocline.spinup.reference.stretch import Stretch
from halocline.spinup.run import InitialState, SpinupRun
from halocline.spinup.session_pool import SessionPool
from halocline.worlds.dino.climate import FREEZING, initial_state, restoring_salinity
from halocline.worlds.dino.parameters import ForcingParameters
from tests.spinup.test_criterion import METRIC
from tests.spinup.test_windows import _block
from tests.spinup.toy_veros import GEOMETRY, GRID, ToySession, cold, equilibrium

FORCING = ForcingParameters(warming=1.0)
END = equilibrium(FORCING)
LINEAR = SlowMapSettings(ridge=1e-4)
"""The toy is linear and has no noise."""
SETTINGS = ReferenceSettings(first_years=50, max_years=250, slow=LINEAR)
BEYOND = np.where(GRID.wet, END - 0.5 * (cold() - END), 0.0)
DEEP = np.where(GRID.depth > 1500, 1.0, 0.0) * GRID.wet * np.array([1.0, 0.0])[:, None, None, None]


class Slow(ToySession):
    """The deep ocean takes four centuries, the thermocline five decades."""

    rates = np.array([0.5, 0.98, 0.9975])


def _case(other=None):
    return Case("t", FORCING, other or InitialState(BEYOND), "beyond the equilibrium")


def _make(folder, monkeypatch, session=Slow, case=None, settings=SETTINGS, jobs=1, said=None):
    monkeypatch.setattr("halocline.spinup.session_pool.Session", session)
    heard = [] if said is None else said
    runs = ReferenceRuns(case or _case(), GRID, folder / "t", settings, lambda *words: heard.append(words))
    with SessionPool("R8", folder / "jobs", jobs) as pool:
        return runs.make(pool)


def _error(state):
    return METRIC.rms(state - END)["thetao"]


def test_two_sides_meet_and_the_plain_model_proves_it(tmp_path, monkeypatch):
    found = _make(tmp_path, monkeypatch)
    figures = found.figures
    assert figures.verified
    assert _error(figures.state) < 0.03
    assert figures.error < 0.03
    assert figures.remaining["thetao"] <= 1.01 * figures.bound
    assert found.rounds[0].decision.kind == "jump"
    assert found.rounds[0].figures.signed["cold"] * found.rounds[0].figures.signed["other"] < 0, "opposite sides"
    assert found.rounds[-1].years <= 170
    assert max(figures.drift[side]["thetao"] for side in SIDES) < 0.0008
    assert figures.second == "none seen"
    assert found.years == pytest.approx(sum(b.years for run in found.runs.values() for b in run))
    far = min(_error(found.runs[name][4].mean) for name in ("cold", "other"))
    assert far > 0.5, "after fifty years either side is still far away"


def test_sides_too_short_for_a_map_are_set_down_where_they_meet(tmp_path, monkeypatch):
    found = _make(tmp_path, monkeypatch, settings=replace(SETTINGS, first_years=40))
    first, then = found.rounds[0], found.rounds[1]
    assert first.decision.kind == "secant"
    assert 0.0 < first.figures.secant.share < 1.0
    assert first.figures.remaining == {}
    assert found.runs["cold"][4].began == "secant"
    assert then.figures.apart["thetao"] < 0.03 < first.figures.apart["thetao"]
    assert _error(then.figures.state) < 0.1 * _error(first.figures.state)
    assert found.figures.verified


def test_sides_are_set_down_on_their_own_side(tmp_path, monkeypatch):
    found = _make(tmp_path, monkeypatch, settings=replace(SETTINGS, straddle=0.2, max_years=90))
    ends = [found.runs[name][5].states[0] for name in ("cold", "other")]
    assert 0.1 < METRIC.rms(ends[1] - ends[0])["thetao"] < 0.2, "what is fast goes within the first year"
    assert found.figures.signed["cold"] > 0 > found.figures.signed["other"], "they close in"


def test_sides_that_come_from_one_side_are_extrapolated_all_the_same(tmp_path, monkeypatch):
    nearer = InitialState(np.where(GRID.wet, END + 0.4 * (cold() - END), 0.0))
    found = _make(tmp_path, monkeypatch, case=_case(nearer), settings=replace(SETTINGS, max_years=400))
    assert {r.decision.kind for r in found.rounds[:-1]} == {"jump"}
    assert found.figures.verified
    assert _error(found.figures.state) < 0.03


def test_limits_that_are_not_reached_are_told(tmp_path, monkeypatch):
    found = _make(tmp_path, monkeypatch, settings=replace(SETTINGS, max_years=100, drift_thetao=1e-9, drift_so=1e-10))
    assert not found.figures.verified
    assert len(found.rounds) == 2


def test_a_killed_reference_continues_to_the_bit(tmp_path, monkeypatch):
    whole = _make(tmp_path / "a", monkeypatch, jobs=2)

    class Dies(Slow):
        def __init__(self, *args):
            super().__init__(*args, die_after=13)

    with pytest.raises(KeyboardInterrupt):
        _make(tmp_path / "b", monkeypatch, Dies)
    before = len(ToySession.names)
    said = []
    again = _make(tmp_path / "b", monkeypatch, said=said)
    blocks = sum(map(len, again.runs.values()))
    assert len(ToySession.names) - before == blocks - 13
    assert np.array_equal(whole.figures.state, again.figures.state)
    facts = [{k: v for k, v in vars(r.figures).items() if k != "state"} for r in (whole, again)]
    assert facts[0] == facts[1]
    assert said[-1][1] == 10 * blocks


def test_a_longer_call_goes_on_from_a_shorter_and_a_shorter_one_still_tells_what_it_told(tmp_path, monkeypatch):
    strict = replace(SETTINGS, drift_thetao=1e-9, drift_so=1e-10)
    short = _make(tmp_path, monkeypatch, settings=replace(strict, max_years=90))
    longer = _make(tmp_path, monkeypatch, settings=replace(strict, max_years=130))
    before = len(ToySession.names)
    again = _make(tmp_path, monkeypatch, settings=replace(strict, max_years=90))
    assert len(ToySession.names) == before
    assert np.array_equal(short.figures.state, again.figures.state)
    assert longer.rounds[1].years == short.rounds[-1].years == 90


def test_a_second_equilibrium_is_told(tmp_path, monkeypatch):
    """A deep ocean that keeps the temperature it has: every side is at rest where it began."""

    class Still(ToySession):
        rates = np.array([0.5, 0.5, 1.0])

    warm = InitialState(END + 0.01 * DEEP)
    other = Case("t", FORCING, warm, "a little warmer")
    monkeypatch.setattr("tests.spinup.toy_veros.cold", lambda: END - 1.0 * DEEP)
    found = _make(tmp_path, monkeypatch, Still, other, replace(SETTINGS, max_years=100))
    assert not found.figures.verified
    assert found.figures.apart["thetao"] > 0.5, "at rest, and apart"
    assert found.figures.second == "seen"


def test_a_side_that_blows_up_is_named(tmp_path, monkeypatch):
    with pytest.raises(HaloclineError, match="t, other"):
        _make(tmp_path, monkeypatch, case=_case(InitialState(END + 100.0 * GRID.wet)))


def test_a_start_whose_deep_ocean_is_warm():
    state = warm_start(GEOMETRY, GRID, FORCING).state
    analytic = warm_start(GEOMETRY, GRID, replace(FORCING, warming=-1.0)).state
    deep = GRID.wet & (GRID.depth > 3000)
    assert (state - analytic)[0][deep] == pytest.approx(1.0, abs=0.03)
    assert np.array_equal(state[1], analytic[1])
    assert (state[:, ~GRID.wet] == 0).all()


@pytest.mark.parametrize(("warming", "sign"), [(1.0, 1), (0.0, 1), (-1.5, -1)])
def test_the_far_side_is_warm_and_salty_or_cold_and_fresh_at_the_cold_starts_density(warming, sign):
    forcing = replace(FORCING, warming=warming)
    start, words = far_start(GEOMETRY, GRID, forcing)
    thetao, so = start.state
    cold = [np.broadcast_to(f[:, :, None], GRID.wet.shape) for f in initial_state(GEOMETRY.lat, GEOMETRY.depth)]
    wet, deep = GRID.wet, GRID.wet & (GRID.depth > 2000)
    before, after = (DINO_EOS.density(*water, GRID.depth) for water in (cold, (thetao, so)))
    assert np.abs(after - before)[wet].max() < 1e-9
    assert (sign * (so - cold[1]))[deep].min() > 0.3
    assert (sign * (thetao - cold[0]))[deep].min() > 1.8
    assert thetao[wet].min() >= FREEZING
    assert ("warmer and saltier" in words) == (sign > 0)


def test_the_far_side_goes_as_far_in_salt_as_the_forcing_does():
    deep = GRID.wet & (GRID.depth > 2000)
    salty = compensated_start(GEOMETRY, GRID, replace(FORCING, salinity_contrast=0.7), 1).state[1]
    pole = restoring_salinity(np.array([65.0]), replace(FORCING, salinity_contrast=0.7))
    assert salty[deep].mean() > pole + 0.2, "saltier than the water that feeds the deep ocean"
    own = compensated_start(GEOMETRY, GRID, FORCING, 1).state[1]
    assert np.array_equal(compensated_start(GEOMETRY, GRID, replace(FORCING, salinity_contrast=1.3), 1).state[1], own)
    fresh = compensated_start(GEOMETRY, GRID, replace(FORCING, salinity_contrast=1.3, warming=-1.5), -1).state[1]
    assert fresh[deep].mean() < 34.6


def test_sides_that_differ_in_warmth_alone_teach_nothing_of_a_slow_mode_of_salt(tmp_path, monkeypatch):
    """Salt that takes a millennium, warmth that takes four centuries: only sides apart in both see it."""

    class Salt(ToySession):
        rates = np.stack([np.array([0.5, 0.98, 0.9975]), np.array([0.5, 0.98, 0.9988])])

    def salt_left(other):
        found = _make(tmp_path / str(other.state.sum()), monkeypatch, Salt, _case(other), settings)
        return max(d["so"] for d in found.figures.drift.values()), found.figures

    settings = replace(SETTINGS, max_years=90)
    warm = InitialState(np.where(GRID.wet, [BEYOND[0], cold()[1]], 0.0))
    (one, _), (both, figures) = salt_left(warm), salt_left(InitialState(BEYOND))
    assert both < 0.5 * one
    assert figures.apart["so"] < 0.01


def test_runs_whose_change_grows_are_held(tmp_path):
    def stretch(step):
        return Stretch("cold", [_block([step * k] * 10, "start" if k == 0 else "plain") for k in range(3)])

    rounds = [{"cold": stretch(s)} for s in (0.1, 0.05, 0.2, 0.19)]
    held = [grown(rounds[: n + 1], METRIC, SETTINGS) for n in range(4)]
    assert held == [frozenset(), frozenset(), {"cold"}, frozenset()]


def test_a_given_state_is_where_a_block_begins(tmp_path):
    run = SpinupRun(tmp_path / "r", FORCING, InitialState())
    run.extend(ToySession())
    run.extend(ToySession(), Proposal(END, "secant", 0.0, 0.0))
    assert run.blocks[1].began == "secant"
    assert _error(run.blocks[1].states[0]) < 1e-5
