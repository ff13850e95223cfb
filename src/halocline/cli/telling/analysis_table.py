"""The table of what an analysis did to the observations."""

import xarray as xr


def print_analysis(beside: xr.Dataset) -> None:
    """Print one row a kind of observation."""
    from rich.table import Table

    from halocline.analysis.by_kind import by_kind
    from halocline.runtime.console import table_console

    table = Table("observations", "of", title="root-mean-square innovation of the mean", title_justify="left")
    for column in ("rows", "before", "after", "their error", "chi2 before", "chi2 after"):
        table.add_column(column, justify="right")
    for row in by_kind(beside):
        numbers = (row.before, row.after, row.sigma, row.chi_before, row.chi_after)
        table.add_row(row.kind, row.variable, str(row.count), *(f"{number:.3g}" for number in numbers))
    table_console().print(table)
