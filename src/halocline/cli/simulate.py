"""``halocline simulate arctic|dino``: make training data with the embedded simulators."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from halocline.cli.reading_options import Answers, reads_files

app = typer.Typer(no_args_is_help=True, help="Make training data with an embedded simulator.")


class RheologyName(StrEnum):
    """Rheologies of the Arctic world."""

    bbm = "bbm"
    mevp = "mevp"
    freedrift = "freedrift"


class DinoSize(StrEnum):
    """Sizes of the DINO world."""

    R8 = "R8"
    R4 = "R4"
    R2 = "R2"
    R1 = "R1"


@app.callback()
def simulate() -> None:
    """Make training data with an embedded simulator."""


@app.command()
@reads_files
def arctic(
    out: Annotated[Path, typer.Option(help="Store to create, e.g. DATA.zarr.")],
    years: Annotated[int, typer.Option(help="Stored years of 365 days, from 1 January or the start's day.")] = 2,
    members: Annotated[int, typer.Option(help="Independent members, each with its own weather.")] = 1,
    resolution: Annotated[int, typer.Option(help="Grid spacing in km: 100, 50 or 25.")] = 100,
    interval_hours: Annotated[int, typer.Option(help="Hours between states: 6, 12 or 24.")] = 12,
    spinup_years: Annotated[int, typer.Option(help="Years before the first stored one; none with --start.")] = 1,
    seed: Annotated[int, typer.Option(help="Seed of the weather.")] = 0,
    jobs: Annotated[int, typer.Option(help="Members to run at the same time.")] = 1,
    rheology: Annotated[
        RheologyName, typer.Option(help="bbm is brittle, with damage; the others are controls.")
    ] = RheologyName.bbm,
    start: Annotated[
        Path | None,
        typer.Option(help="A restart, or NetCDF or Zarr states: begins on their day_of_year, else 1 January."),
    ] = None,
    start_index: Annotated[int, typer.Option(help="Which state of --start, counted from 0.")] = 0,
    forcing: Annotated[
        Path | None, typer.Option(help="t2m, q2m or d2m, u10, v10 (NetCDF or Zarr) instead of synthetic weather.")
    ] = None,
    warming: Annotated[float, typer.Option(help="Linear warming of air and sea, K per decade.")] = 0.0,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Change a constant: --set dynamics.air_drag=2e-3")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    choices: Answers = None,
) -> None:
    """Simulate brittle Arctic sea ice under synthetic weather. The same command again continues a killed run."""
    from halocline.runtime.words import named_numbers
    from halocline.worlds.arctic.run import simulate as run

    run(
        out,
        resolution_km=resolution,
        years=years,
        members=members,
        spinup_years=spinup_years,
        interval_hours=interval_hours,
        seed=seed,
        rheology=rheology.value,
        start=start,
        start_index=start_index,
        forcing=forcing,
        jobs=jobs,
        warming=warming,
        physics=named_numbers(set_ or [], "--set dynamics.air_drag=2e-3"),
        choices=choices,
        quiet=quiet,
    )


@app.command()
def dino(
    out: Annotated[Path, typer.Option(help="Store to create, e.g. DATA.zarr.")],
    preset: Annotated[DinoSize, typer.Option(help="Cells of 7, 3.3, 1.6 or 1 degrees.")] = DinoSize.R4,
    members: Annotated[int, typer.Option(help="Members, each with its own forcing parameters and weather.")] = 36,
    start_years: Annotated[int, typer.Option(help="Years (of 360 days) of the common spin-up.")] = 100,
    branch_years: Annotated[int, typer.Option(help="Years of each member before its first stored state.")] = 20,
    years: Annotated[int, typer.Option(help="Years of each member with stored states.")] = 9,
    sample_days: Annotated[int, typer.Option(help="Days between stored states.")] = 73,
    seed: Annotated[int, typer.Option(help="Seed of parameters and weather.")] = 0,
    jobs: Annotated[int, typer.Option(help="Members to run at the same time, one core each.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Simulate an ensemble of DINO oceans with Veros. The same command again continues a killed run."""
    from halocline.worlds.dino.run import simulate as run

    run(
        out,
        preset=preset.value,
        members=members,
        start_years=start_years,
        branch_years=branch_years,
        years=years,
        sample_days=sample_days,
        seed=seed,
        jobs=jobs,
        quiet=quiet,
    )
