"""The judge of sea ice: true states are accepted, controls are what they say, kills and damage do no harm."""

from dataclasses import replace

import numpy as np
import pytest
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.data.store.store import open_store
from halocline.report.trials.page import print_judgement, write_judgement
from halocline.report.trials.table import judge_table
from halocline.runtime.errors import ConfigError, InputError, OutputError
from halocline.trials.ice import runs as ice_runs
from halocline.trials.ice.climate import IceClimate
from halocline.trials.ice.plan import IceProtocol, plan_runs
from halocline.trials.ice.starts import read_starts
from halocline.trials.ice.verdicts import told_apart
from halocline.trials.integrate import integrate
from halocline.trials.judgement import judge
from halocline.trials.protocol import TRIALS, Request, check_options, kind_for
from halocline.trials.recoding import Recoding
from tests.ocean_toy import toy_ocean_dataset
from tests.trials.toy_ice import drawn, simulated_store

pytest.importorskip("numba")
SAMPLES = [(0, 18), (1, 20)]
BRIEF = IceProtocol(shock_days=1, first_days=2, years=0)
FIVE = ("sit", "sic", "sid", "siu", "siv")


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    return simulated_store(tmp_path_factory.mktemp("ice") / "two-weeks.zarr")


@pytest.fixture(scope="module")
def store(path):
    return open_store(path)


@pytest.fixture(scope="module")
def judged(path, store, tmp_path_factory):
    """True states under another name, states without snow, all controls; two days."""
    groups = {"copies": drawn(store, SAMPLES), "bare": drawn(store, SAMPLES, FIVE)}
    recode = Recoding(FIVE, lambda x: np.round(x, 2))
    plan = plan_runs(groups, control=path, protocol=BRIEF, recode=recode, noise=0.3, floor=True)
    out = tmp_path_factory.mktemp("judge") / "runs"
    return out, plan, integrate(plan, out, quiet=True)


def test_a_true_state_has_itself_as_its_control_and_a_ratio_of_one(judged):
    found = judge(judged[2])
    for figure in ("kinetic_energy_12_48", "deformation_12_48", "growth_12_48"):
        assert found.find("copies", figure).value == pytest.approx(1.0, abs=1e-3)
        assert found.find("encoded truth", figure).value == pytest.approx(1.0, abs=0.1)
    assert found.find("copies", "iiee_truth", 2.0).value == 0.0
    assert found.find("another true state", "iiee_truth", 2.0).value > 0.0
    assert found.find("truth", "crashes").value == 0.0


def test_snow_that_is_not_drawn_is_that_of_the_date(judged, store):
    _, plan, _ = judged
    start = next(s for s in plan.starts if s.group == "bare")
    truth = next(s for s in plan.starts if s.name == start.control)
    ice = truth.fields["sic"] > 0.5
    assert start.fields["snt"][ice].mean() == pytest.approx(truth.fields["snt"][ice].mean(), rel=0.1)
    assert not start.fields["snt"][truth.fields["sic"] == 0].any()
    assert "snt of the mean state" in plan.about["bare"]
    mean = IceClimate(store).mean(start.share)
    expected = np.mean([store.read(m, k)[0] for m in (0, 1) for k in (0, 10)], axis=0)
    np.testing.assert_allclose(mean["sit"], expected, atol=1e-6)


def test_noise_is_seen_and_a_copy_is_not(judged):
    found = judge(judged[2])
    assert found.find("white noise 0.3", "roughness", 0.25).value > 1.2
    assert "roughness" in {v.figure for v in told_apart(found, "white noise 0.3")}
    noisy = next(s for s in judged[1].starts if s.group == "white noise 0.3")
    truth = next(s for s in judged[1].starts if s.name == noisy.control)
    ice = truth.fields["sic"] > 0
    assert ((noisy.fields["sic"] > 0) == ice).all()
    assert noisy.fields["sic"].max() <= 1.0
    spread = truth.fields["sit"][ice].std()
    assert (noisy.fields["sit"] - truth.fields["sit"])[ice].std() == pytest.approx(0.3 * spread, rel=0.15)


def test_the_budget_of_a_run_adds_up(judged):
    """Volume changes by what grows and melts, but for what leaves at the open boundary and is cut off."""
    runs = judged[2].dataset
    days, volume = runs["day"].values, runs["volume"].values
    rate = np.nan_to_num(runs["growth"].values - runs["melt"].values)
    gained = (rate[:, 1:] * np.diff(days) * 86400).sum(axis=1)
    assert np.abs(volume[:, -1] - volume[:, 0] - gained).max() < 2e-3 * volume[:, 0].max()
    assert (runs["coastal_ridging"].values[:, 1:] <= runs["ridging"].values[:, 1:] + 1e-9).all()


def test_tables_and_page(judged, capsys):
    out, _, table = judged
    judgement = write_judgement(table, out)
    page = (out / "report.html").read_text()
    assert "What tells the states from true ones" in page
    assert page.count("data:image/png;base64,") == 3
    assert "growth, hours 12–48" in judge_table(judgement).to_markdown()
    print_judgement(judgement)
    assert "Arctic world" in capsys.readouterr().out


