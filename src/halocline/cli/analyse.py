"""halocline analyse: states that agree with observations."""

from pathlib import Path
from typing import Annotated

import typer

from halocline.analysis.methods.base import LEAST_STEPS, METHODS
from halocline.analysis.operators.places.base import PLACES
from halocline.constraints.registry import CONSTRAINTS
from halocline.diffusion.solvers.base import SOLVERS


def analyse(
    model: Annotated[str, typer.Argument(help="A model folder, or the name of a shipped model.")],
    observations: Annotated[Path, typer.Option(help="Table of observations (.nc), from 'halocline observe'.")],
    out: Annotated[Path, typer.Option(help="File of states to make, .nc or .zarr.")] = Path("posterior.nc"),
    members: Annotated[int, typer.Option(min=1, help="How many states.")] = 64,
    seed: Annotated[int, typer.Option(help="Seed of the ensemble.")] = 0,
    method: Annotated[str, typer.Option(help=f"{', '.join(METHODS)}.")] = "mmps",
    first: Annotated[int, typer.Option(min=0, help="Number of the first member.")] = 0,
    batch: Annotated[int, typer.Option(min=1, help="Members a pass; changes speed and memory only.")] = 16,
    memory: Annotated[
        str | None, typer.Option(help="Most to take beside the program, e.g. 2GB: fewer members a pass if need be.")
    ] = None,
    prior: Annotated[
        Path | None, typer.Option(help="Members of the prior, drawn before by the same model; drawn if not given.")
    ] = None,
    pilots: Annotated[
        int,
        typer.Option(min=0, max=100_000, help="States that tell what observations say of forcing that is not given."),
    ] = 128,
    iterations: Annotated[int, typer.Option(min=1, max=100, help="Of conjugate gradients (mmps, resample).")] = 2,
    level: Annotated[
        float, typer.Option(min=0.001, max=1000, help="Noise, sigma / alpha, that is put on the prior (resample).")
    ] = 0.5,
    radius: Annotated[float, typer.Option(min=1, help="Where the localisation ends (enoi, enkf, etkf), km.")] = 300.0,
    inflation: Annotated[
        float, typer.Option(min=0.01, max=100, help="Factor of the prior's anomalies (enoi, enkf, etkf).")
    ] = 1.0,
    strength: Annotated[float | None, typer.Option(min=0, help="zeta of dps, gamma of sda.")] = None,
    data: Annotated[Path | None, typer.Option(help="Store of the training states (nearest).")] = None,
    place: Annotated[
        list[str] | None,
        typer.Option(help=f"KIND=PLACE where a kind of observation takes its value: {', '.join(PLACES)}; * for all."),
    ] = None,
    footprint: Annotated[
        list[str] | None, typer.Option(help="KIND=KM, diameter of the footprint of an area mean; * for all.")
    ] = None,
    condition: Annotated[
        list[str] | None,
        typer.Option(help="NAME=VALUE, forcing parameter or day_of_year; the day is the observations' unless given."),
    ] = None,
    guidance: Annotated[
        float | None, typer.Option(min=0, help="How much to stress what is told; 1 as trained.")
    ] = None,
    constraint: Annotated[
        list[str] | None,
        typer.Option(help=f"Instead of the model's: none, paper, {', '.join(CONSTRAINTS)}; may be repeated."),
    ] = None,
    solver: Annotated[str | None, typer.Option(help=f"{', '.join(SOLVERS)}.")] = None,
    steps: Annotated[int, typer.Option(min=1, help=f"Solver steps; {LEAST_STEPS} or more to rely on spreads.")] = 32,
    truth: Annotated[
        Path | None, typer.Option(help="The state that was observed (one member), for the report's errors.")
    ] = None,
    report: Annotated[Path | None, typer.Option(help="Folder for a page on what the observations did.")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda or cuda:N.")] = "auto",
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    threads: Annotated[int | None, typer.Option(help="CPU threads.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an older file at --out once the new one is complete.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no table.")] = False,
) -> None:
    """Draw states that agree with observations, from what the model draws for their date.

    On several GPUs or machines: torchrun --nproc-per-node N -m halocline analyse … (docs/howto/cluster.md).
    """
    from halocline.analysis.beside import beside_path
    from halocline.analysis.methods.base import Settings
    from halocline.analysis.run import analyse as run
    from halocline.chain.forecast.budget import parse_memory
    from halocline.runtime import files
    from halocline.runtime.device import choose_compute, set_threads
    from halocline.runtime.errors import ConfigError
    from halocline.runtime.extras import require_extra
    from halocline.runtime.overwrite import replacing
    from halocline.runtime.processes.allocation import keep_freed_memory
    from halocline.runtime.processes.joining import is_first, joined_ranks, refuse_overwrite
    from halocline.runtime.words import named_numbers, named_values
    from halocline.systems.loading import load_model

    METHODS[method]
    refuse_overwrite(overwrite)
    settings = Settings(iterations, radius, inflation, strength, data, level, pilots)
    limit = None if memory is None else parse_memory(memory)
    places = named_values(place or [], "--place thickness-track=bilinear")
    footprints = {k: 1e3 * v for k, v in named_numbers(footprint or [], "--footprint concentration=50").items()}
    conditions = named_numbers(condition or [], "--condition day_of_year=75")
    keep_freed_memory()
    set_threads(threads)
    compute = choose_compute(device, precision)  # type: ignore[arg-type]
    chain = load_model(model, compute, constraints=constraint)
    chain = chain.with_sampler(solver, steps)
    chain = chain if guidance is None else chain.with_guidance(guidance)
    known = None
    if report is not None:
        require_extra("report", "a page on the analysis")
        from halocline.report.analysis.page import read_truth, write_page

        surface = [name for name in chain.codec.channels if "_" not in name]
        known = None if truth is None else read_truth(truth, surface, chain.grid.shape)
    elif truth is not None:
        words = "a folder for the page on which errors stand"
        raise ConfigError("--truth", found="no --report", expected=words, remedy="Add --report PAGE.")
    with replacing(out, "a file of states", overwrite=overwrite) as target, joined_ranks(compute.device) as ranks:
        if overwrite:
            files.remove(beside_path(target))
        states, beside = run(
            chain,
            observations,
            members,
            seed,
            method=method,
            settings=settings,
            first=first,
            batch=batch,
            conditions=conditions,
            places=places,
            footprints=footprints,
            prior=prior,
            out=target,
            memory=limit,
            ranks=ranks,
            quiet=quiet,
        )
        states.close()
    if not is_first():
        return
    if target != out:
        files.remove(beside_path(out))
        files.give_name(beside_path(target), beside_path(out))
    if not quiet:
        from halocline.cli.telling.analysis_table import print_analysis

        print_analysis(beside)
        if METHODS[method].guides and steps < LEAST_STEPS:
            typer.echo(f"With fewer than {LEAST_STEPS} steps the spread of {method} is not to be relied on.", err=True)
    if report is not None:
        write_page(beside, report, states=out, truth=known)
        typer.echo(f"report: {report / 'report.html'}")
    typer.echo(f"{members} states written to {out}, the observations beside them to {beside_path(out)}")
