"""The judgement's main figures as one table: a line a group, everything beside the true states."""

import math
from collections.abc import Callable

from halocline.report.compare import Comparison
from halocline.report.numbers import number, with_interval
from halocline.trials.judgement import TARGET, Judgement, Verdict

_Column = tuple[str, str, float | None, Callable[[Verdict], str]]


def judge_table(judgement: Judgement, *, brief: bool = False) -> Comparison:
    """Return the table, or the columns of it that fit a terminal.

    Ratios stand with their intervals, a star marks those within the target; other figures stand beside the control's.
    Columns that no group has, because no years were run or no control was given, are left out.
    """
    chosen = [column for column in _COLUMNS if not brief or column[0] in _BRIEF]
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


def within_target(verdict: Verdict) -> bool:
    """Tell whether a ratio lies within the target of an accepted state."""
    return TARGET[0] <= verdict.value <= TARGET[1]


def _find(judgement: Judgement, group: str, column: _Column) -> Verdict | None:
    try:
        return judgement.find(group, column[1], column[2])
    except KeyError:
        return None


def _ratio(verdict: Verdict, mark: str = "") -> str:
    return with_interval(verdict.value, verdict.low, verdict.high, mark=mark)


def _starred(verdict: Verdict) -> str:
    return _ratio(verdict, "*" if within_target(verdict) else "")


def _beside(factor: float) -> Callable[[Verdict], str]:
    def cell(verdict: Verdict) -> str:
        own = number(verdict.own * factor)
        return f"{own} | {number(verdict.control * factor)}" if math.isfinite(verdict.control) else own

    return cell


def _crashes(verdict: Verdict) -> str:
    return f"{round(verdict.own * verdict.members)}/{verdict.members}"


_COLUMNS: tuple[_Column, ...] = (
    ("KE ratio, day 1", "kinetic_energy", 1.0, _ratio),
    ("KE ratio, day 5", "kinetic_energy", 5.0, _starred),
    ("w_rms ratio, day 1", "w_rms", 1.0, _ratio),
    ("w_rms ratio, day 5", "w_rms", 5.0, _starred),
    ("mixing ratio, days 1–10", "mixing_integral", None, _ratio),
    ("PE released, day 5 (J m⁻³)", "potential_energy_released", 5.0, _beside(1.0)),
    ("PE released, day 10 (J m⁻³)", "potential_energy_released", 10.0, _beside(1.0)),
    ("unstable, day 0 (%)", "unstable", 0.0, _beside(1.0)),
    ("ACC, last year (Sv)", "acc_last_year", None, _beside(1.0)),
    ("MOC, last year (Sv)", "moc_upper_last_year", None, _beside(1.0)),
    ("T drift (mK per year)", "thetao_drift", None, _beside(1e3)),
    ("S drift (10⁻³ psu per year)", "so_drift", None, _beside(1e3)),
    ("T trend (mK a decade)", "thetao_mean_trend", None, _beside(1e3)),
    ("S trend (10⁻³ psu a decade)", "so_mean_trend", None, _beside(1e3)),
    ("T drift of levels (mK a decade)", "level_drift_thetao", None, _beside(1e3)),
    ("S drift of levels (10⁻³ psu a decade)", "level_drift_so", None, _beside(1e3)),
    ("ACC trend (Sv a decade)", "acc_trend", None, _beside(1.0)),
    ("MOC trend (Sv a decade)", "moc_upper_trend", None, _beside(1.0)),
    ("ACC variability, ratio", "acc_variability", None, _ratio),
    ("MOC variability, ratio", "moc_upper_variability", None, _ratio),
    ("crashes", "crashes", None, _crashes),
)
_BRIEF = (
    "KE ratio, day 5",
    "w_rms ratio, day 5",
    "mixing ratio, days 1–10",
    "PE released, day 5 (J m⁻³)",
    "T drift (mK per year)",
    "crashes",
)
