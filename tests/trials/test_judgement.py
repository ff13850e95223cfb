"""The judgement's arithmetic, on runs whose figures are known."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from halocline.cli.main import app
from halocline.report.trials.table import judge_table
from halocline.runtime import files
from halocline.trials.integrate import integrate
from halocline.trials.judgement import judge
from halocline.trials.ocean.plan import Protocol, plan_runs
from halocline.trials.ocean.runs import FIGURES
from halocline.worlds.dino.job import TaskFolder
from tests.trials.toy_judge import MEMBERS, analytic, dataset

# What multiplies a true run's figures, by group.
FACTORS = {"truth": 1.0, "drawn": 1.5, "mean state": 0.5, "encoded truth": 1.0}


@pytest.fixture
def faked(monkeypatch):
    """A model whose figures are simple functions of group, member and day; the second drawn state crashes in year 1."""

    def run_tasks(tasks, preset, folder, *, jobs, progress):
        for task in tasks:
            group, _, number = task.name.rpartition("-")
            factor = FACTORS[group.replace("-", " ")] * (1.0 + 0.1 * int(number))
            made = TaskFolder(task.folder)
            lines = []
            crash = 100.0 if task.name == "drawn-001" else np.inf
            for day in [*range(11), *(10 + 30 * np.arange(1, 12 * 2 + 1))]:
                if day > crash or (day > 10 and len(task.legs) < 3):
                    break
                values = dict.fromkeys(FIGURES, factor)
                values |= {"potential_energy": -2.0 * factor * day, "thetao_mean": 5.0 + factor * day / 360}
                lines.append(json.dumps({"day": 30.0 + day, "mode": "any", **values}))
            files.write_text(made.series, "\n".join(lines) + "\n")
            files.write_text(made.crash if np.isfinite(crash) else made.done, json.dumps({"day": 30.0 + crash}))
            progress(task.name, task.days)

    monkeypatch.setattr("halocline.trials.ocean.runs.run_tasks", run_tasks)
    monkeypatch.setattr("halocline.trials.ocean.plan.require_veros", lambda: "numpy")
    monkeypatch.setattr("halocline.worlds.dino.process.require_veros", lambda: "numpy")


def _drawn(count=3):
    return dataset(np.stack([analytic(k, k) for k in range(count)]), [MEMBERS[3]] * count, [0, 80, 150][:count])


def _judged(store, out, years=2):
    plan = plan_runs({"drawn": _drawn()}, control=store, protocol=Protocol(years=years))
    return judge(integrate(plan, out, quiet=True))


def test_ratios_are_taken_member_by_member(faked, analytic_store, tmp_path):
    judgement = _judged(analytic_store, tmp_path / "runs")
    found = judgement.find("drawn", "kinetic_energy", 5.0)
    assert found.value == pytest.approx(1.5)
    assert (found.low, found.high) == (pytest.approx(1.5), pytest.approx(1.5))
    assert found.own == pytest.approx(1.5 * 1.1)
    assert found.control == pytest.approx(1.1)
    assert judgement.find("mean state", "w_rms", 1.0).value == pytest.approx(0.5)
    assert judgement.find("drawn", "mixing_integral").own == pytest.approx(9 * 1.65)


def test_energy_released_and_drift(faked, analytic_store, tmp_path):
    judgement = _judged(analytic_store, tmp_path / "runs")
    released = judgement.find("drawn", "potential_energy_released", 10.0)
    assert (released.own, released.value) == (pytest.approx(33.0), pytest.approx(1.5))
    drift = judgement.find("mean state", "thetao_drift")
    assert (drift.own, drift.control, drift.value) == (
        pytest.approx(0.55),
        pytest.approx(1.1),
        pytest.approx(-0.55),
    )


def test_a_crash_counts_and_leaves_the_others(faked, analytic_store, tmp_path):
    judgement = _judged(analytic_store, tmp_path / "runs")
    crashes = judgement.find("drawn", "crashes")
    assert crashes.value == pytest.approx(1 / 3)
    assert 0 <= crashes.low < crashes.value < crashes.high
    last = judgement.find("drawn", "acc_last_year")
    assert (last.members, last.own) == (2, pytest.approx(1.5 * 1.1))
    assert judgement.find("drawn", "kinetic_energy", 5.0).members == 3
    assert "1/3" in judge_table(judgement).to_markdown()


def test_without_years_there_are_no_figures_of_years(faked, analytic_store, tmp_path):
    judgement = _judged(analytic_store, tmp_path / "runs", years=0)
    with pytest.raises(KeyError):
        judgement.find("drawn", "thetao_drift")
    assert "ACC" not in judge_table(judgement).to_markdown()


def test_without_a_control_own_figures_remain(faked, tmp_path):
    plan = plan_runs({"drawn": _drawn(1)}, protocol=Protocol(years=0))
    found = judge(integrate(plan, tmp_path / "runs", quiet=True)).find("drawn", "kinetic_energy", 5.0)
    assert np.isnan(found.value)
    assert (found.own, found.members) == (pytest.approx(1.5), 1)


def test_states_may_be_added_to_a_folder(faked, analytic_store, tmp_path):
    plan = plan_runs({"drawn": _drawn()}, control=analytic_store, members=2, protocol=Protocol(years=0))
    integrate(plan, tmp_path / "runs", quiet=True)
    more = plan_runs({"drawn": _drawn()}, control=analytic_store, members=3, protocol=Protocol(years=0))
    table = integrate(more, tmp_path / "runs", quiet=True)
    assert (table.dataset["group"].values == "drawn").sum() == 3


def test_command(faked, analytic_store, tmp_path):
    _drawn(2).to_netcdf(tmp_path / "states.nc")
    words = ["integrate", str(tmp_path / "states.nc"), "--name", "drawn", "--control", str(analytic_store)]
    result = CliRunner().invoke(app, [*words, "--years", "0", "--out", str(tmp_path / "runs")])
    assert result.exit_code == 0, result.output
    assert "report.html" in result.output
    for name in ("report.html", "runs.csv", "runs.nc", "judgement.csv", "judgement.json"):
        assert (tmp_path / "runs" / name).exists()
