"""What waiting threads cost: a pass of a shipped denoiser on an idle machine, and with other work on its cores.

    python benchmarks/cost/threads.py [MODEL] [--batch 16] [--rounds 9] [--spins 1000 10000] [--loads 0 1 2]

Each row is a process of its own, since OpenMP reads its settings once; in each round every row computes for a second,
so that a slow minute meets all of them. Prints, side by side for each number of busy cores, the median (and range) over
rounds of wall milliseconds a pass; the median of CPU milliseconds; and how many rounds were undisturbed. The other work
is loops, by default none, then one a core. Linux only. Rounds in which something else took more than a tenth of a core
are left out where others are left; with none undisturbed a cell tells nothing, and no verdict is spoken.

Below the table stand the verdicts on what Halocline chooses where nothing is set: within 15 % of the best row on an
idle machine, and never more than twice as slow as one thread on a busy one. The exit status is 1 if one of them fails,
and 2 if one cannot be spoken.
"""

import argparse
import contextlib
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

CHOICES = ("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "GOMP_SPINCOUNT")
TICKS = os.sysconf("SC_CLK_TCK")
LOOP = """import os, sys
while os.getppid() == int(sys.argv[1]):
    for _ in range(1_000_000):
        pass
"""
"""Other work: it ends with the process that started it, also if that is killed."""


ONE, OURS = "1 thread", "nothing set: Halocline's choice"


def main() -> None:
    """Print one Markdown table and the verdicts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", nargs="?", default="arctic-100km")
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--spins", type=int, nargs="*", default=[])
    parser.add_argument("--loads", type=int, nargs="+", default=[0, len(os.sched_getaffinity(0))])
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        compute(arguments)
        return
    rows = {
        ONE: {"OMP_NUM_THREADS": "1"},
        "OpenMP's default": {"GOMP_SPINCOUNT": "300000"},
        "passive": {"OMP_WAIT_POLICY": "PASSIVE"},
        **{f"{count} spins": {"GOMP_SPINCOUNT": str(count)} for count in arguments.spins},
        OURS: {},
    }
    table: dict[int, dict[str, Cell]] = {}
    for load in arguments.loads:
        with beside(load) as loops, contextlib.ExitStack() as started:
            workers = {name: started.enter_context(worker(settings)) for name, settings in rows.items()}
            found = [{name: window(each, loops) for name, each in workers.items()} for _ in range(arguments.rounds)]
        table[load] = {name: Cell.of([each[name] for each in found]) for name in rows}
    words = [f"{load} cores busy: ms a pass | CPU ms | rounds" for load in table]
    print(f"| threads | {' | '.join(words)} |\n|---|{'---:|---:|---:|' * len(table)}")
    for name in rows:
        print(f"| {name} | {' | '.join(table[load][name].text() for load in table)} |")
    spoken = verdicts(table)
    print("\n" + "\n".join(words for words, _ in spoken))
    raise SystemExit(1 if False in [held for _, held in spoken] else 2 if None in [held for _, held in spoken] else 0)


@dataclass(frozen=True)
class Cell:
    """A row on a machine with some cores busy.

    Attributes:
        wall: Wall milliseconds a pass in each round that counts.
        cpu: Median of CPU milliseconds.
        undisturbed: Rounds in which nothing else ran.
    """

    wall: tuple[float, ...]
    cpu: float
    undisturbed: int

    @classmethod
    def of(cls, windows: list[tuple[float, float, float]]) -> "Cell":
        """Make it of (wall ms, CPU ms, cores that something else took) of each round."""
        kept = [each for each in windows if each[2] < 0.1]
        wall, cpu, _ = zip(*(kept or windows), strict=True)
        return cls(wall, statistics.median(cpu), len(kept))

    @property
    def median(self) -> float:
        """Wall milliseconds a pass."""
        return statistics.median(self.wall)

    def text(self) -> str:
        """Return its three columns."""
        return f"{self.median:.0f} ({min(self.wall):.0f}-{max(self.wall):.0f}) | {self.cpu:.0f} | {self.undisturbed}"


def verdicts(table: dict[int, dict[str, Cell]]) -> list[tuple[str, bool | None]]:
    """Return what is asked of Halocline's choice, in words, and whether it holds; None if rounds were disturbed."""
    spoken: list[tuple[str, bool | None]] = []
    for load, cells in table.items():
        ours = cells[OURS].median
        if load == 0:
            best = min(cells, key=lambda name: cells[name].median)
            limit, against = 1.15 * cells[best].median, best
            words = (
                f"idle: {ours:.0f} ms, {ours / cells[best].median - 1:+.0%} of the best ({best}); at most +15 % asked"
            )
        else:
            limit, against = 2.0 * cells[ONE].median, ONE
            words = f"{load} busy: {ours:.0f} ms, {ours / cells[ONE].median:.2f} times one thread; at most 2 asked"
        told = min(cells[OURS].undisturbed, cells[against].undisturbed) > 0
        held = ours <= limit if told else None
        spoken.append((f"{words}: {'no undisturbed round' if held is None else 'holds' if held else 'FAILS'}", held))
    return spoken


def window(process: "subprocess.Popen[str]", loops: list[int]) -> tuple[float, float, float]:
    """Let a row compute for a second; return (wall ms a pass, CPU ms a pass, cores that something else took)."""
    assert process.stdin is not None
    assert process.stdout is not None
    before, began = machine_seconds(loops), time.perf_counter()
    process.stdin.write("go\n")
    process.stdin.flush()
    wall, cpu, passes = json.loads(process.stdout.readline())
    others = (machine_seconds(loops) - before - cpu) / (time.perf_counter() - began)
    return 1e3 * wall / passes, 1e3 * cpu / passes, others


def machine_seconds(loops: list[int]) -> float:
    """Return CPU seconds of everything on the machine but these processes."""
    user, nice, system = Path("/proc/stat").read_text().split()[1:4]
    ours = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13] for pid in loops]
    return (int(user) + int(nice) + int(system) - sum(int(ticks) for pair in ours for ticks in pair)) / TICKS


