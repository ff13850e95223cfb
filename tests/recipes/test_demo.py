"""The demo: every step once, then reuse. The steps themselves are tested in their rooms; here they are joined."""

import json

import pytest

from halocline.recipes import demo
from halocline.recipes.config import load_config
from tests.conftest import TOY_RECIPE
from tests.toy import toy_store


@pytest.fixture
def small_demo(monkeypatch):
    """The demo with a toy store for the simulator, a toy recipe, and 8 states."""
    calls = []

    def simulate(out, **options):
        calls.append(options)
        toy_store(out, n=32)

    monkeypatch.setattr(demo, "simulate", simulate)
    monkeypatch.setattr(demo, "load_config", lambda name: load_config(str(TOY_RECIPE)))
    monkeypatch.setattr(demo, "STATES", 8)
    return calls


def test_demo_makes_report_and_scores_and_reuses_them(small_demo, tmp_path):
    report, scores = demo.run_demo(tmp_path / "demo", quiet=True)
    assert report.read_text().startswith("<!doctype html>") or "<html" in report.read_text()[:300].lower()
    rows = json.loads(scores.read_text())["rows"]
    assert {"floor", "low", "high", "value"} <= set(rows[0])
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "demo").iterdir()}
    demo.run_demo(tmp_path / "demo", quiet=True)
    assert {p: p.stat().st_mtime_ns for p in (tmp_path / "demo").iterdir()} == before
    assert len(small_demo) == 1
    assert small_demo[0]["years"] >= 2
    assert small_demo[0]["resolution_km"] == 100


def test_demo_goes_on_after_a_lost_evaluation(small_demo, tmp_path):
    import shutil

    out = tmp_path / "demo"
    report, _ = demo.run_demo(out, quiet=True)
    shutil.rmtree(out / "evaluation")
    report.unlink()
    demo.run_demo(out, quiet=True)
    assert report.exists()
    assert len(small_demo) == 1