def test_the_same_call_runs_nothing_and_damage_is_made_again(judged, monkeypatch):
    out, plan, before = judged
    calls = []
    real = ice_runs.run_task
    monkeypatch.setattr(ice_runs, "run_task", lambda task: calls.append(task.folder.name) or real(task))
    assert integrate(plan, out, quiet=True).dataset.identical(before.dataset)
    assert calls == []
    file = ice_runs.end_of(out / "members" / "copies-001")
    file = file if file.exists() else ice_runs.end_of(out / "members" / "bare-001")
    data = bytearray(file.read_bytes())
    data[-40] ^= 1
    file.write_bytes(data)
    assert integrate(plan, out, quiet=True).dataset.identical(before.dataset)
    assert calls == [file.parent.name]


def test_a_stopped_run_goes_on_to_the_bit(path, store, tmp_path, monkeypatch):
    groups = {"copies": drawn(store, SAMPLES[:1])}
    protocol = IceProtocol(shock_days=1, first_days=4, years=0)
    plan = plan_runs(groups, control=path, protocol=protocol)
    plan = replace(plan, starts=plan.starts[:1])
    monkeypatch.setattr(ice_runs, "RESTART_EVERY", 8)
    whole = integrate(plan, tmp_path / "whole", quiet=True)
    real, steps = ice_runs.Watch.advance, []

    def stopping(watch):
        steps.append(1)
        if len(steps) == 11:
            raise KeyboardInterrupt
        return real(watch)

    monkeypatch.setattr(ice_runs.Watch, "advance", stopping)
    with pytest.raises(KeyboardInterrupt):
        integrate(plan, tmp_path / "cut", quiet=True)
    again = integrate(plan, tmp_path / "cut", quiet=True)
    assert len(steps) == 11 + 8
    assert again.dataset.drop_vars("crash_day").identical(whole.dataset.drop_vars("crash_day"))


def test_a_crash_is_a_result(path, store, tmp_path, monkeypatch):
    plan = plan_runs({"copies": drawn(store, SAMPLES)}, control=path, protocol=BRIEF)
    monkeypatch.setattr(ice_runs.Watch, "advance", lambda watch: False)
    found = judge(integrate(plan, tmp_path / "runs", quiet=True))
    assert found.find("copies", "crashes").value == 1.0


def test_another_protocol_is_refused(judged):
    out, plan, _ = judged
    with pytest.raises(OutputError, match="rheology"):
        integrate(replace(plan, rheology="mevp"), out, quiet=True)


def test_states_need_a_day_and_an_arctic_grid(store):
    bare = drawn(store, SAMPLES, days=False)
    with pytest.raises(InputError, match="--condition day_of_year"):
        read_starts(bare, "drawn")
    assert [s.day for s in read_starts(bare, "drawn", conditions={"day_of_year": 90.0}).starts] == [90.0, 90.0]
    with pytest.raises(ConfigError, match="its own"):
        read_starts(drawn(store, SAMPLES), "drawn", conditions={"day_of_year": 90.0})
    with pytest.raises(InputError, match=r"60x64 cells.*100 km 64x64"):
        read_starts(bare.isel(y=slice(0, 60)), "drawn")


def test_bad_plans(path, store):
    states = {"drawn": drawn(store, SAMPLES)}
    for options, words in (
        ({"noise": 0.1}, "--control"),
        ({"members": 0}, "members"),
        ({"rheology": "vp"}, "mevp"),
        ({"protocol": IceProtocol(years=-1)}, "years"),
    ):
        with pytest.raises(ConfigError, match=words):
            plan_runs(states, **options)
    with pytest.raises(ConfigError, match="taken"):
        plan_runs({"truth": states["drawn"]})


def test_the_world_is_found_by_the_variables():
    assert kind_for(toy_ocean_dataset(), "here") == "ocean"
    with pytest.raises(InputError, match="sea ice"):
        kind_for(toy_ocean_dataset().drop_vars(["thetao", "so", "zos"]), "here")
    with pytest.raises(ConfigError, match="--nearest-forcing"):
        check_options("seaice", Request({}, options={"nearest_forcing": True, "rheology": None}))
    assert set(TRIALS) == {"ocean", "seaice"}


def test_the_command_runs_other_rheologies(path, store, tmp_path):
    drawn(store, SAMPLES[:1]).to_netcdf(tmp_path / "states.nc")
    words = ["integrate", str(tmp_path / "states.nc"), "--control", str(path), "--rheology", "freedrift", "--jobs", "1"]
    result = CliRunner().invoke(app, [*words, "--years", "0", "--out", str(tmp_path / "runs"), "--quiet"])
    assert result.exit_code == 0, result.output
    text = (tmp_path / "runs" / "judgement.csv").read_text()
    assert "kinetic_energy_12_48" in text
    assert "damage_made" not in text
