"""What an ensemble of equilibria costs, member by member: the table and what it says."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from halocline.evaluate.engine.table import ScoreTable
from halocline.runtime.console import columns
from halocline.spinup.factory.make import Line
from halocline.worlds.dino.parameters import NAMES, Member

COSTS = "costs.csv"


def cost_lines(
    lines: Sequence[Line],
    members: Sequence[Member],
    weather: Mapping[int, tuple[float, float]],
    moved: Mapping[int, float] | None = None,
) -> list[dict[str, Any]]:
    """Return a line a member and sweep, in the order in which they were run.

    Args:
        lines: Finished members.
        members: All of the ensemble.
        weather: Model years and CPU seconds under weather, of those that have been run, by number.
        moved: How far members were carried on at the end (K), by number; see ``carry``.
    """
    out, total, moved = [], 0.0, moved or {}
    last = {line.number: line for line in lines}
    for line in lines:
        f = line.finished
        final = line is last[line.number]
        years, seconds = weather.get(line.number, (0.0, 0.0)) if final else (0.0, 0.0)
        total += f.years
        out.append(
            {
                "member": line.number,
                "role": members[line.number].role,
                "sweep": line.sweep,
                "round": line.round,
                "began": f.began,
                "expected_distance_thetao": f.expected,
                "begin_distance_thetao": f.begin_distance,
                "years": round(f.years, 3),
                "years_so_far": round(total, 3),
                "cpu_seconds": round(f.cpu_seconds, 2),
                "jumps": f.jumps,
                "verified": f.verified,
                "drift_thetao": f.drift["thetao"],
                "drift_so": f.drift["so"],
                "error_thetao": f.error["thetao"],
                "error_so": f.error["so"],
                "bound_thetao": f.bound,
                "carried_thetao": moved.get(line.number, 0.0) if final else 0.0,
                "weather_years": round(years, 3),
                "weather_cpu_seconds": round(seconds, 2),
                **dict(zip(NAMES, members[line.number].parameters.values(), strict=True)),
            }
        )
    return out


def write_costs(table: Sequence[Mapping[str, Any]], folder: Path) -> None:
    """Write ``costs.csv``; an older one is replaced."""
    ScoreTable(tuple(table)).to_csv(folder / COSTS)


def words_of(table: Sequence[Mapping[str, Any]]) -> str:
    """Return the curve of costs, a line a sweep and round, and what it comes to."""
    rows = []
    for sweep, number in sorted({(line["sweep"], line["round"]) for line in table}):
        mine = [line for line in table if (line["sweep"], line["round"]) == (sweep, number)]
        rows.append(
            [
                str(sweep + 1),
                "pilots" if number == 0 else str(number),
                str(len(mine)),
                _number(np.mean([line["years"] for line in mine])),
                _number(np.mean([line["cpu_seconds"] for line in mine])),
                _number(_mean(mine, "begin_distance_thetao")),
                f"{sum(line['verified'] for line in mine)} of {len(mine)}",
                _number(np.median([line["error_thetao"] for line in mine])),
                _number(max(line["error_thetao"] for line in mine)),
            ]
        )
    heads = [
        "sweep",
        "round",
        "members",
        "years each",
        "CPU s each",
        "began at (K)",
        "within limits",
        "error (K)",
        "at most (K)",
    ]
    total = sum(line["years"] for line in table)
    under = sum(line["weather_years"] for line in table)
    once = [line for line in table if line["sweep"] == 0]
    rounds = sorted({line["round"] for line in once})
    later = [line["years"] for line in once if line["round"] > 0]
    text = f"What the equilibria cost, model years without weather\n{columns(heads, rows, right=heads)}\n"
    text += f"{total:.0f} years in all, and {under:.0f} under weather."
    if len(rounds) > 2:
        first, last = (np.mean([line["years"] for line in once if line["round"] == r]) for r in (1, rounds[-1]))
        text += f" A member of the last round took {last:.0f}, of the first after the pilots {first:.0f}."
    if later and rounds[0] == 0:
        pilot = np.mean([line["years"] for line in once if line["round"] == 0])
        text += f" A pilot, from both sides, took {pilot:.0f}; a later member {np.mean(later):.0f}."
    carried = [line["carried_thetao"] for line in table if line["carried_thetao"] > 0]
    if carried:
        text += f" {len(carried)} members were carried on, by {np.median(carried):.2g} K in the median."
    return text


def _mean(lines: Sequence[Mapping[str, Any]], name: str) -> float:
    found = [line[name] for line in lines if np.isfinite(line[name])]
    return float(np.mean(found)) if found else float("nan")


def _number(value: float) -> str:
    return f"{value:.3g}" if np.isfinite(value) else "–"
