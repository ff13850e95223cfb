"""The demo: simulate, train, generate, evaluate; each step is skipped if its result is there."""

import shutil
import time
from collections.abc import Callable
from pathlib import Path

from halocline.evaluate.scores import evaluate
from halocline.generate.dataset import write_dataset
from halocline.recipes.config import load_config
from halocline.recipes.load import load_model
from halocline.recipes.training import train
from halocline.report.page import write_report
from halocline.runtime import files
from halocline.runtime.device import choose_compute
from halocline.states.dataset import open_states
from halocline.states.store import open_store
from halocline.worlds.arctic.run import simulate

MEMBERS, YEARS = 2, 4
STATES = 64


def run_demo(out: Path, *, jobs: int = 2, quiet: bool = False) -> tuple[Path, Path]:
    """Run the demo in folder ``out`` and return the paths of the report and the scores.

    Two members of four years at 100 km, the ``demo`` preset, 64 states.
    """
    out = Path(out)
    data, model, states = out / "arctic.zarr", out / "model", out / "states.nc"
    evaluation, report, scores = out / "evaluation", out / "report.html", out / "scores.json"
    _step("simulate", data, _complete(data), quiet, lambda: _simulate(data, jobs, quiet))
    _step("train", model, model.exists(), quiet, lambda: _train(data, model, quiet))
    _step("generate", states, states.exists(), quiet, lambda: _generate(model, states, quiet))
    _step("evaluate", evaluation, evaluation.exists(), quiet, lambda: _evaluate(states, data, evaluation))
    for name in (report, scores):
        if not name.exists():
            shutil.copyfile(evaluation / name.name, name)
    return report, scores


def _step(name: str, result: Path, done: bool, quiet: bool, work: Callable[[], None]) -> None:
    began = time.perf_counter()
    if not done:
        work()
    if not quiet:
        took = "found, used again" if done else f"{time.perf_counter() - began:.0f} s"
        print(f"{name:9s} {result}  ({took})", flush=True)


def _complete(data: Path) -> bool:
    return data.exists() and bool(open_store(data, require_complete=False).attributes.get("complete"))


def _simulate(data: Path, jobs: int, quiet: bool) -> None:
    simulate(data, resolution_km=100, years=YEARS, members=MEMBERS, spinup_years=1, interval_hours=12, jobs=jobs,
             quiet=quiet)  # fmt: skip


def _train(data: Path, model: Path, quiet: bool) -> None:
    resume = (model.with_name(model.name + ".training") / "identity.json").exists()
    train(
        load_config("demo"), open_store(data), model, choose_compute(), name="demo", command="halocline demo",
        resume=resume, quiet=quiet,
    )  # fmt: skip


def _generate(model: Path, states: Path, quiet: bool) -> None:
    write_dataset(load_model(model).generate(STATES, seed=0, quiet=quiet), states)


def _evaluate(states: Path, data: Path, evaluation: Path) -> None:
    with files.new_path(evaluation) as folder:
        folder.mkdir()
        scorecard = evaluate(open_states(states), open_store(data))
        write_report(scorecard, folder, "Halocline demo", {"states": str(states), "reference": str(data)})