@contextlib.contextmanager
def beside(processes: int) -> Iterator[list[int]]:
    """Run loops within the block; give their process numbers."""
    loops = [subprocess.Popen([sys.executable, "-c", LOOP, str(os.getpid())]) for _ in range(processes)]
    try:
        yield [loop.pid for loop in loops]
    finally:
        for loop in loops:
            loop.kill()
            loop.wait()


@contextlib.contextmanager
def worker(settings: dict[str, str]) -> Iterator["subprocess.Popen[str]"]:
    """Start a row's process, and wait until it has loaded its model."""
    env = {name: value for name, value in os.environ.items() if name not in CHOICES} | settings
    command = [sys.executable, __file__, *sys.argv[1:], "--one"]
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdout.readline()
        yield process
        process.stdin.close()


def compute(arguments: argparse.Namespace) -> None:
    """Compute for a second at each line read; print (wall seconds, CPU seconds, passes)."""
    import halocline  # noqa: F401, I001  (before torch: it chooses how threads wait)
    import torch

    from halocline.systems.loading import load_model
    from halocline.runtime.device import choose_compute

    generator = load_model(arguments.model, choose_compute("cpu"))
    x_t = torch.randn(arguments.batch, *generator.chain.shape, generator=torch.Generator().manual_seed(0))
    t = torch.full((arguments.batch,), 0.5)
    with torch.no_grad(), generator.chain.compute.autocast():
        generator.denoiser(x_t, t)
        print("ready", flush=True)
        for _ in sys.stdin:
            passes, began, cpu = 0, time.perf_counter(), time.process_time()
            while time.perf_counter() - began < 1.0:
                generator.denoiser(x_t, t)
                passes += 1
            print(json.dumps((time.perf_counter() - began, time.process_time() - cpu, passes)), flush=True)


if __name__ == "__main__":
    main()
