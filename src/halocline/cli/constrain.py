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
    from halocline.chain.dataset import check_output, write_dataset
    from halocline.constraints.constrain import constrain as run
    from halocline.data.files.open import read_dataset
    from halocline.physics.stability import parse_reference
    from halocline.runtime.overwrite import replacing

    with replacing(out, "a file of states", overwrite=overwrite) as target:
        check_output(target)
        dataset, moved = run(
            read_dataset(states),
            constraint,
            reference=parse_reference(reference),
            contents_from=None if contents_from is None else read_dataset(contents_from),
            kind=contents,  # type: ignore[arg-type]
            patterns_from=None if patterns_from is None else read_dataset(patterns_from),
            patterns=patterns,
            seed=seed,
            source=str(states),
            choices=choices,
        )
        write_dataset(dataset, target)
    for line in filter(None, dataset.attrs.get("halocline_reading", "").split("; ")):
        typer.echo(line)
    print_moved(moved)
    typer.echo(f"written to {out}")
