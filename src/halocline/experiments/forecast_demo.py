"""The surrogate's part of the demo: the shipped model carries the demo's sea ice five days on, and is scored."""

from pathlib import Path

from halocline.data.store.store import open_store
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import open_forecast
from halocline.experiments.demo_step import demo_step, evaluation_step
from halocline.report.page import write_report
from halocline.runtime.device import choose_compute
from halocline.systems.forecasting import Request, run_forecast

MODEL = "arctic-surrogate-100km"
DAYS, MEMBERS, STARTS = 5.0, 8, 3


def run_forecast_demo(data: Path, out: Path, *, model: str = MODEL, quiet: bool = False) -> Path:
    """Forecast from the test years of ``data`` into folder ``out``; return the report.

    Args:
        data: Store of the Arctic world: starts, weather and truth.
        out: Folder of the forecast and its scores.
        model: The surrogate.
        quiet: Show no progress.
    """
    forecast, evaluation = out / "forecast.zarr", out / "evaluation"
    done = evaluation.exists()
    demo_step("forecast", forecast, lambda: _forecast(model, data, forecast, quiet), quiet=quiet, done=done)
    return evaluation_step(evaluation, lambda folder: _evaluate(forecast, data, folder), quiet=quiet)


def _forecast(model: str, data: Path, forecast: Path, quiet: bool) -> None:
    forecast.parent.mkdir(parents=True, exist_ok=True)
    request = Request(model=model, start=data, out=forecast, days=DAYS, members=MEMBERS, starts=STARTS, quiet=quiet)
    run_forecast(request, choose_compute())


def _evaluate(forecast: Path, data: Path, folder: Path) -> None:
    card = evaluate_forecast(open_forecast(forecast, "surrogate"), open_store(data))
    write_report(card, folder, "Halocline demo: forecast", {"forecast": MODEL, "reference": data.name})
