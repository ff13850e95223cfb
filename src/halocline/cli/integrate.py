"""halocline integrate: what the ocean model makes of states."""

from pathlib import Path
from typing import Annotated

import typer

from halocline.cli.reading_options import Answers, reads_files


@reads_files
def integrate(
    states: Annotated[Path, typer.Argument(help="Ocean states on a DINO grid (.nc, .zarr), e.g. from 'generate'.")],
    out: Annotated[Path, typer.Option(help="Folder of the runs; the same command again continues them.")],
    years: Annotated[int, typer.Option(help="Accelerated years after the first ten days; 0 for none.")] = 10,
    members: Annotated[int, typer.Option(help="Maximum number of states per group.")] = 8,
    jobs: Annotated[int, typer.Option(help="Models to run at the same time, one core each.")] = 2,
    control: Annotated[
        Path | None, typer.Option(help="Store of the DINO world: its held-out and mean states are run for comparison.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="The model that drew the states: true states run through its encoding too.")
    ] = None,
    group: Annotated[list[str] | None, typer.Option(help="NAME=FILE, further states to run; may be repeated.")] = None,
    name: Annotated[str, typer.Option(help="What to call the states.")] = "generated",
    condition: Annotated[
        list[str] | None, typer.Option(help="NAME=NUMBER, forcing that is not in the file of states.")
    ] = None,
    nearest_forcing: Annotated[
        bool, typer.Option("--nearest-forcing", help="Take forcing not given from the nearest training state.")
    ] = False,
    noise: Annotated[float, typer.Option(help="Also run true states with white noise of this size, e.g. 0.1.")] = 0.0,
    floor: Annotated[bool, typer.Option("--floor", help="Also run other true states of the same season.")] = False,
    preset: Annotated[str | None, typer.Option(help="Size the states must have; found from their grid.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the weather.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no table.")] = False,
    choices: Answers = None,
) -> None:
    """Start Veros from states, beside true states, and judge them by the shock of the first days and by the years."""
    from halocline.runtime.extras import require_extra
    from halocline.runtime.words import named_numbers, named_values
    from halocline.trials.integrate import integrate as run
    from halocline.trials.plan import Protocol, plan_runs
    from halocline.worlds.dino.process import require_veros

    require_veros()
    require_extra("report", "judging states by runs")
    recode = None
    if model is not None:
        from halocline.data.codecs.told import there_and_back
        from halocline.systems.loading import load_model

        codec = there_and_back(load_model(model).codec)
        recode = lambda x: codec.decode(codec.encode(x))  # noqa: E731
    groups = named_values([f"{name}={states}", *(group or [])], "--group unconstrained=raw.nc")
    plan = plan_runs(
        {name: Path(path) for name, path in groups.items()},
        control=control,
        members=members,
        protocol=Protocol(years=years),
        conditions=named_numbers(condition or [], "--condition warming=1.5"),
        nearest_forcing=nearest_forcing,
        recode=recode,
        noise=noise,
        floor=floor,
        seed=seed,
        preset=preset,
        choices=choices,
    )
    table = run(plan, out, jobs=jobs, quiet=quiet)
    from halocline.report.trials.page import print_judgement, write_judgement

    judgement = write_judgement(table, out)
    if not quiet:
        print_judgement(judgement)
    typer.echo(f"report: {out / 'report.html'}")
