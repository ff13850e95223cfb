"""Runs of decades: trends, variability and the drift of level means, on series and states whose answers are known."""

import json

import numpy as np
import pytest

from halocline.runtime import files
from halocline.trials.integrate import integrate
from halocline.trials.judgement import judge
from halocline.trials.ocean.long_run import LONG, level_drift, trend, variability, yearly
from halocline.trials.ocean.plan import Protocol, plan_runs
from halocline.trials.ocean.runs import FIGURES
from halocline.worlds.dino.job import TaskFolder
from tests.trials.toy_judge import GEOMETRY, GRID, analytic, dataset

DAYS = np.array([*range(11), *(10 + 30 * np.arange(1, 12 * 20 + 1))], float)
FACTOR = {"truth": 1.0, "drawn": 3.0}


@pytest.fixture
def faked(monkeypatch):
    """Runs that warm by 0.01 K a decade (drawn: thrice that), twice as fast below 2000 m, and swing each year."""

    def run_tasks(tasks, preset, folder, *, jobs, progress):
        for task in tasks:
            factor = FACTOR.get(task.name.rpartition("-")[0], 1.0)
            made, years = TaskFolder(task.folder), task.legs[2].days / 360
            assert task.legs[2].sample_days == 360
            lines = []
            for day in [*range(11), *(10 + 30 * np.arange(1, int(12 * years) + 1))]:
                year = np.ceil((day - 10) / 360)
                values = dict.fromkeys(FIGURES, 1.0) | {
                    "thetao_mean": 5.0 + 0.01 * factor * day / 3600,
                    "acc": 100.0 + 2.0 * factor * (-1.0) ** year,
                }
                lines.append(json.dumps({"day": 30.0 + day, "mode": "any", **values}))
            files.write_text(made.series, "\n".join(lines) + "\n")
            for year in range(int(years)):
                deep = np.where(GRID.depth > 2000, 2.0, 1.0) * 0.001 * factor * year
                water = {"thetao": np.where(GEOMETRY.wet, 5.0 + deep, 0.0), "so": np.where(GEOMETRY.wet, 35.0, 0.0)}
                files.write_npz(made.sample(40 + 360 * year), water)
            files.write_text(made.done, json.dumps({"day": task.days}))
            progress(task.name, task.days)

    monkeypatch.setattr("halocline.trials.ocean.runs.run_tasks", run_tasks)
    monkeypatch.setattr("halocline.trials.ocean.plan.require_veros", lambda: "numpy")


def test_yearly_means_trends_and_variability_are_exact():
    values = 2.0 + 0.3 * (DAYS - 10) / 3600 + 0.5 * (-1.0) ** np.ceil((DAYS - 10) / 360)
    years = yearly(np.stack([values, 0 * values]), DAYS)
    assert years.shape == (2, 10)
    assert trend(2.0 * np.arange(10)) == pytest.approx(20.0)
    assert variability(7.0 - 0.1 * np.arange(10)) == pytest.approx(0.0, abs=1e-12)
    swing = 0.5 * (-1.0) ** np.arange(11, 21)
    assert years[0] - years[0].mean() == pytest.approx(0.03 * (np.arange(10) - 4.5) + swing)
    assert years[1].tolist() == [0.0] * 10
    rng = np.random.default_rng(0)
    noise = rng.normal(size=(400, 30)) + np.arange(30)
    assert np.mean(variability(noise) ** 2) == pytest.approx(1.0, abs=0.05), "unbiased about a trend"


def test_a_long_run_is_judged_by_its_decades_beside_its_controls(faked, analytic_store, tmp_path):
    drawn = dataset(np.stack([analytic(k, k) for k in range(2)]))
    plan = plan_runs({"drawn": drawn}, control=analytic_store, protocol=Protocol(years=LONG))
    judgement = judge(integrate(plan, tmp_path / "runs", quiet=True))
    heat = judgement.find("drawn", "thetao_mean_trend")
    assert (heat.own, heat.control) == (pytest.approx(0.03), pytest.approx(0.01))
    assert heat.unit == "K (10 year)-1"
    swing = judgement.find("drawn", "acc_variability")
    assert swing.value == pytest.approx(3.0)
    levels = judgement.find("drawn", "level_drift_thetao")
    deep = GRID.volume[GRID.depth > 2000].sum() / GRID.volume.sum()
    assert levels.control == pytest.approx(0.01 * np.sqrt(1 + 3 * deep), rel=1e-6)
    assert levels.own == pytest.approx(3 * levels.control)
    assert judgement.find("drawn", "level_drift_so").own == pytest.approx(0.0, abs=1e-12)
    assert (tmp_path / "runs" / "runs.nc").exists()


def test_short_runs_are_as_before_and_a_run_that_ends_early_has_no_drift(tmp_path):
    assert Protocol(years=10).legs()[2].sample_days == 0
    assert Protocol(years=10).kept_days() == []
    assert len(Protocol(years=50).kept_days()) == 50
    assert np.isnan(level_drift([tmp_path / f"{k}.npz" for k in range(20)], GRID)).all()
