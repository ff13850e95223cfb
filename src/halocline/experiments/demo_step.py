"""A step of a demo: done once, its result used again."""

import time
from collections.abc import Callable
from pathlib import Path


def demo_step(name: str, result: Path, done: bool, quiet: bool, work: Callable[[], None]) -> None:
    """Do a step whose result is not there yet, and tell how long it took.

    Args:
        name: For people.
        result: What it makes.
        done: Whether that is there.
        quiet: Say nothing.
        work: Makes it.
    """
    began = time.perf_counter()
    if not done:
        work()
    if not quiet:
        took = "found, used again" if done else f"{time.perf_counter() - began:.0f} s"
        print(f"{name:9s} {result}  ({took})", flush=True)
