"""halocline constrain: states of any origin, made to obey physics."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from halocline.constraints.constrain import Moved


def constrain(
    states: Annotated[Path, typer.Argument(help="NetCDF or Zarr with thetao and so (…, depth, y, x), or sea ice.")],
    constraint: Annotated[
        list[str], typer.Option(help="stability, sort, contents or ice-bounds; may be repeated, applied in order.")
    ],
    out: Annotated[Path, typer.Option(help="File to make, .nc or .zarr.")],
    reference: Annotated[
        str, typer.Option(help="Where densities are compared: local, surface, both or a depth in m.")
    ] = "local",
    contents_from: Annotated[
        Path | None, typer.Option(help="States that give the contents: one for all, or many to draw from.")
    ] = None,
    contents: Annotated[str, typer.Option(help="Which contents: level-means or basin.")] = "level-means",
    seed: Annotated[int, typer.Option(help="Seed of drawn contents.")] = 0,
    positive: Annotated[
        str | None, typer.Option(help="Direction of the depth coordinate, down or up, if the file does not say.")
    ] = None,
) -> None:
    """Make states obey physics with the smallest change, and tell how far each constraint moved them."""
    from halocline.generate.dataset import check_output, write_dataset

    check_output(out)
    from halocline.constraints.constrain import constrain as run
    from halocline.physics.stability import parse_reference
    from halocline.states.dataset import read_dataset

    dataset, moved = run(
        read_dataset(states),
        constraint,
        reference=parse_reference(reference),
        contents_from=None if contents_from is None else read_dataset(contents_from),
        kind=contents,  # type: ignore[arg-type]
        seed=seed,
        positive=positive,
        source=str(states),
    )
    write_dataset(dataset, out)
    _print(moved)
    typer.echo(f"written to {out}")


def _print(moved: "list[Moved]") -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("constraint", title="largest residuals, and how far the states were moved", title_justify="left")
    for column in ("before", "after", "at the end", "unit", "values moved", "rms change"):
        table.add_column(column, justify="left" if column in ("unit", "rms change") else "right")
    for row in moved:
        rms = ", ".join(f"{n} {v:.2g} {_unit(n)}" for n, v in row.rms_change.items())
        undone = row.residual_end > row.tolerance
        end = f"[yellow]{row.residual_end:.2g}[/]" if undone else f"{row.residual_end:.2g}"
        numbers = (f"{row.residual_before:.2g}", f"{row.residual_after:.2g}", end)
        table.add_row(row.name, *numbers, row.unit, f"{row.moved_share:.1%}", rms)
    console = Console()
    Console(width=None if console.is_terminal else max(130, console.width)).print(table)
    for row in moved:
        if row.residual_end > row.tolerance >= row.residual_after:
            print(f"A later constraint undid part of '{row.name}': repeat it at the end of the list.")


def _unit(name: str) -> str:
    from halocline.states.variables import variable

    unit = variable(name).unit
    return "psu" if unit == "1e-3" else unit
