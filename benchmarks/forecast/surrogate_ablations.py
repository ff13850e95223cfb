"""What each choice of the surrogate is worth: short trainings that differ in one key, the same samples and steps.

    python benchmarks/forecast/surrogate_ablations.py --data ARCTIC.zarr --out runs/ablations [--samples 8000] \
        [--variant NAME]

Trains every variant (a stopped one resumes), forecasts the validation years with all of them, and prints one table.
Short runs of one seed each: differences of a few per cent are the luck of a training. Passes are compared by
surrogate_table.py, with one model and several numbers of steps.
"""

import argparse
from pathlib import Path

from halocline.data.store.store import open_store
from halocline.evaluate.forecast.evaluate import evaluate_forecast
from halocline.evaluate.forecast.file import open_forecast
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.config import load_config
from halocline.systems.forecasting import Request, run_forecast
from halocline.systems.training import train
from surrogate_table import table

VARIANTS: dict[str, tuple[str, ...]] = {
    "preset": (),
    "no censoring": ("likelihood=gaussian",),
    "no localisation": ("network.localised=false",),
    "single scale": ("patches.levels=[1]",),
    "no overlap": ("patches.overlap=0", "forecast.blend=0"),
    "no symmetries": ("patches.augment=false", "forecast.views=one"),
    "AdamW": ("training.optimizer=adamw",),
}


def main() -> None:
    """Train, forecast, score, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--preset", default="arctic-surrogate-100km")
    parser.add_argument("--samples", type=int, default=8000)
    parser.add_argument("--variant", action="append", choices=tuple(VARIANTS), help="These; all if left out.")
    parser.add_argument("--starts", type=int, default=4)
    parser.add_argument("--members", type=int, default=4)
    parser.add_argument("--days", type=float, default=5)
    parser.add_argument("--steps", type=int, default=5, help="Solver steps.")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--compile", action="store_true", help="Compile the network first.")
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    store, forecasts = open_store(arguments.data), []
    for name in arguments.variant or VARIANTS:
        folder = arguments.out / name.replace(" ", "-")
        if not folder.exists():
            config = load_config(arguments.preset, [*VARIANTS[name], f"training.samples={arguments.samples}"])
            resume = (folder.with_name(folder.name + ".training") / "identity.json").exists()
            train(config, store, folder, choose_compute(compiled=arguments.compile), command="ablation", resume=resume)
        path = arguments.out / f"{folder.name}.zarr"
        run_forecast(
            Request(
                model=str(folder),
                start=arguments.data,
                out=path,
                days=arguments.days,
                members=arguments.members,
                starts=arguments.starts,
                split="validation",
                steps=arguments.steps,
            ),
            choose_compute(compiled=arguments.compile),
        )
        forecasts.append(open_forecast(path, name))
    card = evaluate_forecast(forecasts[0], store, beside=forecasts[1:])
    for days in (0.5, arguments.days):
        print(f"\n### Day {days:g}\n\n{table(card, 24 * days)}")


if __name__ == "__main__":
    main()
