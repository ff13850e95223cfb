"""``halocline spinup reference`` from forcing to folder, and ``reproduce spinup`` with what it made."""

import csv
import json
from functools import partial

import numpy as np
import pytest
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.data.store.store import open_store
from halocline.experiments.spinup import reproduce_spinup
from halocline.experiments.spinup_reference import make_references
from halocline.runtime.errors import ConfigError, InputError, OutputError
from halocline.spinup.jump.slow_map import SlowMapSettings
from halocline.spinup.reference.folder import read_known
from halocline.spinup.reference.settings import ReferenceSettings
from halocline.trials.ocean.starts import read_starts
from tests.spinup.test_criterion import METRIC
from tests.spinup.toy_veros import ToySession, equilibrium, forcing_of, toy_archive


class Century(ToySession):
    """The deep ocean takes a century."""

    rates = np.array([0.5, 0.9, 0.99])


SHORT = {"years": 60, "max_years": 100, "quiet": True}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return toy_archive(tmp_path_factory.mktemp("data") / "d.zarr", noise=0.01).path


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setattr("halocline.spinup.session_pool.Session", Century)
    for room in ("spinup", "spinup_reference"):
        monkeypatch.setattr(f"halocline.experiments.{room}.require_veros", lambda: "numpy")
    linear = SlowMapSettings(ridge=1e-4)  # the toy is, and has no noise
    settings = partial(ReferenceSettings, slow=linear)
    monkeypatch.setattr("halocline.experiments.spinup_reference.ReferenceSettings", settings)


def test_the_command_makes_a_folder_a_forcing_and_goes_on_from_it(toy, tmp_path):
    out = tmp_path / "refs"
    words = ["spinup", "reference", "--out", str(out), "--preset", "R8", "--set", "warming=1", "--quiet"]
    words += ["--years", "100", "--max-years", "340"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    assert "| warming-1 | yes |" in result.output
    folder = out / "warming-1"
    record = json.loads((folder / "reference.json").read_text())
    assert record["verified"]
    assert record["second_equilibrium"] == "none seen"
    assert record["rounds"][0]["then"] == "jump"
    assert record["signed_drift"]["cold"] != 0
    assert record["years"] == pytest.approx(sum(r["years"] for r in record["runs"].values()))
    state = read_starts(folder / "equilibrium.nc", "reference").starts[0]
    end = equilibrium(state.forcing)
    assert state.forcing.warming == 1.0
    assert METRIC.rms(np.stack([state.thetao, state.so]) - end)["thetao"] < record["error_thetao"] + 0.02
    lines = list(csv.DictReader((folder / "approach.csv").open()))
    assert {line["run"] for line in lines} == {"cold", "other", "middle"}
    assert (folder / "approach.png").stat().st_size > 1000
    assert (out / "report.html").read_text().count("data:image/png") == 1
    before = len(ToySession.names)
    assert CliRunner().invoke(app, words).output == result.output
    assert len(ToySession.names) == before, "nothing is run twice"


def test_members_and_targets_of_a_store(data, toy, tmp_path):
    table = make_references(tmp_path / "a", data=data, targets=2, jobs=2, **SHORT)
    assert table.count("| member-0") == 2
    store = open_store(data)
    known = read_known(tmp_path / "a", "R8")
    held_out = [m for m, role in enumerate(store.roles) if role in ("interior", "end")]
    assert [k.forcing for k in known] == [forcing_of(store, m) for m in held_out]
    one = make_references(tmp_path / "b", data=data, members=[held_out[0]], other="own", **SHORT)
    assert "own simulated state" in (tmp_path / "b" / "report.html").read_text()
    assert one.count("| member-0") == 1
    two = make_references(tmp_path / "c", data=data, members=[held_out[0]], other="surface", **SHORT)
    assert "a response surface over the training members" in (tmp_path / "c" / "report.html").read_text()
    assert two.count("| member-0") == 1
    (found,) = read_known(tmp_path / "c", "R8")
    assert METRIC.rms(found.equilibrium.state - equilibrium(found.forcing))["thetao"] < 0.05


def test_known_references_judge_the_experiment_and_no_run_of_it_does(data, toy, tmp_path):
    refs, out = tmp_path / "refs", tmp_path / "runs"
    make_references(refs, data=data, targets=1, years=100, max_years=220, quiet=True)
    table = reproduce_spinup(data, out, references=refs, histories=refs, methods=["nearest"], max_years=120, quiet=True)
    assert "known equilibria" in table
    assert "still drift" not in table
    assert "own simulated state" not in table, "no run of a competing method is a reference"
    (known,) = read_known(refs, "R8")
    stages = list(csv.DictReader((out / "stages.csv").open()))
    assert {s["near"] for s in stages} == {known.equilibrium.name}
    nearest = [s for s in stages if s["method"] == "nearest"]
    block = np.load(out / known.equilibrium.name / "nearest" / "block-000.npz")["states"]
    distance = METRIC.rms(block.mean(axis=0) - known.equilibrium.state)["thetao"]
    assert float(nearest[0]["distance_thetao"]) == pytest.approx(distance, rel=1e-5)
    unfinished = reproduce_spinup(data, tmp_path / "old", methods=["nearest"], max_years=40, quiet=True)
    assert "unfinished" in unfinished


def test_the_cold_start_may_run_longer_than_what_is_compared_with_it(data, toy, tmp_path):
    refs, out = tmp_path / "refs", tmp_path / "runs"
    make_references(refs, data=data, targets=1, years=100, max_years=220, quiet=True)
    given = {"references": refs, "methods": ["mean"], "max_years": 40, "quiet": True}
    short = reproduce_spinup(data, out, **given)
    assert "> 40" in short
    reproduce_spinup(data, out, **given, cold_years=900)
    rows = {r["method"]: r for r in csv.DictReader((out / "outcomes.csv").open()) if r["region"] == "whole"}
    ran = {name: float(r["years_run"]) for name, r in rows.items()}
    assert rows["cold"]["reached"] == "True"
    assert ran["cold"] > 60
    assert ran["mean"] < 42, "others end where they ended"
    with pytest.raises(ConfigError, match="known equilibria"):
        reproduce_spinup(data, tmp_path / "x", methods=["mean"], max_years=40, cold_years=300, quiet=True)
    with pytest.raises(ConfigError, match="at least --max-years"):
        reproduce_spinup(data, out, **given, cold_years=30)


def test_a_target_without_a_known_equilibrium_is_named(data, toy, tmp_path):
    make_references(tmp_path / "refs", data=data, targets=1, **SHORT)
    with pytest.raises(InputError, match=r"none with the forcing(.|\n)*--member 1[01]"):
        reproduce_spinup(data, tmp_path / "runs", references=tmp_path / "refs", targets=2, max_years=40, quiet=True)
    with pytest.raises(InputError, match="no equilibrium of DINO R8"):
        reproduce_spinup(data, tmp_path / "runs", references=tmp_path / "none", max_years=40, quiet=True)


def test_jumps_are_taught_by_other_forcings_only(data, toy, tmp_path):
    members = [0, 1, 10]  # 10 is the first target
    make_references(tmp_path / "refs", data=data, members=members, **SHORT)
    options = {"methods": ["cold-jump", "nearest-jump"], "max_years": 120, "quiet": True}
    refs, out = tmp_path / "refs", tmp_path / "runs"
    table = reproduce_spinup(data, out, references=refs, histories=refs, **options)
    assert "cold start, pooled jumps" in table
    stages = list(csv.DictReader((out / "stages.csv").open()))
    assert "jump" in {s["began"] for s in stages if s["method"] == "cold-jump"}
    last = {m: [float(s["distance_thetao"]) for s in stages if s["method"] == m][-1] for m in ("cold", "cold-jump")}
    assert last["cold-jump"] < 0.3 * last["cold"]
    record = json.loads((out / "spinup.json").read_text())
    assert record["about"]["histories_for_member-010"] == "2 forcings: member-000, member-001"
    alone = tmp_path / "alone"
    make_references(alone, data=data, members=[10], **SHORT)
    with pytest.raises(InputError, match="only the target's own"):
        reproduce_spinup(data, tmp_path / "x", histories=alone, **options)
    with pytest.raises(ConfigError, match="--histories"):
        reproduce_spinup(data, tmp_path / "x", **options)
    map_file = out / "member-010" / "tracer-map.npz"
    before = map_file.read_bytes()
    make_references(refs, data=data, members=[2], **SHORT)
    reproduce_spinup(data, out, references=refs, histories=refs, **options)
    assert map_file.read_bytes() == before, "a run goes on with the map it began with"


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"members": [1]}, "the forcing"),
        ({"forcing": {"warmth": 1.0}}, "warming"),
        ({"forcing": {"warming": 30.0}}, "-2 to 4"),
        ({"other": "hot"}, "hot"),
        ({"other": "own"}, "--data"),
        ({"other": "surface"}, "--data"),
        ({"years": 55}, "multiples of 10"),
        ({"max_years": 50}, "at least 60"),
    ],
)
def test_what_does_not_fit_is_refused(toy, tmp_path, options, match):
    with pytest.raises(ConfigError, match=match):
        make_references(tmp_path / "r", preset="R8", **SHORT | options)
    assert not (tmp_path / "r").exists()


