"""halocline constrain: states of any origin, made to obey physics."""

from pathlib import Path
from typing import Annotated

import typer

from halocline.cli.options.reading_options import Answers, reads_files
from halocline.cli.telling.moved_table import print_moved
from halocline.constraints.registry import CONSTRAINTS


@reads_files
def constrain(
    states: Annotated[Path, typer.Argument(help="NetCDF or Zarr with thetao and so (…, depth, y, x), or sea ice.")],
    constraint: Annotated[
        list[str],
        typer.Option(help=f"{', '.join(CONSTRAINTS)}; may be repeated, applied in order."),
    ],
    out: Annotated[Path, typer.Option(help="File to make, .nc or .zarr.")],
    reference: Annotated[
        str, typer.Option(help="Where densities are compared: local, surface, both or a depth in m.")
    ] = "local",
    contents_from: Annotated[
        Path | None, typer.Option(help="States that give the contents: one for all, or many to draw from.")
    ] = None,
    contents: Annotated[str, typer.Option(help="Which contents: level-means or basin.")] = "level-means",
    patterns_from: Annotated[
        Path | None, typer.Option(help="States whose leading patterns are taken, more of them than patterns.")
    ] = None,
    patterns: Annotated[int, typer.Option(min=1, help="How many patterns.")] = 60,
    seed: Annotated[int, typer.Option(help="Seed of drawn contents.")] = 0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an older file at --out once the new one is complete.")
    ] = False,
    choices: Answers = None,
) -> None:
    """Make states obey physics with the smallest change, and report how far each constraint moved them."""
    from functools import partial

    from halocline.chain.constrained_file import constrain_file
    from halocline.chain.dataset import check_output
    from halocline.constraints.constrain import Task
    from halocline.constraints.taken import Taken
    from halocline.data.files.ocean import ocean_states
    from halocline.data.files.open import open_dataset
    from halocline.physics.stability import parse_reference
    from halocline.runtime.overwrite import replacing

    with replacing(out, "a file of states", overwrite=overwrite) as target:
        check_output(target)
        others = [None if path is None else open_dataset(path) for path in (contents_from, patterns_from)]
        read = partial(ocean_states, choices=choices)
        taken = Taken(read, others[0], contents, seed, others[1], patterns)  # type: ignore[arg-type]
        task = Task(constraint, taken, parse_reference(reference), source=str(states), choices=choices)
        told, moved = constrain_file(states, task, target)
    for line in told:
        typer.echo(line)
    print_moved(moved)
    typer.echo(f"written to {out}")
