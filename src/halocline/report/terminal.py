"""The main scores as a table in the terminal."""

from typing import Any

from rich.table import Table
from rich.text import Text

from halocline.evaluate.engine.scorecard import Evaluation, Row, main_rows
from halocline.evaluate.forecast.card import ForecastCard
from halocline.report.forecast.table import print_forecast
from halocline.report.numbers import display, row_name, with_interval
from halocline.runtime.console import table_console

_MARKS = {True: Text("as real", "green"), False: Text("off", "yellow"), None: Text()}


def print_scores(card: Evaluation[Any]) -> None:
    """Print the main scores, of states or of a forecast by lead, and the notes."""
    if isinstance(card, ForecastCard):
        print_forecast(card)
    else:
        _print_states(card)
    for note in card.about.get("notes", []):
        table_console().print(f"note: {note}", highlight=False)


def _print_states(card: Evaluation[Row]) -> None:
    """Print the main scores beside their floors; those outside the floor's interval are marked."""
    floors = any(row.within_floor is not None for row in card.rows)
    title = "Scores beside their real-against-real floors" if floors else "Scores, without a floor"
    title += ", with 90 % intervals"
    table = Table(title=title, title_justify="left", pad_edge=False)
    table.add_column("score", overflow="fold")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("floor", justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("")
    for row in main_rows(card.rows):
        shown = display(row.unit, row.id)
        value = with_interval(row.value, row.low, row.high, shown.factor)
        floor = with_interval(row.floor, row.floor_low, row.floor_high, shown.factor)
        table.add_row(row_name(row), value, floor, shown.unit, _MARKS[row.within_floor])
    table_console().print(table)
