"""References whose cold start runs plainly for longer, and whose other side is its mirror image."""

import csv
import json
from dataclasses import replace

import numpy as np
import pytest

from halocline.experiments.spinup import reproduce_spinup
from halocline.experiments.spinup_reference import make_references
from halocline.runtime.errors import ConfigError, HaloclineError, OutputError
from halocline.spinup.reference.starts import Case
from halocline.spinup.reference.tail import mirrored, tail_of
from tests.spinup.test_criterion import METRIC
from tests.spinup.test_reference import DEEP, FORCING, SETTINGS, Slow, _error, _make
from tests.spinup.test_reference_command import data, toy  # noqa: F401
from tests.spinup.test_windows import STATE, _block
from tests.spinup.toy_veros import GRID, ToySession

MIRROR = Case("t", FORCING, None, "the mirror image")


def _run(place, count=60):
    """A run whose block n is ``place(n)`` all along."""
    return [_block([place(n)] * 10, "plain" if n else "start") for n in range(count)]


def test_the_tail_of_one_mode_is_exact_and_a_faster_mode_dies_out():
    fast = 5.0 * np.where(GRID.depth < 300, 1.0, 0.0)
    tail = tail_of(_run(lambda n: (1.0 - 0.98**n) * DEEP), METRIC, "t")
    assert METRIC.rms(tail.end - STATE - DEEP)["thetao"] < 1e-4
    assert tail.folding == pytest.approx(-10 / np.log(0.98), rel=1e-3)
    two = tail_of(_run(lambda n: (1.0 - 0.98**n) * DEEP + 0.8**n * fast), METRIC, "t")
    assert METRIC.rms(two.end - STATE - DEEP)["thetao"] < 1e-3


def test_the_mirrored_start_is_as_far_beyond_the_end_and_never_too_near():
    early, late = (
        tail_of(_run(lambda n, first=begun: (1.0 - 0.98 ** (n + first)) * DEEP), METRIC, "t") for begun in (0, 200)
    )
    away = METRIC.rms(STATE + DEEP - early.now)["thetao"]
    for tail, far in ((early, pytest.approx(away, rel=0.01)), (late, pytest.approx(0.1, rel=0.02))):
        assert METRIC.rms(mirrored(tail, METRIC) - STATE - DEEP)["thetao"] == far


@pytest.mark.parametrize(
    ("place", "count", "found"),
    [
        (lambda n: 1.02**n * DEEP, 60, "1.37 times"),
        (lambda n: DEEP, 60, "nan"),
        (lambda n: 0.98**n * DEEP, 8, "80 years"),
    ],
)
def test_a_run_that_does_not_come_to_rest_says_so(place, count, found):
    with pytest.raises(HaloclineError, match=found):
        tail_of(_run(place, count), METRIC, "t")


def test_a_cold_start_and_its_mirror_image_bracket_the_equilibrium(tmp_path, monkeypatch):
    settings = replace(SETTINGS, cold_years=400, meet=True)
    found = _make(tmp_path, monkeypatch, case=MIRROR, settings=settings)
    first = found.rounds[0]
    assert first.figures.signed["cold"] > 0 > first.figures.signed["other"], "they drift against each other"
    assert first.figures.secant.share == pytest.approx(0.5, abs=0.1)
    assert found.figures.verified
    assert _error(found.figures.state) < 0.03
    assert [b.interrupts for b in found.runs["cold"][1:]].index(True) == 39, "the plain cold start"
    assert first.years == 50
    assert first.decision.kind == "secant"
    assert found.years <= settings.most_years + 1
    before = len(ToySession.names)
    again = _make(tmp_path, monkeypatch, case=MIRROR, settings=settings)
    assert len(ToySession.names) == before
    assert np.array_equal(again.figures.state, found.figures.state)


def test_a_wrong_estimate_of_the_end_shows_in_the_drifts(tmp_path, monkeypatch):
    """A slow mode that gets slower: what is ahead of the cold side is more than its last centuries say."""
    short = replace(SETTINGS, cold_years=150, max_years=50)
    found = _make(tmp_path, monkeypatch, Slow, MIRROR, short)
    assert _error(found.runs["other"][0].mean) > 0.1
    assert not found.figures.verified
    assert found.figures.secant.share != pytest.approx(0.5, abs=0.05), "not half-way"


def test_an_experiment_takes_the_references_cold_start_over_and_goes_on_from_it(data, toy, tmp_path):  # noqa: F811
    refs, out = tmp_path / "refs", tmp_path / "runs"
    make_references(refs, data=data, targets=1, years=60, max_years=140, cold_years=200, other="mirror", quiet=True)
    page = (refs / "report.html").read_text()
    assert "mirror image" in page
    folding = json.loads((refs / "member-010" / "reference.json").read_text())["cold_e_folding_years"]
    assert f"e-folding time of {folding:.0f} years" in page
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
    reproduce_spinup(data, out, **given, cold_years=600)
    ran = [name for name in ToySession.names[before:] if name.startswith("cold ")]
    assert ran[0] == "cold 20", "it goes on where the reference's plain years ended"


def test_what_a_reference_began_with_is_kept(toy, tmp_path):  # noqa: F811
    begun = {"preset": "R8", "years": 60, "max_years": 60, "quiet": True}
    make_references(tmp_path / "r", **begun, cold_years=80)
    with pytest.raises(OutputError, match="cold_years = 80"):
        make_references(tmp_path / "r", **begun)
    for wrong in (50, 65):
        with pytest.raises(ConfigError, match="cold-years"):
            make_references(tmp_path / "r", **begun, cold_years=wrong)
