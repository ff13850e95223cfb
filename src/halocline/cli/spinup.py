"""``halocline spinup reference``: equilibria of the ocean model, and how sure they are."""

from pathlib import Path
from typing import Annotated

import typer

from halocline.cli.simulate import DinoSize

app = typer.Typer(no_args_is_help=True, help="Find the equilibrium of an ocean model.")


@app.callback()
def spinup() -> None:
    """Find the equilibrium of an ocean model."""


@app.command()
def reference(
    out: Annotated[Path, typer.Option(help="Folder of the equilibria, a folder a forcing.")],
    data: Annotated[Path | None, typer.Option(help="Store of 'halocline simulate dino' with the forcing.")] = None,
    member: Annotated[list[int] | None, typer.Option(help="Its member with the forcing; may be repeated.")] = None,
    targets: Annotated[
        int | None, typer.Option(min=1, help="Or so many of its held-out members, as 'reproduce spinup' takes them.")
    ] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Without --data: a parameter, e.g. --set warming=1; the others are DINO's own."),
    ] = None,
    preset: Annotated[DinoSize, typer.Option(help="Without --data: cells of 7, 3.3, 1.6 or 1 degrees.")] = DinoSize.R4,
    other: Annotated[
        str, typer.Option(help="Second side: 'warm' (a warmer deep ocean) or 'own' (the member's simulated state).")
    ] = "warm",
    years: Annotated[int, typer.Option(help="Model years of each side before the first extrapolation.")] = 200,
    max_years: Annotated[int, typer.Option(help="Model years of each side at most.")] = 1000,
    jobs: Annotated[int, typer.Option(min=1, help="Veros processes at a time.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Make equilibria with known errors: two sides, extrapolated, verified. The same command again continues."""
    from halocline.runtime.extras import require_extra
    from halocline.runtime.words import named_numbers

    require_extra("report", "the page of the equilibria")
    from halocline.experiments.spinup_reference import make_references

    table = make_references(
        out,
        data=data,
        members=member or [],
        targets=targets,
        forcing=named_numbers(set_ or [], "--set warming=1"),
        preset=preset.value,
        other=other,
        years=years,
        max_years=max_years,
        jobs=jobs,
        quiet=quiet,
    )
    typer.echo(table)
    typer.echo(f"report: {out / 'report.html'}")
