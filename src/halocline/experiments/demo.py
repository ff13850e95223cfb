"""The demo: sea ice and ocean from simulation or model to scores; finished steps are skipped."""

from pathlib import Path

from halocline.chain.dataset import write_dataset
from halocline.data.files.states import open_states
from halocline.data.store.store import open_store
from halocline.evaluate.ice.evaluate import evaluate
from halocline.experiments.demo_step import demo_step, evaluation_step
from halocline.experiments.forecast_demo import run_forecast_demo
from halocline.experiments.ocean_demo import run_ocean_demo
from halocline.report.page import write_report
from halocline.runtime import files
from halocline.runtime.device import choose_compute
from halocline.systems.config import load_config
from halocline.systems.loading import load_model
from halocline.systems.training import train
from halocline.worlds.arctic.run import simulate

MEMBERS, YEARS = 2, 4
STATES = 64
DATA = "arctic.zarr"


def run_demo(out: Path, *, jobs: int = 2, quiet: bool = False) -> tuple[list[Path], Path]:
    """Run the demo in folder ``out`` and return the paths of the reports and of the sea ice's scores.

    Sea ice: two members of four years at 100 km, the ``demo`` preset, 64 states. Forecast and ocean: see
    ``run_forecast_demo`` and ``run_ocean_demo``.
    """
    out = Path(out)
    report, scores = _sea_ice(out, jobs, quiet)
    forecast = run_forecast_demo(out / DATA, out / "forecast", quiet=quiet)
    return [report, forecast, *run_ocean_demo(out / "ocean", jobs=jobs, quiet=quiet)], scores


def _sea_ice(out: Path, jobs: int, quiet: bool) -> tuple[Path, Path]:
    data, model, states, evaluation = out / DATA, out / "model", out / "states.nc", out / "evaluation"
    demo_step("simulate", data, lambda: _simulate(data, jobs, quiet), quiet=quiet, done=_complete(data))
    demo_step("train", model, lambda: _train(data, model, quiet), quiet=quiet)
    demo_step("generate", states, lambda: _generate(model, states, quiet), quiet=quiet)
    evaluation_step(evaluation, lambda folder: _evaluate(states, data, folder), quiet=quiet)
    report, scores = out / "report.html", out / "scores.json"
    for name in (report, scores):
        if not name.exists():
            files.write_bytes(name, (evaluation / name.name).read_bytes())
    return report, scores


def _complete(data: Path) -> bool:
    return data.exists() and bool(open_store(data, require_complete=False).attributes.get("complete"))


def _simulate(data: Path, jobs: int, quiet: bool) -> None:
    simulate(
        data, resolution_km=100, years=YEARS, members=MEMBERS, spinup_years=1, interval_hours=12, jobs=jobs, quiet=quiet
    )


def _train(data: Path, model: Path, quiet: bool) -> None:
    resume = (model.with_name(model.name + ".training") / "identity.json").exists()
    train(
        load_config("demo"),
        open_store(data),
        model,
        choose_compute(),
        name="demo",
        command="halocline demo",
        resume=resume,
        quiet=quiet,
    )


def _generate(model: Path, states: Path, quiet: bool) -> None:
    write_dataset(load_model(model).generate(STATES, seed=0, quiet=quiet), states)


def _evaluate(states: Path, data: Path, folder: Path) -> None:
    scorecard = evaluate(open_states(states), open_store(data))
    write_report(scorecard, folder, "Halocline demo", {"states": str(states), "reference": str(data)})
