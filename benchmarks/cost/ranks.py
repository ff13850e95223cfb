"""Throughput of training on one core and, by two processes, on two: samples a second of each stage of each system.

    python benchmarks/cost/ranks.py arctic-detail-100km=ARCTIC.zarr arctic-surrogate-100km=ARCTIC.zarr dino=DINO.zarr

The real command, on a store of yours (``halocline simulate``), for the first steps of each stage; the very first do not
count, nor does what comes before and after the steps. One thread a process, each on a core of its own, which nothing
else may use meanwhile: both have to do their share before a step is over. Last comes what two trainings do that know
nothing of each other, at the same time: two cores share memory and caches, and no two processes that train together can
do more.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

WARM_UP = 3


class EnoughError(Exception):
    """All steps that count are done: the same one in all processes."""


def main() -> None:
    """Print the table, or train as one process of a row."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trainings", nargs="+", metavar="PRESET=STORE")
    parser.add_argument("--steps", type=int, default=20, help="Steps of each stage that count.")
    parser.add_argument(
        "--set", dest="changes", action="append", default=[], metavar="KEY=VALUE", help="Of the recipe."
    )
    parser.add_argument("--out", type=Path, help="Of one process of a row.")
    arguments = parser.parse_args()
    for training in arguments.trainings:
        preset, _, store = training.partition("=")
        if arguments.out is not None:
            train_here(preset, Path(store), arguments.out, arguments.steps, arguments.changes)
            continue
        one, two = (rates(training, size, arguments.steps, arguments.changes) for size in (1, 2))
        with ThreadPoolExecutor(2) as pool:
            alone = [
                pool.submit(rates, training, 1, arguments.steps, arguments.changes, core=core) for core in range(2)
            ]
        apart = [future.result() for future in alone]
        for stage, rate in one.items():
            both = sum(found[stage] for found in apart)
            print(
                f"{preset} {stage}: {rate:.2f} samples/s on 1 core, {two[stage]:.2f} on 2: {two[stage] / rate:.2f}; "
                f"two trainings apart {both:.2f}: {both / rate:.2f}"
            )


def rates(training: str, size: int, steps: int, changes: Sequence[str], core: int = 0) -> dict[str, float]:
    """Return the samples a second of each stage, trained by so many processes, from a core on."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "m"
        words = [__file__, training, "--steps", str(steps), "--out", str(out), *(f"--set={one}" for one in changes)]
        launcher = ["-m", "torch.distributed.run", "--nproc-per-node", str(size)] if size > 1 else []
        environment = os.environ | {"OMP_NUM_THREADS": "1", "RANKS_CORE": str(core)}
        subprocess.run([sys.executable, *launcher, *words], env=environment, check=True, stderr=subprocess.DEVNULL)
        found: dict[str, float] = json.loads((Path(folder) / "rates.json").read_text())
    return found


def train_here(preset: str, store: Path, out: Path, steps: int, changes: Sequence[str]) -> None:
    """Train a preset for a few steps of each stage; the first process writes the rates beside ``out``."""
    core = int(os.environ.get("LOCAL_RANK", "0")) + int(os.environ["RANKS_CORE"])
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[core]})
    from halocline.data.store.store import open_store
    from halocline.runtime.device import choose_compute, set_threads
    from halocline.runtime.processes.allocation import keep_freed_memory
    from halocline.systems.config import load_config
    from halocline.systems.training import train
    from halocline.training import loop

    begun: dict[str, list[float]] = {}
    sizes: dict[str, int] = {}
    fit, set_rate = loop.fit, loop.set_rate

    def timed(optimizers: Any, rate: float) -> None:
        times = list(begun.values())[-1]
        times.append(time.perf_counter())
        if len(times) > WARM_UP + steps:
            raise EnoughError
        set_rate(optimizers, rate)

    def short(task: Any, settings: Any, *more: Any, **options: Any) -> Any:
        begun[task.name], sizes[task.name] = [], settings.batch
        with contextlib.suppress(EnoughError):
            fit(task, settings, *more, **options)
        return task.module, {}

    loop.set_rate = timed
    sys.modules["halocline.systems.run"].fit = short  # type: ignore[attr-defined]
    keep_freed_memory()
    set_threads(1)
    train(load_config(preset, changes), open_store(store), out, choose_compute("cpu", "fp32"), quiet=True)
    if os.environ.get("RANK", "0") == "0":
        seconds = {stage: times[WARM_UP + steps] - times[WARM_UP] for stage, times in begun.items()}
        table = {stage: steps * sizes[stage] / seconds[stage] for stage in begun}
        (out.parent / "rates.json").write_text(json.dumps(table))


if __name__ == "__main__":
    main()
