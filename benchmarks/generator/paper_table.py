"""The paper's comparison on our data: data space, latent with Gaussian, latent with censored likelihood; and ours.

    python benchmarks/generator/paper_table.py --data DATA.zarr --work runs/table \
        [--rows latent-censored data] [--states 128]

Trains what is missing in --work: the paper's rows with the arctic-latent-100km preset (about 1250 CPU-seconds each,
autoencoder included), ``ours`` with arctic-100km, and ``ours-short`` with it at the cost of the others. Draws states of
each with the same seed, solver (Heun) and passes (39), scores them with one extractor, and prints one Markdown table.
All rows get the same last projection: bounds and one shared ice mask, no smallest concentration. A row that is told the
season is told that of the held-out states.
"""

import argparse
import json
import time
from pathlib import Path

from halocline.chain.dataset import write_dataset
from halocline.data.files.states import open_states
from halocline.data.store.store import open_store
from halocline.evaluate.ice.evaluate import evaluate
from halocline.evaluate.ice.held_states import store_as_states
from halocline.report.compare import Comparison, compare
from halocline.report.page import write_report
from halocline.runtime import files
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.config import load_config
from halocline.systems.loading import load_model
from halocline.systems.training import train
from places_table import days_of

SEED = 1
DATA_SPACE = [
    "space=data",
    "denoiser.width=32",
    "denoiser.multipliers=[1,2,4]",
    "denoiser.patch=2",
    "denoiser.training.samples=48000",
]
LATENT, OURS = "arctic-latent-100km", "arctic-100km"
ROWS = {
    "data": (LATENT, DATA_SPACE),
    "latent-gaussian": (LATENT, ["autoencoder.likelihood=gaussian"]),
    "latent-censored": (LATENT, ["autoencoder.likelihood=censored"]),
    "data-lift": (LATENT, [*DATA_SPACE, "bounds=lift"]),
    "ours-short": (OURS, ["denoiser.training.samples=21000"]),
    "ours": (OURS, []),
}
COLUMNS = (
    ("frechet", "all"),
    ("frechet_hand", "all"),
    ("map_mean", "sit"),
    ("map_mean", "sic"),
    ("map_sd", "sit"),
    ("map_sd", "sic"),
    ("miz_area", "all"),
    ("miz_area_distribution", "all"),
    ("at_lower", "sic"),
    ("at_upper", "sic"),
    ("psd_ratio_2_4", "sit"),
    ("psd_ratio_2_4", "sic"),
    ("psd_ratio_2_4", "sid"),
    ("psd_ratio_2_4", "siu"),
    ("copies", "all"),
)


def main() -> None:
    """Train, draw, score, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True)
    parser.add_argument("--rows", nargs="+", default=list(ROWS), choices=list(ROWS))
    parser.add_argument("--states", type=int, default=128)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--train-only", action="store_true")
    arguments = parser.parse_args()
    set_threads(arguments.threads)
    arguments.work.mkdir(parents=True, exist_ok=True)
    for name in arguments.rows:
        trained(arguments.work / name, arguments.data, *ROWS[name])
    if arguments.train_only:
        return
    cards, costs = {}, {}
    for name in arguments.rows:
        cards[name], seconds = scored(arguments.work / name, arguments.data, arguments.states)
        costs[name] = (seconds, training_seconds(arguments.work / name))
    print(with_costs(compare(cards, COLUMNS), costs).to_markdown())


def trained(model: Path, data: Path, preset: str, overrides: list[str]) -> None:
    """Train a row unless it is there; continue it if it was killed."""
    if model.exists():
        return
    resume = (model.with_name(model.name + ".training") / "identity.json").exists()
    command = " ".join(
        [f"halocline train {preset} --data DATA.zarr", f"--out {model.name} --half --threads 1"]
        + [f"--set '{item}'" for item in overrides]
    )
    config = load_config(preset, overrides)
    train(config, open_store(data), model, choose_compute(), command=command, resume=resume, half=True)


def scored(model: Path, data: Path, members: int):
    """Draw and score a row; return its scorecard (with pictures) and the CPU-seconds per state."""
    states, seconds_file = model.with_suffix(".nc"), model.with_suffix(".seconds.json")
    if not states.exists():
        generator = load_model(model).with_constraints(["ice-bounds"])
        generator.generate(2, seed=99, quiet=True)
        began = time.process_time()
        days = days_of(store_as_states(open_store(data), members), generator, members)
        dataset = generator.generate(members, seed=SEED, conditions=days)
        files.write_text(seconds_file, json.dumps((time.process_time() - began) / members))
        write_dataset(dataset, states)
    scorecard = evaluate(open_states(states), open_store(data))
    folder = model.with_suffix(".scores")
    if not folder.exists():
        with files.new_path(folder) as hidden:
            hidden.mkdir()
            write_report(scorecard, hidden, f"arctic-100km, {model.name}", {"states": states.name})
    return scorecard, json.loads(seconds_file.read_text())


def training_seconds(model: Path) -> float:
    """Return the wall seconds of all stages from the training log (one thread)."""
    last: dict[str, float] = {}
    for line in (model / "log.jsonl").read_text().splitlines():
        record = json.loads(line)
        last[record["stage"]] = record["seconds"]
    return sum(last.values())


def with_costs(table: Comparison, costs: dict[str, tuple[float, float]]) -> Comparison:
    """Add seconds per state and training time."""
    lines = [
        (*line, *(["", ""] if line[0] not in costs else [f"{costs[line[0]][0]:.2f}", f"{costs[line[0]][1] / 60:.0f}"]))
        for line in table.lines
    ]
    return Comparison((*table.header, "CPU-seconds per state", "training, wall minutes"), tuple(lines))


if __name__ == "__main__":
    main()
