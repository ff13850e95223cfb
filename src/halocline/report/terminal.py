"""The main scores as a table in the terminal."""

from typing import Any

from rich.table import Table

from halocline.evaluate.engine.scorecard import Evaluation, main_rows
from halocline.evaluate.forecast.card import ForecastCard
from halocline.report.forecast.table import print_forecast
from halocline.report.numbers import display, row_name, with_interval
from halocline.runtime.console import table_console


def print_scores(card: Evaluation[Any]) -> None:
    """Print the main scores: of states beside their floors, marked where off; of forecasts by lead."""
    if isinstance(card, ForecastCard):
        print_forecast(card)
        return
    title = "Scores beside their real-against-real floors, with 90 % intervals"
    table = Table(title=title, title_justify="left", pad_edge=False)
    table.add_column("score", overflow="fold")
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("floor", justify="right", no_wrap=True)
    table.add_column("unit", no_wrap=True)
    table.add_column("")
    for row in main_rows(card.rows):
        mark = "[green]as real[/]" if row.within_floor else "[yellow]off[/]"
        shown = display(row.unit, row.id)
        value = with_interval(row.value, row.low, row.high, shown.factor)
        floor = with_interval(row.floor, row.floor_low, row.floor_high, shown.factor)
        table.add_row(row_name(row), value, floor, shown.unit, mark)
    table_console().print(table)
