"""The main scores of a forecast, a row a score and source, a column a lead: for the page and for the terminal."""

from collections.abc import Iterable, Sequence
from dataclasses import astuple, dataclass

import numpy as np
from rich.table import Table

from halocline.evaluate.forecast.card import ForecastCard, ForecastRow
from halocline.evaluate.forecast.references import REFERENCES
from halocline.evaluate.forecast.scoring import MEAN
from halocline.evaluate.ice.families.spectra import SHORTEST
from halocline.report.numbers import display, number, row_name, with_interval
from halocline.runtime.console import table_console

TABLE_DAYS = (1.0, 2.0, 3.0, 5.0, 10.0)
_COMPARED = ("rmse_ocean", "rmse_ice", "crps_ocean", "iiee")
_MAIN = (
    ("rmse_ocean", "sic"),
    ("rmse_ocean", "sit"),
    ("rmse_ice", "drift"),
    ("crps_ocean", "sic"),
    ("crps_ocean", "sit"),
    ("iiee", "sic"),
    ("extent_error", "sic"),
    ("misplacement", "sic"),
    ("sps", "sic"),
    ("miz_area_bias", "all"),
    ("ice_extent_bias", "all"),
    ("ice_volume_bias", "all"),
    ("spread_skill_ice", "sic"),
    ("spread_skill_ice", "sit"),
    ("spread_skill_ice", "drift"),
    ("outside_ice", "sic"),
    ("outside_ice", "sit"),
    ("deformation_mean", "all"),
    ("w1", "deformation"),
    ("out_of_bounds", "sic"),
    ("out_of_bounds", "sit"),
    (SHORTEST, "sit"),
    (SHORTEST, "sic"),
    (SHORTEST, "sid"),
    (SHORTEST, "siu"),
)


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
    return nearest_leads([hours for hours in card.lead_hours if hours <= 45 * 24.0], TABLE_DAYS)


def nearest_leads(lead_hours: Iterable[float], days: Sequence[float]) -> list[float]:
    """Return those of the leads (hours) that are nearest to the days, without repeats, 0 left out."""
    leads = np.array([hours for hours in lead_hours if hours > 0])
    return list(dict.fromkeys(float(leads[np.argmin(np.abs(leads - 24.0 * day))]) for day in days if len(leads)))


def main_lines(card: ForecastCard, *, every_source: bool = True) -> list[Line]:
    """Return the main scores; errors for all sources, the rest for the forecasts alone.

    Args:
        card: The card.
        every_source: False leaves the reference forecasts other than persistence out.
    """
    leads = table_leads(card)
    index = {(r.id, r.variable, r.source, r.lead_hours): r for r in card.rows}
    forecasts = [name for name in card.sources if name not in REFERENCES]
    lines = []
    for id, variable in [*_MAIN, *_others(card)]:
        shown = forecasts
        if id in _COMPARED:
            shown = [*forecasts, *(REFERENCES if every_source else ("persistence",))]
        elif id == SHORTEST and card.about["members"] > 1:
            shown = [*forecasts, MEAN]
        for source in shown:
            rows = [index.get((id, variable, source, hours)) for hours in leads]
            there = [row for row in rows if row is not None]
            if there:
                lines.append(_line(source, rows, there[0], any(np.isfinite(r.value) for r in there)))
    return [line for line in lines if any(line.cells)]


def long_lines(card: ForecastCard) -> list[tuple[str, ...]]:
    """Return score, value, interval, truth's value and unit of a long run, single months left out."""
    rows = [
        row
        for row in card.rows
        if not np.isfinite(row.lead_hours) and "_month_" not in row.id and row.source == card.sources[0]
    ]
    return [
        (row.score, number(row.value * f), f"{number(row.low * f)} … {number(row.high * f)}", number(row.truth * f), u)
        for row in rows
        for f, u in [astuple(display(row.unit, row.id))]
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


def _others(card: ForecastCard) -> list[tuple[str, str]]:
    """Return the (id, variable) of scores that other packages add, in the order of the table."""
    added = card.about.get("added_scores", ())
    return list(dict.fromkeys((row.id, row.variable) for row in card.rows if row.id in added))


def _line(source: str, rows: list[ForecastRow | None], first: ForecastRow, known: bool) -> Line:
    shown = display(first.unit, first.id)
    cells = tuple(
        "" if row is None or not known else with_interval(row.value, row.low, row.high, shown.factor) for row in rows
    )
    constant = first.better != "reference"
    return Line(row_name(first), source, cells, number(first.truth) if constant else "as truth", shown.unit)
