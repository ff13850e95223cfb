"""``halocline reproduce spinup``: experiments that answer a question with a table."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, help="Run an experiment that ends in a table.")


@app.callback()
def reproduce() -> None:
    """Run an experiment that ends in a table."""


@app.command()
def spinup(
    data: Annotated[Path, typer.Option(help="Store of 'halocline simulate dino'.")],
    out: Annotated[Path, typer.Option(help="Folder of the runs and their results.")],
    model: Annotated[str | None, typer.Option(help="Ocean model to draw states from.")] = None,
    states: Annotated[Path | None, typer.Option(help="Or states drawn for the held-out forcing (.nc, .zarr).")] = None,
    references: Annotated[
        Path | None,
        typer.Option(help="Known equilibria of 'halocline spinup reference'; else the ends of two unfinished runs."),
    ] = None,
    histories: Annotated[
        Path | None, typer.Option(help="Runs of other forcings that teach jumps: a folder of either command.")
    ] = None,
    targets: Annotated[
        int | None,
        typer.Option(
            min=1, help="Number of held-out members, alternately inside and at the end of the trained range; 1."
        ),
    ] = None,
    member: Annotated[list[int] | None, typer.Option(help="Or a held-out member; may be repeated.")] = None,
    method: Annotated[
        list[str] | None,
        typer.Option(
            help="mean, nearest, regression, surface, generated, generated-mean; cold-anderson, nearest-anderson, "
            "surface-anderson, generated-anderson; cold-jump, nearest-jump, surface-jump, generated-jump; may be "
            "repeated; all if left out. cold always runs, own unless --references."
        ),
    ] = None,
    max_years: Annotated[int, typer.Option(help="Model years of the two reference runs; others end there too.")] = 300,
    cold_years: Annotated[
        int | None, typer.Option(help="Model years of the plain cold start, if more; with --references.")
    ] = None,
    stricter: Annotated[
        bool, typer.Option("--stricter", help="Run on until a criterion half as wide holds as well.")
    ] = False,
    seed: Annotated[int, typer.Option(help="Seed of the drawing.")] = 0,
    jobs: Annotated[int, typer.Option(min=1, help="Veros processes at a time.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Count model years and CPU seconds until equilibrium from several starts. The same command again continues."""
    from halocline.runtime.extras import require_extra

    require_extra("report", "the page of an experiment")
    from halocline.experiments.spinup import reproduce_spinup

    table = reproduce_spinup(
        data,
        out,
        model=model,
        states=states,
        references=references,
        histories=histories,
        targets=targets,
        members=member or (),
        methods=method,
        max_years=max_years,
        cold_years=cold_years,
        stricter=stricter,
        seed=seed,
        jobs=jobs,
        quiet=quiet,
    )
    typer.echo(table)
    typer.echo(f"report: {out / 'report.html'}")
