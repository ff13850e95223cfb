"""halocline generate: states from a model."""

import json
import warnings
from pathlib import Path
from typing import Annotated

import typer

from halocline.cli.options.reading_options import Answers, reads_files
from halocline.constraints.registry import CONSTRAINTS
from halocline.diffusion.solvers.base import SOLVERS
from halocline.runtime.errors import ConfigError


@reads_files
def generate(
    model: Annotated[str, typer.Argument(help="A model folder, or the name of a shipped model.")],
    members: Annotated[int, typer.Option(min=1, help="How many states.")] = 8,
    seed: Annotated[int, typer.Option(help="Seed of the ensemble.")] = 0,
    out: Annotated[Path, typer.Option(help="File to make, .nc or .zarr.")] = Path("states.nc"),
    first: Annotated[int, typer.Option(min=0, help="Number of the first member.")] = 0,
    batch: Annotated[int, typer.Option(min=1, help="Members a pass; changes speed and memory only.")] = 32,
    memory: Annotated[
        str | None, typer.Option(help="Most to take beside the program, e.g. 2GB: fewer members a pass if need be.")
    ] = None,
    solver: Annotated[str | None, typer.Option(help=f"{', '.join(SOLVERS)}.")] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option(
            help="Parameter, day_of_year, wind1, …: NAME=VALUE; may be repeated, the rest is drawn; none: told nothing."
        ),
    ] = None,
    at: Annotated[
        str | None, typer.Option(help="Date: its day of the year is told, and with --weather the wind before it.")
    ] = None,
    weather: Annotated[
        Path | None, typer.Option(help="File of 10-m wind that covers the days before --at, for models told the wind.")
    ] = None,
    guidance: Annotated[
        float | None, typer.Option(min=0, help="How much to stress what is told; 1 as trained, two passes otherwise.")
    ] = None,
    constraint: Annotated[
        list[str] | None,
        typer.Option(help=f"Instead of the model's: none, paper, {', '.join(CONSTRAINTS)}; may be repeated."),
    ] = None,
    steps: Annotated[int | None, typer.Option(min=1, help="Solver steps.")] = None,
    noise: Annotated[
        str, typer.Option(help="keyed; or philox, made on the device: other members, fast on a GPU.")
    ] = "keyed",
    detail_guidance: Annotated[
        float | None,
        typer.Option(min=1, max=10, help="Weight by which a third stage is guided; 1 for none, default the model's."),
    ] = None,
    fine_share: Annotated[
        float | None, typer.Option(min=0, max=0.95, help="Share of the steps for the smallest scales; 0 for none.")
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an older file at --out once the new one is complete.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    choices: Answers = None,
) -> None:
    """Draw states that obey every bound and constraint, and write them as CF NetCDF or Zarr.

    On several GPUs or machines: torchrun --nproc-per-node N -m halocline generate … (docs/howto/cluster.md).
    """
    from halocline.chain.dataset import check_output
    from halocline.runtime.overwrite import replacing
    from halocline.runtime.processes.joining import is_first, joined_ranks, processes, refuse_overwrite

    refuse_overwrite(overwrite)
    with replacing(out, "a file of states", overwrite=overwrite) as target:
        if processes() == 1:  # before the libraries are loaded
            check_output(target)
        from halocline.chain.forecast.budget import parse_memory
        from halocline.runtime.device import choose_compute, set_threads
        from halocline.runtime.processes.allocation import keep_freed_memory
        from halocline.runtime.words import named_numbers
        from halocline.systems.loading import load_model

        if condition == ["none"]:
            condition, guidance = [], 0.0
        given = named_numbers(condition or [], "--condition day_of_year=90")
        if weather is not None and at is None:
            raise ConfigError("--weather", found="no --at", expected="the date", remedy="Give --at 2007-03-15, say.")
        limit = None if memory is None else parse_memory(memory)
        keep_freed_memory()
        set_threads(threads)
        compute = choose_compute(device, precision)  # type: ignore[arg-type]
        chain = load_model(model, compute, constraints=constraint)
        chain = chain.with_sampler(solver, steps, fine_share, detail_guidance).with_noise(noise)
        chain = chain if guidance is None else chain.with_guidance(guidance)
        conditions = {} if at is None else chain.conditions_on(at, weather, choices)
        with joined_ranks(compute.device) as ranks, warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            dataset = chain.generate(
                members,
                seed,
                first=first,
                batch=batch,
                conditions=conditions | given,
                out=target,
                memory=limit,
                ranks=ranks,
                quiet=quiet,
            )
        moved = json.loads(dataset.attrs["halocline_constraints_moved"])
        dataset.close()
    if not is_first():
        return
    for warning in caught:
        typer.echo(f"warning: {warning.message}", err=True)
    if not quiet:
        from halocline.cli.telling.moved_table import print_moved
        from halocline.constraints.project_all import ProjectionReport

        print_moved([ProjectionReport(**row) for row in moved])
    typer.echo(f"{members} states written to {out}")
