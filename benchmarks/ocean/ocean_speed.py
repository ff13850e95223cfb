"""Seconds a state: the paper's 1000 passes against the improved mode, in one run, with the energy distance of both.

    python benchmarks/ocean/ocean_speed.py --data DINO.zarr --paper runs/meunier2025 --improved runs/dino \
        [--states 100] [--timed 4] [--repeats 3] [--paper-states PAPER.nc]

Both models draw batches of --timed states in turn, --repeats times, in one process on one thread; wall and CPU time are
medians over the repetitions, projections included; "faster" is by CPU time, which other work on the machine does not
change. For the distances each draws --states states (or they are read from a
file, where 1000 passes took long). Distances are to real states of the training members and of the held-out interior
ones; a conditional model gets forcing and days of the very members. The floor is that of real states of other years.
"""

import argparse
import statistics
import time
from pathlib import Path

from halocline.chain.generator import Generator
from halocline.data.store.store import StateStore, open_store
from halocline.evaluate.engine.scorecard import Row
from halocline.evaluate.ocean.evaluate import evaluate_ocean
from halocline.report.compare import Comparison
from halocline.runtime.device import choose_compute, set_threads
from halocline.systems.loading import load_model
from ocean_rows import cell, conditions_for, drawn_pairs, row_states

ROLES = ("train", "interior")
DISTANCES = (("energy", "all"), ("energy_levels", "all"))


def main() -> None:
    """Time both, score both, print one table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--paper", type=Path, required=True)
    parser.add_argument("--improved", type=Path, required=True)
    parser.add_argument("--states", type=int, default=100)
    parser.add_argument("--timed", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--paper-states", type=Path)
    parser.add_argument("--improved-states", type=Path)
    arguments = parser.parse_args()
    set_threads(1)
    store = open_store(arguments.data)
    paths = {"paper": arguments.paper, "improved": arguments.improved}
    generators = {name: load_model(path, choose_compute("cpu", "fp32")) for name, path in paths.items()}
    seconds = timed(generators, store, arguments.timed, arguments.repeats)
    files = {"paper": arguments.paper_states, "improved": arguments.improved_states}
    rows = {}
    for name, path in paths.items():
        for role in ROLES:
            states = row_states(str(files[name] or path), store, [role], arguments.states, 1, arguments.states)
            card = evaluate_ocean(states, store, roles=[role], floor="years")
            rows[name, role] = [card.row(*key) for key in DISTANCES]
    lines = [
        ("real states", "", "", "", "", *[_cell(row, floor=True) for role in ROLES for row in rows["paper", role]])
    ]
    for name, generator in generators.items():
        passes = generator.chain.passes
        wall, cpu = seconds[name]
        distances = [_cell(row) for role in ROLES for row in rows[name, role]]
        gain = f"{seconds['paper'][1] / cpu:.1f}x"
        lines.append((name, str(passes), f"{wall:.3f}", f"{cpu:.3f}", gain, *distances))
    header = (
        "mode",
        "passes",
        "wall s a state",
        "CPU s a state",
        "faster",
        *[f"{key[0]} to {role}" for role in ROLES for key in DISTANCES],
    )
    print(Comparison(header, tuple(lines)).to_markdown())


def timed(
    generators: dict[str, Generator], store: StateStore, states: int, repeats: int
) -> dict[str, tuple[float, float]]:
    """Return the median wall and CPU seconds a state of each model, drawn in turn."""
    wanted = conditions_for(store, drawn_pairs(store, ["train"], states, 0))
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in generators}
    for seed in range(repeats):
        for name, generator in generators.items():
            conditions = None if generator.conditions is None else wanted
            wall, cpu = time.perf_counter(), time.process_time()
            generator.generate(states, seed, batch=states, conditions=conditions, quiet=True)
            taken[name].append(((time.perf_counter() - wall) / states, (time.process_time() - cpu) / states))
    walls, cpus = ({name: statistics.median(v[k] for v in values) for name, values in taken.items()} for k in (0, 1))
    return {name: (walls[name], cpus[name]) for name in generators}


def _cell(row: Row, *, floor: bool = False) -> str:
    return cell(row.floor, row.floor_low, row.floor_high) if floor else cell(row.value, row.low, row.high)


if __name__ == "__main__":
    main()
