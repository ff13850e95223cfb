"""The ocean's part of the demo: draw with the shipped model, project, score, and let the ocean model judge."""

import importlib.util
from pathlib import Path

from halocline.chain.dataset import write_dataset
from halocline.data.files.open import read_dataset
from halocline.data.store.store import open_store
from halocline.evaluate.ocean.evaluate import evaluate_ocean
from halocline.experiments.demo_step import demo_step, evaluation_step
from halocline.report.page import write_report
from halocline.report.trials.page import write_judgement
from halocline.systems.loading import load_model
from halocline.systems.shipped import reference_path
from halocline.trials.integrate import integrate
from halocline.trials.ocean.plan import Protocol, plan_runs
from halocline.trials.recoding import Recoding

MODEL = "dino-R4"
STATES = 32
INTEGRATED = 2
WITHOUT_VEROS = (
    "integrate left out: Veros, the ocean model, is not installed. Get it with: pip install 'halocline[dino]' "
    "(GPL-3, runs as a program of its own), then run the demo again."
)


def run_ocean_demo(out: Path, *, jobs: int = 2, quiet: bool = False) -> list[Path]:
    """Run the ocean's part in folder ``out`` and return its reports.

    32 states of the shipped model, projected onto its constraints and scored against the real states that ship beside
    it; two of them are integrated for ten days in Veros, beside real ones. Without Veros that step is left out, and
    said so.
    """
    states, evaluation, runs = out / "states.nc", out / "evaluation", out / "runs"
    reference = reference_path(MODEL)
    demo_step("generate", states, lambda: _generate(states, quiet), quiet=quiet)
    reports = [evaluation_step(evaluation, lambda folder: _evaluate(states, reference, folder), quiet=quiet)]
    if importlib.util.find_spec("veros") is None:
        if not quiet:
            print(WITHOUT_VEROS)
        return reports
    judged = runs / "report.html"
    demo_step(
        "integrate", runs, lambda: _integrate(states, reference, runs, jobs, quiet), quiet=quiet, done=judged.exists()
    )
    return [*reports, judged]


def _generate(states: Path, quiet: bool) -> None:
    write_dataset(load_model(MODEL).generate(STATES, seed=0, quiet=quiet), states)


def _evaluate(states: Path, reference: Path, folder: Path) -> None:
    scorecard = evaluate_ocean(read_dataset(states), open_store(reference))
    write_report(scorecard, folder, "Halocline demo: ocean", {"states": str(states), "reference": MODEL})


def _integrate(states: Path, reference: Path, runs: Path, jobs: int, quiet: bool) -> None:
    codec = load_model(MODEL).codec
    plan = plan_runs(
        {"generated": states},
        control=reference,
        members=INTEGRATED,
        protocol=Protocol(years=0),
        recode=Recoding(codec.channels, lambda x: codec.decode(codec.encode(x))),
    )
    write_judgement(integrate(plan, runs, jobs=jobs, quiet=quiet), runs)
