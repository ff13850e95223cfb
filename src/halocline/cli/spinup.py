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
        str,
        typer.Option(
            help="Second side: 'far' (a deep ocean of the same density beyond the equilibrium: warmer and saltier, or "
            "colder and fresher under forcing that cools), 'mirror' (as far beyond the end of the plain cold side, see "
            "--cold-years, as that is before it), 'warm' (a warmer deep ocean), 'own' (the member's own state) or "
            "'surface' (what a response surface over the training members says)."
        ),
    ] = "far",
    years: Annotated[int, typer.Option(help="Model years of each side before the first extrapolation.")] = 200,
    max_years: Annotated[int, typer.Option(help="Model years of each side at most.")] = 1000,
    cold_years: Annotated[
        int | None,
        typer.Option(help="Model years of the plain cold start before it is extrapolated, if more than --years."),
    ] = None,
    histories: Annotated[
        Path | None,
        typer.Option(help="Runs of other forcings that teach the extrapolations as well, e.g. DATA.zarr.equilibria."),
    ] = None,
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
        cold_years=cold_years,
        histories=histories,
        jobs=jobs,
        quiet=quiet,
    )
    typer.echo(table)
    typer.echo(f"report: {out / 'report.html'}")


@app.command()
def start(
    data: Annotated[Path, typer.Option(help="Store of an ensemble over parameters: your model's, or Halocline's.")],
    out: Annotated[Path, typer.Option(help="File to make, .nc or .zarr.")],
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="A parameter of the new member: --set warming=1; all are needed.")
    ] = None,
    day: Annotated[float, typer.Option(help="Day of the year of the state, from 0 on.")] = 0.0,
    patterns: Annotated[int, typer.Option(min=1, help="Most patterns of the response surface.")] = 25,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an older file at --out once the new one is complete.")
    ] = False,
) -> None:
    """Write the state that a response surface over an ensemble has for new parameters, with its expected error."""
    from halocline.chain.dataset import check_output
    from halocline.experiments.surface_start import write_start_states
    from halocline.runtime.overwrite import replacing
    from halocline.runtime.words import named_numbers

    with replacing(out, "a file of states", overwrite=overwrite) as target:
        check_output(target)
        told = write_start_states(
            target, data, named_numbers(set_ or [], "--set warming=1"), day=day, patterns=patterns
        )
    for line in told:
        typer.echo(line)
    typer.echo(f"written to {out}")
