"""What the seals cost on opening: a store and a model, the same store without its seal, in turn.

python benchmarks/opening.py --rounds 40
"""

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.ocean_toy import toy_dino_store
from tests.toy import toy_store

from halocline.data.store.store import open_store
from halocline.runtime.seals.zarr_group import check_seal
from halocline.systems.loading import load


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU seconds of one call."""
    began = time.process_time()
    work()
    return time.process_time() - began


def in_turn(rounds: int, works: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Call each piece of work in turn; return the CPU seconds of each."""
    times: dict[str, list[float]] = {name: [] for name in works}
    for round_ in range(rounds + 1):
        for name, work in works.items():
            took = seconds(work)
            if round_:
                times[name].append(took)
    return times


def main() -> None:
    """Print the median and the least CPU milliseconds of each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        works: dict[str, Callable[[], object]] = {}
        stores = {
            "sea ice, 64 x 64": toy_store(Path(folder) / "ice.zarr", 1, 3, 30, 64),
            "ocean, 8 x 8 x 5": toy_dino_store(Path(folder) / "ocean.zarr", interval_days=90),
        }
        for name, sealed in stores.items():
            bare = sealed.with_name("bare-" + sealed.name)
            shutil.copytree(sealed, bare)
            shutil.rmtree(bare / "seal")
            works[f"{name}: sealed"] = lambda path=sealed: open_store(path)
            works[f"{name}: without a seal"] = lambda path=bare: open_store(path)
            works[f"{name}: the check alone"] = lambda path=sealed: check_seal(path)
        works["model arctic-100km"] = lambda: load("arctic-100km")
        for name, times in in_turn(rounds, works).items():
            print(f"{name:34s} median {1e3 * statistics.median(times):7.2f} ms, least {1e3 * np.min(times):7.2f} ms")


if __name__ == "__main__":
    main()
