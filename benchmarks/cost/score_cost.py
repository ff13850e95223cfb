"""CPU seconds of each family of scores of sea-ice states, and whether workers share it (``halocline score --jobs``).

    python benchmarks/cost/score_cost.py --size 512

A store of random fields as in ``years_memory.py``, a state every fifteen days of one year, is scored against itself.
Seconds a state are those of building a family (in the command itself) and of its summaries (shared); comparing is
that of all replicates together, shared for errors of maps and of the ice edge alone.
"""

import argparse
import tempfile
import time
from pathlib import Path

from years_memory import sparse_store


def main() -> None:
    """Print the table."""
    from halocline.data.store.statistics import finish_store
    from halocline.data.store.store import open_store
    from halocline.evaluate.engine.blocks import ByCells
    from halocline.evaluate.engine.family import InTwoSteps, Summarised, in_order
    from halocline.evaluate.engine.rate import HERE, rate
    from halocline.evaluate.ice import evaluate
    from halocline.evaluate.ice.families import ICE_SCORES, ORDER

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--size", type=int, default=512)
    size = parser.parse_args().size
    with tempfile.TemporaryDirectory() as folder:
        path = sparse_store(Path(folder) / "s.zarr", 1, size, 360)
        finish_store(path)
        store = open_store(path)
        sets = evaluate._read(store, store, (1000, 750, 1500), season="all", seed=0, replicates=200)
        states = len(sets.generated) + len(sets.real)
        print("| family | build, s a state | summaries, s a state | compare, s |\n|---|---:|---:|---:|")
        for name in in_order(ICE_SCORES, ORDER):
            began = time.process_time()
            parts = ICE_SCORES[name](sets)
            built, made = time.process_time(), []
            for part in parts:
                if not isinstance(part, Summarised | ByCells):
                    both = HERE.summaries([part], (sets.generated, sets.real), lambda done: None)[0]
                    part = part.summarised(*both) if isinstance(part, InTwoSteps) else Summarised(part, *both)
                made.append(part)
            summarised = time.process_time()
            for part in made:
                rate(part, sets.weights)
            compared = time.process_time()
            seconds = (built - began) / states, (summarised - built) / states, compared - summarised
            print(f"| {name} | {seconds[0]:.2f} | {seconds[1]:.2f} | {seconds[2]:.1f} |", flush=True)


if __name__ == "__main__":
    main()
