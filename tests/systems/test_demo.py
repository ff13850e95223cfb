"""The demo: every step once, then reuse. The steps themselves are tested in their rooms; here they are joined."""

import importlib.util
import json
import shutil

import pytest

from halocline.evaluate.forecast.file import open_forecast
from halocline.experiments import demo, forecast_demo, ocean_demo
from halocline.systems.config import load_config
from tests.conftest import TOY_RECIPE
from tests.surrogate_toy import surrogate_store, toy_surrogate
from tests.toy import toy_store


@pytest.fixture
def small_demo(monkeypatch):
    """The demo with a toy store for the simulator, a toy recipe, 8 states, and without forecast and ocean."""
    calls = []

    def simulate(out, **options):
        calls.append(options)
        toy_store(out, n=32)

    monkeypatch.setattr(demo, "simulate", simulate)
    monkeypatch.setattr(demo, "load_config", lambda name: load_config(str(TOY_RECIPE)))
    monkeypatch.setattr(demo, "STATES", 8)
    monkeypatch.setattr(demo, "run_forecast_demo", lambda data, out, **options: out / "evaluation/report.html")
    monkeypatch.setattr(demo, "run_ocean_demo", lambda out, **options: [out / "report.html"])
    return calls


def test_demo_makes_report_and_scores_and_reuses_them(small_demo, tmp_path):
    (report, forecast, ocean), scores = demo.run_demo(tmp_path / "demo", quiet=True)
    assert ocean.parent.name == "ocean"
    assert forecast.parent.parent.name == "forecast"
    assert report.read_text().startswith("<!doctype html>") or "<html" in report.read_text()[:300].lower()
    rows = json.loads(scores.read_text())["rows"]
    assert {"floor", "low", "high", "value"} <= set(rows[0])
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "demo").iterdir()}
    demo.run_demo(tmp_path / "demo", quiet=True)
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "demo").iterdir()} == before
    assert len(small_demo) == 1
    assert small_demo[0]["years"] >= 2
    assert small_demo[0]["resolution_km"] == 100


@pytest.mark.slow
def test_demo_goes_on_after_a_lost_evaluation(small_demo, tmp_path):
    out = tmp_path / "demo"
    (report, *_), _ = demo.run_demo(out, quiet=True)
    shutil.rmtree(out / "evaluation")
    report.unlink()
    demo.run_demo(out, quiet=True)
    assert report.exists()
    assert len(small_demo) == 1


@pytest.mark.slow
def test_the_forecast_s_demo_scores_what_it_made_once(tmp_path, monkeypatch):
    store = surrogate_store(tmp_path / "s.zarr", steps=12)
    model = toy_surrogate(store, tmp_path / "model", ["training.samples=12"])
    monkeypatch.setattr(forecast_demo, "MEMBERS", 3)
    report = forecast_demo.run_forecast_demo(store, tmp_path / "forecast", model=str(model), quiet=True)
    assert "<html" in report.read_text()[:300].lower()
    with open_forecast(tmp_path / "forecast" / "forecast.zarr").dataset as made:
        assert dict(made.sizes) | {"start": 3, "member": 3, "lead": 11} == dict(made.sizes)
    before = report.stat().st_mtime_ns
    assert forecast_demo.run_forecast_demo(store, tmp_path / "forecast", model="no such model", quiet=True) == report
    assert report.stat().st_mtime_ns == before


def test_the_ocean_s_demo_without_veros_says_what_it_leaves_out(tmp_path, monkeypatch, capsys):
    real = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name, *a: None if name == "veros" else real(name, *a))
    monkeypatch.setattr(ocean_demo, "STATES", 4)
    reports = ocean_demo.run_ocean_demo(tmp_path / "ocean")
    assert [r.parent.name for r in reports] == ["evaluation"]
    assert reports[0].exists()
    assert "halocline[dino]" in capsys.readouterr().out
