"""Steps of a demo: each is done once, and its result used again."""

import time
from collections.abc import Callable
from pathlib import Path

from halocline.runtime import files


def demo_step(name: str, result: Path, work: Callable[[], object], *, quiet: bool, done: bool | None = None) -> None:
    """Do a step whose result is not there yet, and tell how long it took.

    Args:
        name: For people.
        result: What it makes.
        work: Makes it.
        quiet: Say nothing.
        done: Whether it is there; None: whether ``result`` exists.
    """
    began = time.perf_counter()
    done = result.exists() if done is None else done
    if not done:
        work()
    if not quiet:
        took = "found, used again" if done else f"{time.perf_counter() - began:.0f} s"
        print(f"{name:9s} {result}  ({took})", flush=True)


def evaluation_step(folder: Path, write: Callable[[Path], object], *, quiet: bool) -> Path:
    """Write the scores' folder, which appears whole, as a step; return its page."""

    def work() -> None:
        with files.new_folder(folder) as hidden:
            write(hidden)

    demo_step("evaluate", folder, work, quiet=quiet)
    return folder / "report.html"
