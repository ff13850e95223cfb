"""halocline copy: between file systems and object stores, so that the copy is whole or is not there."""

from typing import Annotated

import typer


def copy(
    source: Annotated[str, typer.Argument(help="A file or folder, or an address: s3://…, gs://…, https://….")],
    to: Annotated[str, typer.Argument(help="Path or address to make.")],
) -> None:
    """Copy a store, a model, states, a forecast or any other output to or from an object store.

    Of a folder in an object store the marker NAME.complete, which readers look for, is written last.
    """
    from halocline.runtime.places.copying import copy as run

    run(source, to)
    typer.echo(f"Copied to {to}")
