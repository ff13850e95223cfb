"""The judge with the ocean model: true states are accepted, noise and a homogeneous sea are seen, kills do no harm."""

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("veros")

from halocline.data.store.store import open_store
from halocline.report.trials.page import print_judgement, write_judgement
from halocline.runtime.errors import HaloclineError, OutputError
from halocline.trials.integrate import integrate
from halocline.trials.judgement import judge
from halocline.trials.ocean.plan import Protocol, TrialPlan, plan_runs
from halocline.trials.recoding import Recoding
from halocline.worlds.dino.job import TaskFolder
from tests.trials.toy_judge import GEOMETRY, LEVELS, MEMBERS, SAMPLE_DAYS, dataset, simulated_store
from tests.worlds.dying_veros import killed_at_its_first_word

pytestmark = pytest.mark.slow

SHORT = Protocol(frozen_days=10, synchronous_days=10, years=1)
BRIEF = Protocol(frozen_days=2, synchronous_days=2, years=0)


def _coarse(states):
    """An encoding that loses a thousandth of a degree."""
    return np.round(states, 3)


def _plan(store_path, protocol, **options):
    store = open_store(store_path)
    held_out = [(2, 1), (3, 3)]
    states = np.stack([store.read(*sample) for sample in held_out])
    forcing, days = [MEMBERS[m] for m, _ in held_out], [SAMPLE_DAYS * i for _, i in held_out]
    still = states.copy()
    still[:, :LEVELS], still[:, LEVELS : 2 * LEVELS] = 5.0, 35.0
    groups = {"copies": dataset(states, forcing, days), "still": dataset(still, forcing, days)}
    return plan_runs(groups, control=store_path, protocol=protocol, recode=Recoding((), _coarse), **options)


def _with_wild(plan):
    """Add a state that no model survives: cold and hot water, cell by cell."""
    first = plan.starts[0]
    hot = np.indices(first.thetao.shape).sum(axis=0) % 2 == 0
    wild = first.with_state("wild", np.where(hot, 59.0, -30.0), np.where(hot, 5.0, 60.0), first.name)
    return replace(plan, starts=[wild, *plan.starts])


@pytest.fixture(scope="module")
def store_path(tmp_path_factory):
    return simulated_store(tmp_path_factory.mktemp("dino-R8"))


@pytest.fixture(scope="module")
def runs(store_path, tmp_path_factory):
    """All groups through one year."""
    plan: TrialPlan = _with_wild(_plan(store_path, SHORT, noise=0.3, floor=True))
    out = tmp_path_factory.mktemp("judge") / "runs"
    return out, plan, integrate(plan, out, quiet=True)


def test_true_states_are_accepted(runs):
    judgement = judge(runs[2])
    for figure in ("kinetic_energy", "w_rms"):
        assert judgement.find("copies", figure, 5.0).value == 1.0
        assert judgement.find("encoded truth", figure, 5.0).value == pytest.approx(1.0, abs=0.02)
        assert judgement.find("another true state", figure, 5.0).value == pytest.approx(1.0, abs=0.25)
    assert abs(judgement.find("encoded truth", "thetao_drift").value) < 1e-3
    assert judgement.find("truth", "crashes").value == 0.0


def test_velocities_are_in_balance_after_the_spin_up(runs):
    truth = runs[2].dataset.isel(run=runs[2].dataset["group"].values == "truth")
    energy = truth["kinetic_energy"].sel(day=slice(0, 10)).values
    assert (energy.max(axis=1) / energy.min(axis=1) < 1.2).all()


def test_noise_is_seen(runs):
    judgement = judge(runs[2])
    shaken = judgement.find("white noise 0.3", "w_rms", 1.0)
    assert shaken.low > 2.0
    assert judgement.find("white noise 0.3", "mixing_integral").value > 2.0
    released = judgement.find("white noise 0.3", "potential_energy_released", 5.0)
    assert released.own > 5 * released.control
    assert judgement.find("white noise 0.3", "unstable").value > 1.5


def test_a_homogeneous_sea_is_too_quiet(runs):
    judgement = judge(runs[2])
    still = judgement.find("still", "kinetic_energy", 5.0)
    assert still.value < 0.5
    assert still.members == 2
    assert judgement.find("still", "unstable").own == pytest.approx(0.0, abs=1e-6)


def test_a_crash_is_a_result(runs):
    out, _, table = runs
    judgement = judge(table)
    crashes = judgement.find("wild", "crashes")
    assert (crashes.value, crashes.members) == (1.0, 1)
    assert judgement.find("wild", "thetao_drift").members == 0
    assert np.isfinite(table.dataset["crash_day"].values[0])
    assert np.isnan(table.dataset["crash_day"].values[1:]).all()
    assert (out / "runs.csv").read_text().count(",1\n") == 1


def test_tables_and_page_stand_alone(runs, capsys):
    out, _, table = runs
    judgement = write_judgement(table, out)
    page = (out / "report.html").read_text()
    assert page.count("data:image/png;base64,") == 3
    assert "http" not in page.split("<body>")[1]
    assert len((out / "judgement.csv").read_text().splitlines()) == 1 + len(judgement.verdicts)
    print_judgement(judgement)
    shown = capsys.readouterr().out
    assert "white noise" in shown
    assert "1/1" in shown


def test_the_same_call_again_runs_nothing(runs, monkeypatch):
    out, plan, before = runs
    monkeypatch.setattr("halocline.trials.ocean.runs.run_tasks", pytest.fail)
    assert integrate(plan, out, quiet=True).dataset.identical(before.dataset)


def test_another_protocol_or_state_of_the_same_name_is_refused(runs):
    out, plan, _ = runs
    with pytest.raises(OutputError, match="years"):
        integrate(replace(plan, protocol=replace(SHORT, years=2)), out)
    moved = replace(plan.starts[1], thetao=plan.starts[1].thetao + np.float32(0.01))
    with pytest.raises(OutputError, match="another state"):
        integrate(replace(plan, starts=[moved]), out)


def test_a_killed_process_is_one_error_and_the_others_go_on(store_path, tmp_path):
    plan = _plan(store_path, BRIEF)
    plan = replace(plan, starts=plan.starts[2:6])
    whole = integrate(plan, tmp_path / "whole", quiet=True)
    out = tmp_path / "cut"
    with (
        killed_at_its_first_word("job-0.json"),
        pytest.raises(HaloclineError, match=r"SIGKILL(.|\n)*same command again"),
    ):
        integrate(plan, out, jobs=2, quiet=True)
    killed, other = (TaskFolder(out / "members" / plan.starts[k].name) for k in (0, 1))
    assert other.done.exists()
    assert killed.samples.exists()
    assert not killed.done.exists()
    assert integrate(plan, out, quiet=True).dataset.identical(whole.dataset)


def test_wet_cells_of_the_toy_are_the_model_s(store_path):
    assert (open_store(store_path).grid.wet == GEOMETRY.wet).all()
