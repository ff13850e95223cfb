"""References whose sides know nothing of each other, and whose cold start runs plainly for longer."""

import csv
import json
from dataclasses import replace
from unittest.mock import patch

import pytest

from halocline.experiments.spinup import reproduce_spinup
from halocline.experiments.spinup_reference import make_references
from halocline.runtime.errors import ConfigError, OutputError
from tests.spinup import toy_veros
from tests.spinup.test_criterion import METRIC
from tests.spinup.test_reference import DEEP, SETTINGS, Slow, _error, _make
from tests.spinup.test_reference_command import data, toy  # noqa: F401
from tests.spinup.toy_veros import ToySession, equilibrium

GAP = 0.3 * DEEP
"""By which the other side's equilibrium is warmer, where it has one of its own."""


class OfTheirOwn(Slow):
    """Each side tends to an equilibrium of its own."""

    def run(self, task):
        own = GAP if task.name.startswith("other") else 0.0
        with patch.object(toy_veros, "equilibrium", lambda forcing: equilibrium(forcing) + own):
            return super().run(task)


def test_sides_that_know_each_other_agree_about_whatever_is_wrong(tmp_path, monkeypatch):
    short, gap = replace(SETTINGS, max_years=90, cold_years=200), METRIC.rms(GAP)["thetao"]
    told = _make(tmp_path / "a", monkeypatch, OfTheirOwn, settings=short)
    apart = _make(tmp_path / "b", monkeypatch, OfTheirOwn, settings=replace(short, independent=True))
    assert told.figures.apart["thetao"] < 0.3 * gap, "set down side by side"
    assert apart.figures.apart["thetao"] == pytest.approx(gap, rel=0.1)
    assert apart.figures.error >= apart.figures.apart["thetao"]
    assert not apart.figures.verified


def test_independent_sides_come_to_one_equilibrium_each_on_its_own(tmp_path, monkeypatch):
    settings = replace(SETTINGS, cold_years=200, independent=True)
    found = _make(tmp_path, monkeypatch, settings=settings)
    assert found.figures.verified
    assert _error(found.figures.state) < 0.03
    first = {name: [b.interrupts for b in found.runs[name][1:]].index(True) + 1 for name in ("cold", "other")}
    assert first["cold"] == 20, "the plain cold start"
    assert first["other"] == 5
    assert found.rounds[0].years == 50
    assert {r.decision.kind for r in found.rounds[:-1]} == {"jump"}
    assert found.years <= settings.most_years + 1


def test_an_experiment_takes_the_references_cold_start_over_and_goes_on_from_it(data, toy, tmp_path):  # noqa: F811
    refs, out = tmp_path / "refs", tmp_path / "runs"
    how = {"data": data, "targets": 1, "years": 60, "max_years": 140, "cold_years": 200, "independent": True}
    make_references(refs, **how, quiet=True)
    before = len(ToySession.names)
    given = {"references": refs, "methods": ["mean"], "max_years": 40, "quiet": True}
    reproduce_spinup(data, out, **given, cold_years=200)
    assert not [name for name in ToySession.names[before:] if name.startswith("cold ")]
    told = json.loads((out / "spinup.json").read_text())["about"]["cold_starts_taken_over"]
    assert told == "member-010: 200 years"
    stages = [s for s in csv.DictReader((out / "stages.csv").open()) if s["method"] == "cold"]
    assert float(stages[-1]["years"]) == 200
    assert {s["began"] for s in stages} == {"start", "plain"}
    before = len(ToySession.names)
    reproduce_spinup(data, out, **given, cold_years=400)
    ran = [name for name in ToySession.names[before:] if name.startswith("cold ")]
    arrived = float(stages[-1]["distance_thetao"]) < 0.1
    assert arrived or ran[0] == "cold 20", "it goes on where the reference's plain years ended"


def test_what_a_reference_began_with_is_kept(toy, tmp_path):  # noqa: F811
    begun = {"preset": "R8", "years": 60, "max_years": 60, "quiet": True}
    make_references(tmp_path / "r", **begun, cold_years=80)
    with pytest.raises(OutputError, match="cold_years = 80"):
        make_references(tmp_path / "r", **begun)
    with pytest.raises(OutputError, match="independent"):
        make_references(tmp_path / "r", **begun, cold_years=80, independent=True)
    for wrong in (50, 65):
        with pytest.raises(ConfigError, match="cold-years"):
            make_references(tmp_path / "r", **begun, cold_years=wrong)
