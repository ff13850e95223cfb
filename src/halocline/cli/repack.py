"""halocline repack: a store in files of a month."""

from pathlib import Path
from typing import Annotated

import typer


def repack(
    store: Annotated[Path, typer.Argument(help="A state store.")],
    out: Annotated[Path, typer.Option(help="Store to make, .zarr.")],
    jobs: Annotated[int, typer.Option(min=1, help="Months to write at the same time.")] = 1,
    dask: Annotated[
        str | None, typer.Option(help="Write months on a dask cluster instead: its scheduler's address, tcp://….")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Write a store anew in files of a month, states and weather apart: for data larger than memory."""
    from halocline.data.store.repack import repack_store
    from halocline.runtime.overwrite import replacing

    with replacing(out, "a file", overwrite=False) as target:
        made = repack_store(store, target, jobs=jobs, dask=dask, quiet=quiet)
    count = sum(1 for path in out.rglob("*") if path.is_file())
    typer.echo(f"{made.members} members, {len(made.hours)} times, {count} files: store written to {out}")
