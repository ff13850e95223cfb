"""``halocline simulate arctic|dino``: make training data with the embedded simulators."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from halocline.cli.options.reading_options import Answers, reads_files

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


class StartName(StrEnum):
    """Where members of an ensemble of equilibria begin."""

    auto = "auto"
    nearest = "nearest"
    surface = "surface"
    model = "model"


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
    dask: Annotated[
        str | None, typer.Option(help="Run members on a dask cluster instead: its scheduler's address, tcp://….")
    ] = None,
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
        dask=dask,
        warming=warming,
        physics=named_numbers(set_ or [], "--set dynamics.air_drag=2e-3"),
        choices=choices,
        quiet=quiet,
    )


@app.command()
def dino(
    out: Annotated[Path, typer.Option(help="Store to create, e.g. DATA.zarr.")],
    preset: Annotated[DinoSize, typer.Option(help="Cells of 7, 3.3, 1.6 or 1 degrees.")] = DinoSize.R4,
    members: Annotated[
        int | None,
        typer.Option(help="Members, each with its own forcing parameters and weather; 36, with --equilibrium 48."),
    ] = None,
    start_years: Annotated[int | None, typer.Option(help="Years (of 360 days) of the common spin-up; 100.")] = None,
    branch_years: Annotated[
        int | None,
        typer.Option(help="Years of each member before its first stored state; 20, with --equilibrium 2."),
    ] = None,
    years: Annotated[
        int | None, typer.Option(help="Years of each member with stored states; 9, with --equilibrium 10.")
    ] = None,
    sample_days: Annotated[int, typer.Option(help="Days between stored states.")] = 73,
    equilibrium: Annotated[
        bool, typer.Option("--equilibrium", help="Bring each member to the equilibrium of its forcing first.")
    ] = False,
    pilots: Annotated[
        int | None, typer.Option(help="With --equilibrium: first members, run from both sides; 4.")
    ] = None,
    pilot_years: Annotated[
        int | None, typer.Option(help="With --equilibrium: years of their sides before the first extrapolation; 200.")
    ] = None,
    together: Annotated[
        int | None, typer.Option(help="With --equilibrium: members that begin by the same finished ones; 4.")
    ] = None,
    max_years: Annotated[
        int | None, typer.Option(help="With --equilibrium: years without weather of a member at most; 200.")
    ] = None,
    again: Annotated[
        int | None,
        typer.Option(help="With --equilibrium: first members that go on once all others have ended; 0."),
    ] = None,
    sweeps: Annotated[
        int | None, typer.Option(help="With --again: times that they are gone through, the first included; 2.")
    ] = None,
    looser: Annotated[
        float | None, typer.Option(help="With --equilibrium: times the limits of a reference; 1.")
    ] = None,
    start: Annotated[
        StartName | None,
        typer.Option(help="With --equilibrium: where later members begin; auto: what left-out members say."),
    ] = None,
    model: Annotated[str | None, typer.Option(help="With --equilibrium: ocean model that draws the starts.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of parameters and weather.")] = 0,
    jobs: Annotated[int, typer.Option(help="Members to run at the same time, one core each.")] = 1,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Simulate an ensemble of DINO oceans with Veros. The same command again continues a killed run."""
    from halocline.runtime.errors import ConfigError

    shared = {"members": members, "branch_years": branch_years, "years": years}
    plain = {"start_years": start_years}
    factory = {
        "pilots": pilots,
        "pilot_years": pilot_years,
        "together": together,
        "max_years": max_years,
        "again": again,
        "sweeps": sweeps,
        "looser": looser,
        "start": None if start is None else start.value,
        "model": model,
    }
    foreign = [name for name, value in (plain if equilibrium else factory).items() if value is not None]
    if foreign:
        raise ConfigError(
            "--" + foreign[0].replace("_", "-"),
            found="--equilibrium" if equilibrium else "no --equilibrium",
            expected="members that branch from a common spin-up" if equilibrium else "--equilibrium beside it",
            remedy="Leave it out.",
        )
    given = {k: v for k, v in (shared | (factory if equilibrium else plain)).items() if v is not None}
    common = {"preset": preset.value, "sample_days": sample_days, "seed": seed, "jobs": jobs, "quiet": quiet}
    if equilibrium:
        from halocline.experiments.equilibria import simulate_equilibria

        simulate_equilibria(out, **given, **common)  # type: ignore[arg-type]
        return
    from halocline.worlds.dino.run import simulate as run

    run(out, **given, **common)  # type: ignore[arg-type]
