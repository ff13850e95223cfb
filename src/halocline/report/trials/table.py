"""The judgement's main figures as one table: a line a group, everything beside the true states."""

import importlib
import math
from collections.abc import Callable
from typing import Any

from halocline.report.compare import Comparison
from halocline.report.numbers import number, with_interval
from halocline.trials.judgement import TARGET, Judgement, Verdict

Column = tuple[str, str, float | None, Callable[[Verdict], str]]


def judge_table(judgement: Judgement, *, brief: bool = False) -> Comparison:
    """Return the table, or the columns of it that fit a terminal.

    Ratios stand with their intervals, a star marks those within the target; other figures stand beside the control's.
    Columns that no group has, because no years were run or no control was given, are left out.
    """
    world = sections_of(judgement)
    chosen = [column for column in world.COLUMNS if not brief or column[0] in world.BRIEF]
    columns = [column for column in chosen if any(_find(judgement, g, column) for g in judgement.groups)]
    lines = []
    for group in judgement.groups:
        members = judgement.find(group, "crashes").members
        cells = []
        for column in columns:
            verdict = _find(judgement, group, column)
            cells.append("–" if verdict is None else column[3](verdict))
        lines.append((group, str(members), *cells))
    return Comparison(("states", "runs", *[column[0] for column in columns]), tuple(lines))


def sections_of(judgement: Judgement) -> Any:
    """Return the module of this folder for the world that a judgement is of: columns, words and figures."""
    return importlib.import_module(f"halocline.report.trials.{judgement.about.get('world', 'ocean')}")


def within_target(verdict: Verdict) -> bool:
    """Tell whether a ratio lies within the target of an accepted state."""
    return TARGET[0] <= verdict.value <= TARGET[1]


def _find(judgement: Judgement, group: str, column: Column) -> Verdict | None:
    try:
        return judgement.find(group, column[1], column[2])
    except KeyError:
        return None


def ratio_cell(verdict: Verdict, mark: str = "") -> str:
    """Return a ratio with its interval."""
    return with_interval(verdict.value, verdict.low, verdict.high, mark=mark)


def starred_cell(verdict: Verdict) -> str:
    """Return a ratio, starred if it is within the target."""
    return ratio_cell(verdict, "*" if within_target(verdict) else "")


def beside_cells(factor: float) -> Callable[[Verdict], str]:
    """Return cells of the states' own figure beside the control's, times a factor."""

    def cell(verdict: Verdict) -> str:
        own = number(verdict.own * factor)
        return f"{own} | {number(verdict.control * factor)}" if math.isfinite(verdict.control) else own

    return cell


def crashes_cell(verdict: Verdict) -> str:
    """Return how many crashed of how many."""
    return f"{round(verdict.own * verdict.members)}/{verdict.members}"
