"""The judge's page: one self-contained HTML file beside the tables."""

import math
from pathlib import Path

from rich.table import Table as Printed

from halocline.evaluate.engine.interval import LEVEL
from halocline.report.numbers import number
from halocline.report.page import Page, Section, Table, Tile, render
from halocline.report.trials.table import judge_table, sections_of, within_target
from halocline.runtime import files
from halocline.runtime.console import table_console
from halocline.trials.groups import TRUTH
from halocline.trials.judgement import TARGET, Judgement, Verdict, judge
from halocline.trials.run_table import RunTable


def write_judgement(table: RunTable, folder: Path) -> Judgement:
    """Judge runs and write ``judgement.csv``, ``judgement.json`` and ``report.html`` beside them, over older ones.

    Args:
        table: From ``trials.integrate.integrate``.
        folder: Its folder.
    """
    judgement = judge(table)
    judgement.write(folder)
    files.write_text(folder / "report.html", render(page(judgement, table, folder)))
    return judgement


def page(judgement: Judgement, table: RunTable, folder: Path) -> Page:
    """Return the page; states are drawn if their runs lie in ``folder``."""
    about, (low, high) = judgement.about, TARGET
    world = sections_of(judgement)
    lead = (
        f"{world.lead(about)} Each state stands beside a true state run in the same way under the same weather; ratios "
        f"are taken member by member, with {round(100 * LEVEL)} % intervals from resampling the members."
    )
    words = f"{world.STAR.format(low=low, high=high)} All figures: judgement.csv; all days: runs.csv and runs.nc."
    sections = [
        Section("The judgement", (words,), table=Table.of(judge_table(judgement))),
        *world.sections(judgement, table, folder),
    ]
    tiles = [
        _tile(verdict, world.HEADLINES[verdict.figure, verdict.day])
        for verdict in judgement.verdicts
        if (verdict.figure, verdict.day) in world.HEADLINES and verdict.group != TRUTH and math.isfinite(verdict.value)
    ]
    return Page(world.TITLE, [lead], tiles=tiles, sections=sections, provenance=about)


def print_judgement(judgement: Judgement) -> None:
    """Print the main table."""
    shown = judge_table(judgement, brief=True)
    title = f"{sections_of(judgement).TITLE}: {round(100 * LEVEL)} % intervals; own | control's"
    table = Printed(title=title, title_justify="left", pad_edge=False)
    for k, name in enumerate(shown.header):
        table.add_column(name, justify="right" if k else "left", overflow="fold")
    for line in shown.lines:
        table.add_row(*line)
    table_console().print(table)
    print(f"* within {TARGET[0]:g} to {TARGET[1]:g}: accepted as a true state is")


def _tile(verdict: Verdict, what: str) -> Tile:
    beside = f"{number(verdict.low)} to {number(verdict.high)}; target {TARGET[0]} to {TARGET[1]}"
    return Tile(f"{verdict.group}: {what}", number(verdict.value), "", beside, within_target(verdict))
