"""How PyTorch's threads wait for each other: briefly spinning, or asleep where others want the cores.

A network's pass is hundreds of short parallel regions, and at the end of each a thread waits for the slowest. GNU
OpenMP, which PyTorch's wheels for Linux bring, spins for milliseconds before it sleeps. On a core that other work
shares, the thread waited for is often not running, and each region takes a time slice of the scheduler. A thread that
sleeps at once gives its core away, but waking it costs more than a short region on an idle machine;
``benchmarks/cost/threads.py`` measures both. Results are the same to the bit: who computes what does not depend on how
threads wait.
"""

import os
import sys
import time
from collections.abc import MutableMapping
from pathlib import Path

CHOICES = ("OMP_NUM_THREADS", "OMP_WAIT_POLICY", "OMP_PROC_BIND", "GOMP_SPINCOUNT", "KMP_BLOCKTIME")
"""Variables of OpenMP by which a user has chosen; if one is set, none is touched."""

SPINS = 2_000
"""Turns that a waiting thread spins before it sleeps; some fifty microseconds on a processor of 2023."""


def choose_waiting(environ: MutableMapping[str, str] = os.environ) -> None:
    """Set ``GOMP_SPINCOUNT`` for this process, unless the user has chosen or torch, whose OpenMP reads it, is loaded.

    Args:
        environ: The environment; child processes inherit it.
    """
    if sys.platform != "linux" or "torch" in sys.modules or any(name in environ for name in CHOICES):
        return
    environ["GOMP_SPINCOUNT"] = "0" if cores_taken() >= 0.5 * len(os.sched_getaffinity(0)) else str(SPINS)


def cores_taken(looks: int = 5, pause: float = 1e-3, source: Path = Path("/proc/loadavg")) -> float:
    """Return how many other threads on the machine run or want to, a mean over a few milliseconds; 0 if unknown.

    Not the load average: it remembers a minute, also of our own work that has just ended.

    Args:
        looks: How often to look.
        pause: Seconds between looks.
        source: Its fourth field is ``running/all``, this process among them.
    """
    running = 0
    for _ in range(looks):
        try:
            running += int(source.read_text().split()[3].split("/")[0]) - 1
        except (OSError, IndexError, ValueError):
            return 0.0
        time.sleep(pause)
    return max(0, running) / looks
