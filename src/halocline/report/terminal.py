"""The main scores as a table in the terminal."""

from rich.console import Console
from rich.table import Table

from halocline.evaluate.scorecard import Scorecard, main_rows
from halocline.report.style import display, number


def print_table(scorecard: Scorecard) -> None:
    """Print the main scores, each beside its floor; those outside the floor's interval are marked."""
    table = Table(title="Scores beside their real-against-real floors (90 % intervals)", title_justify="left")
    for name in ("score", "variable", "band"):
        table.add_column(name)
    for name in ("value", "90 %", "floor", "90 % "):
        table.add_column(name, justify="right")
    table.add_column("unit")
    table.add_column("")
    for row in main_rows(scorecard.rows):
        unit = display(row.unit, row.score)
        value, low, high, floor, floor_low, floor_high = (
            number(x * unit.factor) for x in (row.value, row.low, row.high, row.floor, row.floor_low, row.floor_high)
        )
        mark = "[green]as real[/]" if row.within_floor else "[yellow]off[/]"
        variable = "" if row.variable == "all" else row.variable
        table.add_row(
            row.score, variable, row.band, value, f"{low}–{high}", floor, f"{floor_low}–{floor_high}", unit.unit, mark
        )
    Console().print(table)
