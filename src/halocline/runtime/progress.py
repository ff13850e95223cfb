"""Progress bars for people, sparse lines for log files."""

import contextlib
import sys
import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from halocline.runtime.console import under
from halocline.runtime.text import plain

Report = Callable[[int, str], None]
"""``report(done, note)``: how much of the whole is done, and a short remark."""


@contextlib.contextmanager
def progress(title: str, total: int, *, quiet: bool = False, every_s: float = 20.0) -> Iterator[Report]:
    """Show the progress of ``total`` units: a live bar on a terminal, a line every ``every_s`` seconds elsewhere."""
    if quiet:
        yield lambda done, note: None
    elif sys.stderr.isatty():
        with _bar() as bar:
            task = bar.add_task(plain(title), total=total, note="")
            yield lambda done, note: bar.update(task, completed=done, note=plain(note))
    else:
        yield _line_report(title, total, every_s)


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}", markup=False),
        console=Console(file=under(sys.stderr)),
    )


def _line_report(title: str, total: int, every_s: float) -> Report:
    start = last = time.monotonic()

    def report(done: int, note: str) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= every_s or done >= total:
            last = now
            print(
                f"{plain(title)}: {done}/{total} after {now - start:.0f} s {plain(note)}".rstrip(),
                file=sys.stderr,
                flush=True,
            )

    return report


def share(report: Report, start: int, stop: int, note: str) -> Callable[[float], None]:
    """Return a function that takes the share done, 0..1, of the part from ``start`` to ``stop`` of a report."""
    return lambda done: report(int(start + (stop - start) * done), note)
