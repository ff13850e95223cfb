"""What a training step spends its time on, and the share of the machine's own rate of matrix products.

    python benchmarks/cost/step_split.py arctic-100km=ARCTIC.zarr arctic-surrogate-100km=ARCTIC.zarr dino=DINO.zarr

The real training on a store of yours, its first steps in each stage, on one thread and without workers; the very first
do not count. Prints for each stage CPU milliseconds a step and the shares of data (batches made), forward, backward,
update (optimisers, averages) and rest; then the operations of forward and backward as PyTorch counts them (products of
matrices and convolutions, two for a multiplication and an addition), over their CPU time, beside the rate of a product
of two matrices of 2048 x 2048 in the same precision. CPU time of the thread, whatever else is running; other work
still takes cache and memory.
"""

import argparse
import contextlib
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from torch.utils.flop_counter import FlopCounterMode, sdpa_backward_flop_count, sdpa_flop_count

from halocline.data.store.store import open_store
from halocline.runtime.device import choose_compute, set_threads
from halocline.runtime.processes.allocation import keep_freed_memory
from halocline.systems.config import load_config
from halocline.systems.training import train
from halocline.training import loop
from halocline.training.shared_steps import SharedSteps
from ranks import WARM_UP, EnoughError

SIZE, PRODUCTS = 2048, 5
ATTENTION = {
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu: lambda *given, **more: sdpa_flop_count(*given[:3]),
    torch.ops.aten._scaled_dot_product_flash_attention_for_cpu_backward: (
        lambda *given, **more: sdpa_backward_flop_count(*given[:4])
    ),
}
"""What PyTorch counts on GPUs only."""
PARTS = ("data", "forward", "backward", "update", "rest")


class Split:
    """CPU seconds of the parts of a stage's steps.

    Args:
        steps: How many count.
    """

    def __init__(self, steps: int) -> None:
        self._steps, self._done, self._began = steps, -1, 0.0
        self.spent: dict[str, float] = defaultdict(float)
        self.operations = 0

    def step(self) -> None:
        """Note that a step begins."""
        self._done += 1
        if self._done == WARM_UP:
            self.spent.clear()
            self._began = time.thread_time()
        if self._done == WARM_UP + self._steps:
            self.spent["all"] = time.thread_time() - self._began
            raise EnoughError

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``work`` that adds its time to a part."""

        def clocked(*given: Any, **options: Any) -> Any:
            began = time.thread_time()
            try:
                return work(*given, **options)
            finally:
                self.spent[name] += time.thread_time() - began

        return clocked

    def counted(self, work: Callable[..., Any]) -> Callable[..., Any]:
        """Return ``work`` whose operations are counted in the first step, which does not count."""

        def once(*given: Any, **options: Any) -> Any:
            if self._done:
                return work(*given, **options)
            with (
                torch.compiler.set_stance("force_eager"),
                FlopCounterMode(display=False, custom_mapping=ATTENTION) as counter,
            ):
                found = work(*given, **options)
            self.operations = counter.get_total_flops()
            return found

        return once


def main() -> None:
    """Train a little, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trainings", nargs="+", metavar="PRESET=STORE")
    parser.add_argument("--steps", type=int, default=20, help="Steps of each stage that count.")
    parser.add_argument(
        "--set", dest="changes", action="append", default=[], metavar="KEY=VALUE", help="Of the recipe."
    )
    parser.add_argument("--precision", default="fp32", choices=("fp32", "bf16"))
    parser.add_argument("--compile", action="store_true", help="As of train.")
    arguments = parser.parse_args()
    keep_freed_memory()
    set_threads(1)
    compute = choose_compute("cpu", arguments.precision, compiled=arguments.compile)
    peak = matmul_rate(torch.bfloat16 if arguments.precision == "bf16" else torch.float32)
    print(f"matrix products, {arguments.precision}, one thread: {peak / 1e9:.0f} GFLOP/s")
    fit, set_rate, backward, update = loop.fit, loop.set_rate, loop.backward, SharedSteps.step
    splits: dict[str, Split] = {}

    def short(task: Any, *more: Any, **options: Any) -> Any:
        split = splits[task.name] = Split(arguments.steps)
        task.batch, task.loss = split.timed("data", task.batch), split.timed("forward", task.loss)
        loop.backward = split.counted(split.timed("both", backward))
        SharedSteps.step = split.timed("update", update)  # type: ignore[method-assign]
        loop.set_rate = lambda optimizers, rate: (split.step(), set_rate(optimizers, rate))[1]
        with contextlib.suppress(EnoughError):
            fit(task, *more, **options)
        del task.batch, task.loss
        return task.module, {}

    sys.modules["halocline.systems.run"].fit = short  # type: ignore[attr-defined]
    for training in arguments.trainings:
        preset, _, store = training.partition("=")
        splits.clear()
        with tempfile.TemporaryDirectory() as folder:
            train(load_config(preset, arguments.changes), open_store(store), Path(folder) / "m", compute, quiet=True)
        for stage, split in splits.items():
            print(row(f"{preset} {stage}", split, arguments.steps, peak))


def row(name: str, split: Split, steps: int, peak: float) -> str:
    """Return what is printed of a stage."""
    spent = split.spent
    spent["backward"] = spent["both"] - spent["forward"]
    spent["rest"] = spent["all"] - sum(spent[part] for part in PARTS[:-1])
    shares = ", ".join(f"{part} {spent[part] / spent['all']:.1%}" for part in PARTS)
    rate = split.operations * steps / spent["both"]
    times = f"{1e3 * spent['all'] / steps:.0f} ms a step: {shares}"
    return f"{name}: {times}; {rate / 1e9:.0f} GFLOP/s, {rate / peak:.0%} of matrix products"


def matmul_rate(dtype: torch.dtype) -> float:
    """Return operations a second of a product of two matrices, the best of a few."""
    a, b = (torch.randn(SIZE, SIZE).to(dtype) for _ in range(2))
    seconds = []
    for _ in range(PRODUCTS):
        began = time.thread_time()
        a @ b
        seconds.append(time.thread_time() - began)
    return 2.0 * SIZE**3 / min(seconds)


if __name__ == "__main__":
    main()
