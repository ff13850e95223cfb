"""The main scores of a forecast, a row a score and source, a column a lead: for the page and for the terminal."""

from dataclasses import dataclass

import numpy as np
from rich.table import Table

from halocline.evaluate.forecast.card import ForecastCard, ForecastRow
from halocline.evaluate.forecast.sources import BASELINES
from halocline.report.numbers import display, number
from halocline.runtime.console import table_console

TABLE_DAYS = (1.0, 2.0, 3.0, 5.0, 10.0)
_COMPARED = ("RMSE", "CRPS", "ice-edge error (IIEE)")
_MAIN = (
    ("RMSE", "sic", "ocean"),
    ("RMSE", "sit", "ocean"),
    ("RMSE", "drift", "ice"),
    ("CRPS", "sic", "ocean"),
    ("CRPS", "sit", "ocean"),
    ("ice-edge error (IIEE)", "sic", ""),
    ("extent error", "sic", ""),
    ("misplacement error", "sic", ""),
    ("spatial probability score", "sic", ""),
    ("marginal ice zone area, bias", "all", ""),
    ("ice extent, bias", "all", ""),
    ("ice volume, bias", "all", ""),
    ("spread-skill ratio", "sic", "ice"),
    ("spread-skill ratio", "sit", "ice"),
    ("spread-skill ratio", "drift", "ice"),
    ("truth outside the ensemble", "sic", "ice"),
    ("truth outside the ensemble", "sit", "ice"),
    ("mean total deformation", "all", ""),
    ("histogram distance (W1)", "deformation", ""),
    ("share out of bounds", "sic", ""),
    ("share out of bounds", "sit", ""),
)
_SMALL = ("sit", "sic", "sid", "siu")


@dataclass(frozen=True)
class Line:
    """One line of the table.

    Attributes:
        name: Score, variable and region.
        source: What is scored.
        cells: Values with intervals, by lead.
        truth: What the truth would get.
        unit: Display unit.
    """

    name: str
    source: str
    cells: tuple[str, ...]
    truth: str
    unit: str


def table_leads(card: ForecastCard) -> list[float]:
    """Return the leads shown, hours: those nearest to 1, 2, 3, 5 and 10 days."""
    leads = np.array([hours for hours in card.lead_hours if 0 < hours <= 45 * 24.0])
    if not len(leads):
        return []
    return list(dict.fromkeys(float(leads[np.argmin(np.abs(leads - 24.0 * day))]) for day in TABLE_DAYS))


def main_lines(card: ForecastCard, *, every_source: bool = True) -> list[Line]:
    """Return the main scores; errors for all sources, the rest for the forecasts alone.

    Args:
        card: The card.
        every_source: False leaves the baselines other than persistence out.
    """
    leads = table_leads(card)
    shortest = next((row.band for row in card.rows if row.score == "spectral power ratio"), "")
    main = [*_MAIN, *(("spectral power ratio", name, shortest) for name in _SMALL if shortest)]
    index = {(r.score, r.variable, r.band, r.source, r.lead_hours): r for r in card.rows}
    forecasts = [name for name in card.sources if name not in BASELINES]
    lines = []
    for key in main:
        score = key[0]
        shown = [*forecasts, *(BASELINES if every_source else ("persistence",))] if score in _COMPARED else forecasts
        if score == "spectral power ratio":
            shown = [*forecasts, "ensemble mean"] if card.about["members"] > 1 else forecasts
        for source in shown:
            rows = [index.get((*key, source, hours)) for hours in leads]
            there = [row for row in rows if row is not None]
            if there:
                lines.append(_line(key, source, rows, there[0], any(np.isfinite(r.value) for r in there)))
    return [line for line in lines if any(line.cells)]


def long_lines(card: ForecastCard) -> list[tuple[str, ...]]:
    """Return score, value, interval, truth's value and unit of a long run, single months left out."""
    rows = [r for r in card.rows if not np.isfinite(r.lead_hours) and not r.band and r.source == card.sources[0]]
    return [
        (row.score, number(row.value * f), f"{number(row.low * f)} … {number(row.high * f)}", number(row.truth * f), u)
        for row in rows
        for f, u in [_unit(row.unit, row.score)]
    ]


def print_forecast(card: ForecastCard) -> None:
    """Print the main scores by lead, and those of a long run."""
    console = table_console()
    lines = main_lines(card, every_source=False)
    if lines:
        table = Table(title="Scores by lead", title_justify="left", pad_edge=False)
        table.add_column("score", overflow="fold")
        table.add_column("of")
        for hours in table_leads(card):
            table.add_column(f"day {hours / 24:g}", justify="right", no_wrap=True)
        table.add_column("truth", justify="right")
        table.add_column("unit", no_wrap=True)
        for line in lines:
            values = [cell.split(" (")[0] for cell in line.cells]
            table.add_row(line.name, line.source, *values, line.truth, line.unit)
        console.print(table)
    if card.long_run is not None:
        table = Table("score", "value", "90 %", "truth", "unit", title="The long run", title_justify="left")
        for cells in long_lines(card):
            table.add_row(*cells)
        console.print(table)


def _line(
    key: tuple[str, str, str], source: str, rows: list[ForecastRow | None], first: ForecastRow, known: bool
) -> Line:
    factor, unit = _unit(first.unit, first.score)
    cells = tuple("" if row is None or not known else _cell(row, factor) for row in rows)
    name = ", ".join(part for part in (key[0], key[1].replace("all", ""), key[2]) if part)
    constant = first.better != "reference"
    return Line(name, source, cells, number(first.truth) if constant else "as truth", unit)


def _cell(row: ForecastRow, factor: float) -> str:
    value = number(row.value * factor)
    if not np.isfinite(row.low):
        return value
    return f"{value} ({number(row.low * factor)}–{number(row.high * factor)})"


def _unit(unit: str, score: str) -> tuple[float, str]:
    if unit.endswith(" yr-1"):
        shown = display(unit.removesuffix(" yr-1"), score)
        return shown.factor, f"{shown.unit} yr⁻¹"
    shown = display(unit, score)
    return shown.factor, shown.unit
