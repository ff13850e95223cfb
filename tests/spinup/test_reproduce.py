"""``halocline reproduce spinup`` from store to table, with a toy in Veros's place; and what it refuses."""

import csv
import importlib.util
import json

import numpy as np
import pytest
import xarray as xr
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.data.store.store import open_store
from halocline.experiments.spinup import reproduce_spinup
from halocline.runtime.errors import ConfigError, HaloclineError, InputError, OutputError
from halocline.spinup.methods import METHODS, choose
from halocline.worlds.dino.parameters import NAMES
from tests.spinup.toy_veros import GEOMETRY, GRID, ToySession, equilibrium, forcing_of, toy_archive

POSSIBLE = [name for name, m in METHODS.items() if m.by != "jump"]  # jumps need histories: test_reference_command
QUICK = {"max_years": 120, "quiet": True}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    return toy_archive(tmp_path_factory.mktemp("data") / "d.zarr", noise=0.01).path


@pytest.fixture
def toy(monkeypatch):
    monkeypatch.setattr("halocline.spinup.session_pool.Session", ToySession)
    monkeypatch.setattr("halocline.experiments.spinup.require_veros", lambda: "numpy")


def _states(path, store, members=(8, 9, 10, 11), error=0.05, **drop):
    """States for the forcing of members: their equilibria with an error, as a generator would make them."""
    rng = np.random.default_rng(1)
    forcings = [forcing_of(store, m) for m in members]
    states = (
        np.stack([equilibrium(f) for f in forcings])
        + error * rng.normal(size=(len(members), 2, 1, 1, 1)) * np.array([1, 0.1])[:, None, None, None]
    )
    states = np.where(GRID.wet, states, np.nan)
    dims = ("member", "depth", "y", "x")
    dataset = xr.Dataset(
        {
            "thetao": (dims, states[:, 0], {"units": "degC"}),
            "so": (dims, states[:, 1], {"units": "1e-3"}),
            "e3t": ("depth", GEOMETRY.thickness, {"units": "m"}),
        },
        coords={
            "depth": ("depth", GEOMETRY.depth, {"units": "m", "positive": "down"}),
            "lat": (("y", "x"), GRID.lat),
            "member": np.arange(len(members)),
            "day_of_year": ("member", np.zeros(len(members))),
        },
    )
    for k, name in enumerate(NAMES):
        dataset = dataset.assign_coords({name: ("member", [f.values()[k] for f in forcings])})
    dataset.drop_vars(drop.get("without", ())).to_netcdf(path)
    return path


def test_from_a_store_to_a_table_and_again(data, toy, tmp_path):
    store, out = open_store(data), tmp_path / "runs"
    states = _states(tmp_path / "s.nc", store)
    before = len(ToySession.names)
    table = reproduce_spinup(data, out, states=states, targets=2, jobs=2, **QUICK)
    ran = len(ToySession.names) - before
    assert table.count("\n| ") >= len(POSSIBLE), "a line a method"
    assert "cold start, Anderson" in table
    assert "| 2 of 2 |" in table
    assert "model years" in table
    rows = list(csv.DictReader((out / "outcomes.csv").open()))
    assert len(rows) == 2 * len(POSSIBLE) * 2
    whole = {(r["target"], r["method"]): r for r in rows if r["region"] == "whole"}
    upper = {(r["target"], r["method"]): r for r in rows if r["region"] == "upper"}
    for target in {r["target"] for r in rows}:
        years = {m: float(whole[target, m]["years"] or 1e9) for m in POSSIBLE}
        assert years["generated"] < years["cold-anderson"] < years["cold"], years
        assert all(float(upper[target, m]["years"] or 1e9) <= years[m] for m in POSSIBLE)
    stages = list(csv.DictReader((out / "stages.csv").open()))
    assert {"mixed"} <= {s["began"] for s in stages if s["method"] == "cold-anderson"}
    assert json.loads((out / "spinup.json").read_text())["about"]["data_fingerprint"] == store.fingerprint
    page = (out / "report.html").read_text()
    assert page.count("data:image/png") == 2
    assert "http" not in page.replace("http-equiv", "")

    before = len(ToySession.names)
    again = reproduce_spinup(data, out, states=states, targets=2, **QUICK)
    assert len(ToySession.names) == before, "nothing is run twice"
    assert again.splitlines()[:12] == table.splitlines()[:12]
    longer = reproduce_spinup(data, out, states=states, targets=1, max_years=130, methods=["nearest"], quiet=True)
    assert 0 < len(ToySession.names) - before < ran / 4, "a longer reference goes on from the shorter"
    assert "of 1" in longer
    named = reproduce_spinup(data, out, states=states, members=[11], methods=["nearest"], max_years=130, quiet=True)
    assert "of 1" in named
    assert {row["target"] for row in csv.DictReader((out / "outcomes.csv").open())} == {"member-011"}
    with pytest.raises(ConfigError, match="targets and member"):
        reproduce_spinup(data, out, states=states, targets=1, members=[11], **QUICK)


