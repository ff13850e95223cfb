"""How many passes the ocean generator needs: energy distance to validation members against the sampler's steps.

    python benchmarks/ocean/ocean_passes.py --data DINO.zarr --model runs/dino [--steps 4 6 8 12 16 24] [--states 60]

Validation members only: the number of passes is a choice, and is not made on the members held out. Each line draws the
same members with the same noise, forcing and days; seconds are CPU time a state on one thread, projections included.
"""

import argparse
import time
from pathlib import Path

from halocline.data.store.store import open_store
from halocline.evaluate.ocean.evaluate import evaluate_ocean
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.loading import load_model
from ocean_rows import cell, conditions_for, drawn_pairs

SHOWN = (
    ("energy", "all"),
    ("spread_cells_mean", "thetao"),
    ("spread_cells_mean", "so"),
)


def main() -> None:
    """Print one Markdown table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--steps", type=int, nargs="+", default=[4, 6, 8, 12, 16, 24])
    parser.add_argument("--states", type=int, default=60)
    arguments = parser.parse_args()
    set_threads(1)
    store = open_store(arguments.data)
    chain = load_model(arguments.model, choose_compute("cpu", "fp32"))
    conditions = conditions_for(store, drawn_pairs(store, ["validation"], arguments.states, 0))
    print("| solver, passes | CPU s a state | " + " | ".join(f"{f}, {n}" for f, n in SHOWN) + " |")
    print("|---|---|" + "---|" * len(SHOWN))
    for steps in arguments.steps:
        began = time.process_time()
        states = chain.with_sampler(None, steps).generate(arguments.states, 0, conditions=conditions, quiet=True)
        seconds = (time.process_time() - began) / arguments.states
        card = evaluate_ocean(states, store, roles=["validation"], floor="years")
        rows = [card.row(*key) for key in SHOWN]
        values = " | ".join(cell(r.value, r.low, r.high) for r in rows)
        print(f"| {chain.chain.solver}, {steps} | {seconds:.2f} | {values} |", flush=True)


if __name__ == "__main__":
    main()
