"""The main scores as a table in the terminal."""

import math
from typing import Any

from rich.table import Table

from halocline.evaluate.engine.scorecard import Evaluation, Row, Scorecard, main_rows
from halocline.evaluate.forecast.card import ForecastCard
from halocline.report.forecast.table import print_forecast
from halocline.report.numbers import display, number
from halocline.runtime.console import table_console

_MARKS = {True: "[green]as real[/]", False: "[yellow]off[/]", None: ""}


def print_scores(card: Evaluation[Any]) -> None:
    """Print the main scores of states, or of a forecast by lead, and the notes."""
    if isinstance(card, ForecastCard):
        print_forecast(card)
    elif isinstance(card, Scorecard):
        print_table(card)
    for note in card.about.get("notes", []):
        table_console().print(f"note: {note}", markup=False, highlight=False)


def print_table(scorecard: Scorecard) -> None:
    """Print the main scores, each beside its floor; those outside the floor's interval are marked."""
    floors = any(row.within_floor is not None for row in scorecard.rows)
    title = "Scores beside their real-against-real floors" if floors else "Scores, without a floor"
    title += ", with 90 % intervals"
    table = Table(title=title, title_justify="left", pad_edge=False)
    table.add_column("score", overflow="fold")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("floor", justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("")
    for row in main_rows(scorecard.rows):
        name = ", ".join(part for part in (row.score, row.variable.replace("all", ""), row.band) if part)
        mark = _MARKS[row.within_floor]
        value, floor = _cell(row, row.value, row.low, row.high), _cell(row, row.floor, row.floor_low, row.floor_high)
        table.add_row(name, value, floor, display(row.unit, row.id).unit, mark)
    table_console().print(table)


def _cell(row: Row, value: float, low: float, high: float) -> str:
    factor = display(row.unit, row.id).factor
    if math.isnan(value):
        return number(value)
    return f"{number(value * factor)} ({number(low * factor)}–{number(high * factor)})"
