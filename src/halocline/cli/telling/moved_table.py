"""The table of what constraints did to states."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from halocline.constraints.project_all import ProjectionReport


def print_moved(moved: "list[ProjectionReport]") -> None:
    """Print one row a constraint, and a hint where a later one undid an earlier one."""
    from rich.table import Table
    from rich.text import Text

    from halocline.runtime.console import table_console

    table = Table("constraint", title="largest residuals, and how far the states were moved", title_justify="left")
    for column in ("before", "after", "at the end", "unit", "values moved", "rms change"):
        table.add_column(column, justify="left" if column in ("unit", "rms change") else "right")
    for row in moved:
        rms = ", ".join(f"{n} {v:.2g} {_unit(n)}" for n, v in row.rms_change.items())
        undone = row.residual_end > row.tolerance
        end = Text(f"{row.residual_end:.2g}", "yellow" if undone else "")
        table.add_row(
            row.name,
            f"{row.residual_before:.2g}",
            f"{row.residual_after:.2g}",
            end,
            row.unit,
            f"{row.moved_share:.1%}",
            rms,
        )
    table_console().print(table)
    for row in moved:
        if row.residual_end > row.tolerance >= row.residual_after:
            print(f"A later constraint undid part of '{row.name}': repeat it at the end of the list.")


def _unit(name: str) -> str:
    from halocline.data.fields.variables import variable

    unit = variable(name).unit
    return "psu" if unit == "1e-3" else unit