def test_members_that_do_not_exist_and_folders_of_others_are_refused(data, toy, tmp_path):
    with pytest.raises(ConfigError, match="0 to 11"):
        make_references(tmp_path / "r", data=data, members=[12], **SHORT)
    with pytest.raises(ConfigError, match="the forcing"):
        make_references(tmp_path / "r", data=data, members=[1], targets=1, **SHORT)
    (tmp_path / "full" / "dino").mkdir(parents=True)
    (tmp_path / "full" / "dino" / "x.txt").write_text("mine")
    with pytest.raises(OutputError, match="other things"):
        make_references(tmp_path / "full", preset="R8", **SHORT)
    (tmp_path / "other" / "dino").mkdir(parents=True)
    (tmp_path / "other" / "dino" / "forcing.json").write_text('{"preset": "R4", "forcing": {"warming": 0.0}}')
    with pytest.raises(OutputError, match="preset = R4"):
        make_references(tmp_path / "other", preset="R8", **SHORT)


def test_without_an_extrapolation_the_drifts_are_told(toy, tmp_path):
    table = make_references(tmp_path / "r", preset="R8", years=60, max_years=60, quiet=True)
    assert "| dino | no |" in table
    assert "their gap closes with an e-folding time of" in table
    record = json.loads((tmp_path / "r" / "dino" / "reference.json").read_text())
    assert f"at {record['share']:.2f} of the way" in table
    assert "middle" not in record["runs"]


def test_a_folder_goes_on_as_it_began(toy, tmp_path):
    make_references(tmp_path / "r", preset="R8", **SHORT)
    with pytest.raises(OutputError, match="years = 60"):
        make_references(tmp_path / "r", preset="R8", **SHORT | {"years": 50})
