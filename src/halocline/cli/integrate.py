"""halocline integrate: what a model makes of states."""

from pathlib import Path
from typing import Annotated

import typer

from halocline.cli.options.reading_options import Answers, reads_files


@reads_files
def integrate(
    states: Annotated[
        Path, typer.Argument(help="Ocean states on a DINO grid, or sea ice on an Arctic one (.nc, .zarr).")
    ],
    out: Annotated[Path, typer.Option(help="Folder of the runs; the same command again continues them.")],
    years: Annotated[
        int | None, typer.Option(help="Years after the first ten days; 0 for none. Ocean 10 (accelerated), sea ice 1.")
    ] = None,
    members: Annotated[int, typer.Option(help="Maximum number of states per group.")] = 8,
    jobs: Annotated[int, typer.Option(help="Models to run at the same time, one core each.")] = 2,
    control: Annotated[
        Path | None, typer.Option(help="Store of the world: its held-out and mean states are run for comparison.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="The model that drew the states: true states run through its encoding too.")
    ] = None,
    group: Annotated[list[str] | None, typer.Option(help="NAME=FILE, further states to run; may be repeated.")] = None,
    name: Annotated[str, typer.Option(help="What to call the states.")] = "generated",
    condition: Annotated[
        list[str] | None,
        typer.Option(help="NAME=NUMBER, forcing or day_of_year that is not in the file of states."),
    ] = None,
    nearest_forcing: Annotated[
        bool, typer.Option("--nearest-forcing", help="Ocean: forcing not given is the nearest training state's.")
    ] = False,
    noise: Annotated[float, typer.Option(help="Also run true states with white noise of this size, e.g. 0.1.")] = 0.0,
    floor: Annotated[bool, typer.Option("--floor", help="Also run other true states of the same season.")] = False,
    preset: Annotated[str | None, typer.Option(help="Ocean: size the states must have; found from their grid.")] = None,
    rheology: Annotated[str | None, typer.Option(help="Sea ice: bbm (if left out), mevp or freedrift.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of the weather.")] = 0,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no table.")] = False,
    choices: Answers = None,
) -> None:
    """Start Veros or the Arctic world from states, beside true ones: the shock of the first days, and the years."""
    from halocline.data.files.open import is_store, open_dataset
    from halocline.runtime.extras import require_extra
    from halocline.runtime.words import named_numbers, named_values
    from halocline.trials.integrate import integrate as run
    from halocline.trials.protocol import TRIALS, Request, kind_for, refuse_store

    if is_store(states):
        raise refuse_store(states)
    kind = TRIALS[kind_for(open_dataset(states), str(states))]
    kind.require()
    require_extra("report", "judging states by runs")
    recode = None
    if model is not None:
        from halocline.systems.loading import load_model
        from halocline.trials.recoding import Recoding

        generator = load_model(model)
        recode = Recoding(generator.codec.channels, generator.recode)
    groups = named_values([f"{name}={states}", *(group or [])], "--group unconstrained=raw.nc")
    plan = kind.plan(
        Request(
            {name: Path(path) for name, path in groups.items()},
            control=control,
            members=members,
            years=years,
            conditions=named_numbers(condition or [], "--condition warming=1.5"),
            recode=recode,
            noise=noise,
            floor=floor,
            seed=seed,
            choices=choices,
            options={"nearest_forcing": nearest_forcing, "preset": preset, "rheology": rheology},
        )
    )
    table = run(plan, out, jobs=jobs, quiet=quiet)
    from halocline.report.trials.page import print_judgement, write_judgement

    judgement = write_judgement(table, out)
    if not quiet:
        print_judgement(judgement)
    typer.echo(f"report: {out / 'report.html'}")