def test_methods_without_generated_states(data, toy, tmp_path):
    table = reproduce_spinup(data, tmp_path / "runs", **QUICK)
    assert "generated" not in table
    assert [m.name for m in choose(["nearest"], generated=False)] == ["cold", "own", "nearest"]
    with pytest.raises(ConfigError, match="cold-anderson"):
        choose(["cold-andersen"], generated=False)
    with pytest.raises(ConfigError, match="--model or --states"):
        choose(["generated"], generated=False)


def test_a_killed_experiment_continues(data, toy, tmp_path, monkeypatch):
    class Dies(ToySession):
        def __init__(self, *args):
            super().__init__(*args, die_after=5)

    monkeypatch.setattr("halocline.spinup.session_pool.Session", Dies)
    out = tmp_path / "runs"
    with pytest.raises(KeyboardInterrupt):
        reproduce_spinup(data, out, methods=["nearest"], **QUICK)
    monkeypatch.setattr("halocline.spinup.session_pool.Session", ToySession)
    before = len(ToySession.names)
    table = reproduce_spinup(data, out, methods=["nearest"], **QUICK)
    assert ToySession.names[before] == "cold 5", "five blocks were kept"
    assert "nearest" in table


def test_a_reference_that_blows_up_is_named(data, toy, tmp_path, monkeypatch):
    class Wild(ToySession):
        def __init__(self, *args):
            super().__init__(*args, wild=0.0)

    monkeypatch.setattr("halocline.spinup.session_pool.Session", Wild)
    with pytest.raises(HaloclineError, match="blew up"):
        reproduce_spinup(data, tmp_path / "runs", **QUICK)


def test_states_that_do_not_fit_are_refused(data, toy, tmp_path):
    store = open_store(data)
    elsewhere = _states(tmp_path / "elsewhere.nc", store, members=(0, 1))
    with pytest.raises(InputError, match=r"none for member-\d+(.|\n)*halocline generate MODEL"):
        reproduce_spinup(data, tmp_path / "a", states=elsewhere, **QUICK)
    blind = _states(tmp_path / "blind.nc", store, without=("warming",))
    with pytest.raises(InputError, match="warming"):
        reproduce_spinup(data, tmp_path / "b", states=blind, **QUICK)
    with pytest.raises(InputError, match="nothing at this path"):
        reproduce_spinup(data, tmp_path / "c", states=tmp_path / "no.nc", **QUICK)
    with pytest.raises(ConfigError, match="at most one"):
        reproduce_spinup(data, tmp_path / "d", states=elsewhere, model="m", **QUICK)


def test_folders_and_numbers_that_do_not_fit_are_refused(data, toy, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x.txt").write_text("mine")
    with pytest.raises(OutputError, match="other things"):
        reproduce_spinup(data, tmp_path / "full", **QUICK)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "identity.json").write_text('{"data": "e.zarr", "data_fingerprint": "0"}')
    with pytest.raises(OutputError, match=r"e\.zarr"):
        reproduce_spinup(data, tmp_path / "other", **QUICK)
    for years in (30, 125):
        with pytest.raises(ConfigError, match="max-years"):
            reproduce_spinup(data, tmp_path / "n", max_years=years, quiet=True)
    assert not (tmp_path / "n").exists()


def test_without_veros_the_command_says_how_to_get_it(data, tmp_path, monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "veros" else real(name, *a))
    with pytest.raises(InputError, match="halocline\\[dino\\]"):
        reproduce_spinup(data, tmp_path / "runs", **QUICK)
    assert not (tmp_path / "runs").exists()


def test_the_command_prints_the_table(data, toy, tmp_path):
    arguments = ["reproduce", "spinup", "--data", str(data), "--out", str(tmp_path / "runs"), "--max-years", "40"]
    result = CliRunner().invoke(app, [*arguments, "--method", "nearest", "--quiet"])
    assert result.exit_code == 0, result.output
    assert "| nearest training member's last state |" in result.output
    assert "report.html" in result.output
