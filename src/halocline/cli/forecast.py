"""halocline forecast: step states forward in time."""

import warnings
from pathlib import Path
from typing import Annotated

import typer

from halocline.cli.options.reading_options import Answers, reads_files
from halocline.diffusion.solvers.base import SOLVERS


@reads_files
def forecast(
    model: Annotated[str, typer.Argument(help="A surrogate's folder or name, or persistence, or free-drift.")],
    start: Annotated[Path, typer.Option(help="A state store, a file of states, or a forecast to go on from.")],
    out: Annotated[Path, typer.Option(help="Forecast to make, .zarr; the same command again continues it.")],
    forcing: Annotated[
        Path | None, typer.Option(help="A state store, or t2m, q2m or d2m, u10, v10 (NetCDF, Zarr); or the --start.")
    ] = None,
    days: Annotated[float | None, typer.Option(min=0.5, help="Length; 10 if --years is not given either.")] = None,
    years: Annotated[float | None, typer.Option(min=0.01, help="Length in years of 365 days.")] = None,
    members: Annotated[
        int | None, typer.Option(min=1, help="Members of each start; 8, or all of a start that has fewer.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the ensemble.")] = 0,
    starts: Annotated[int, typer.Option(min=1, help="Starts, spread evenly over --split of a store.")] = 1,
    split: Annotated[str, typer.Option(help="train, validation, test or all.")] = "test",
    at: Annotated[
        list[str] | None,
        typer.Option(help="Start at a date, e.g. 2007-01-01; may be repeated. States with a day_of_year need none."),
    ] = None,
    store_member: Annotated[int, typer.Option(min=0, help="Member of the store, for --at.")] = 0,
    start_index: Annotated[int, typer.Option(min=0, help="Which state of a file, counted from 0.")] = 0,
    output_hours: Annotated[int | None, typer.Option(min=1, help="Hours between written states.")] = None,
    memory: Annotated[str, typer.Option(help="For networks, states and the weather kept, e.g. 2GB.")] = "2GB",
    steps: Annotated[int | None, typer.Option(min=1, help="Solver steps of a flow.")] = None,
    solver: Annotated[
        str | None, typer.Option(help=f"Of a flow, e.g. heun-t (2 N - 1 passes) or ddim (N): {', '.join(SOLVERS)}.")
    ] = None,
    noise_hours: Annotated[
        float | None, typer.Option(min=0, help="How long a member's noise remembers, hours; more spreads the members.")
    ] = None,
    noise: Annotated[
        str | None, typer.Option(help="keyed; or philox, made on the device: other members, fast on a GPU.")
    ] = None,
    views: Annotated[
        str | None,
        typer.Option(help="In which symmetry of the square members are stepped: one, or drawn by member or by step."),
    ] = None,
    paired: Annotated[
        bool, typer.Option("--paired", help="Opposite noise for members 2k and 2k + 1: the mean of many more members.")
    ] = False,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    compiled: Annotated[
        bool, typer.Option("--compile", help="Compile a surrogate's network first: a minute or two, then faster.")
    ] = False,
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an older forecast at --out once the new one is complete.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    choices: Answers = None,
) -> None:
    """Forecast sea ice twelve hours at a time, an ensemble from each start, streamed to Zarr."""
    from halocline.runtime.device import choose_compute, set_threads
    from halocline.runtime.overwrite import replacing
    from halocline.runtime.processes.allocation import keep_freed_memory
    from halocline.runtime.processes.joining import is_first, refuse_overwrite
    from halocline.systems.forecasting import Request, run_forecast

    refuse_overwrite(overwrite)
    keep_freed_memory()
    set_threads(threads)
    with replacing(out, "a forecast", overwrite=overwrite) as target:
        request = Request(
            model=model,
            start=start,
            out=target,
            forcing=forcing,
            days=days,
            years=years,
            members=members,
            seed=seed,
            starts=starts,
            split=split,
            at=tuple(at or ()),
            store_member=store_member,
            start_index=start_index,
            output_hours=output_hours,
            memory=memory,
            steps=steps,
            solver=solver,
            noise_hours=noise_hours,
            views=views,
            noise=noise,
            paired=paired,
            quiet=quiet,
            choices=choices,
        )
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            run_forecast(request, choose_compute(device, precision, compiled=compiled))  # type: ignore[arg-type]
    if not is_first():
        return
    for text in dict.fromkeys(str(w.message) for w in caught if issubclass(w.category, UserWarning)):
        typer.echo(f"warning: {text}", err=True)
    typer.echo(f"Forecast written to {out}")
