"""halocline import: files of a model or a product to a store."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from halocline.bridge.sources.base import SOURCES


def import_(
    files: Annotated[list[str], typer.Argument(help="Files, or quoted patterns of them.")],
    out: Annotated[Path, typer.Option(help="Store to make.")],
    source: Annotated[str, typer.Option(help=f"What the files are: {', '.join(SOURCES)}.")] = "cf",
    map_: Annotated[
        Path | None, typer.Option("--map", help="TOML file: [sic], from = 'siconc', factor = 0.01, offset = 0.")
    ] = None,
    calendar: Annotated[str | None, typer.Option(help="Calendar of the store; the files' if left out.")] = None,
    splits: Annotated[str, typer.Option(help="Held out: last 'years', or whole 'members'.")] = "years",
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Read states from files and write them as a store to train on and to score against."""
    from halocline.bridge.import_files import import_files
    from halocline.runtime.errors import require_choice

    require_choice("splits", splits, ("years", "members"))
    store_splits: Literal["years", "members"] = "members" if splits == "members" else "years"
    import_files(files, out, source=source, mapping=map_, calendar=calendar, splits=store_splits, quiet=quiet)
    typer.echo(f"Store written to {out}")
