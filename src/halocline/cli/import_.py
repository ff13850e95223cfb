"""halocline import: files of a model or a product to a store."""

import warnings
from pathlib import Path
from typing import Annotated, Any

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
    splits: Annotated[
        str | None, typer.Option(help="Held out: last 'years' (default), whole 'members', or 'blocks' of short data.")
    ] = None,
    gap_days: Annotated[
        float | None, typer.Option(min=0, help="Of blocks: days between two that belong to none; 10 if left out.")
    ] = None,
    split: Annotated[
        list[str] | None,
        typer.Option(help="Dates instead: train=2001-01-01/2004-12-31, validation=…, test=…; may be repeated."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Read states from files and write them as a store to train on and to score against."""
    from halocline.bridge.import_files import import_files
    from halocline.data.store.share_out import ThinSplits

    shared: Any = _dated(split, splits) if split else splits or "years"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ThinSplits)
        import_files(
            files, out, source=source, mapping=map_, calendar=calendar, splits=shared, gap_days=gap_days, quiet=quiet
        )
    for warning in caught:
        typer.echo(f"warning: {warning.message}", err=True)
    typer.echo(f"Store written to {out}")


def _dated(words: list[str], splits: str | None) -> dict[str, list[tuple[str, str]]]:
    """Return the (first, last) dates of each split, from NAME=FIRST/LAST."""
    from halocline.runtime.errors import ConfigError

    if splits is not None:
        raise ConfigError("--splits", found="given with --split", expected="one of them", remedy="Leave one out.")
    found: dict[str, list[tuple[str, str]]] = {}
    for word in words:
        name, _, dates = word.partition("=")
        first, _, last = dates.partition("/")
        if not (name and first and last):
            raise ConfigError(
                f"option '{word}'",
                found="not NAME=FIRST/LAST",
                expected="for example --split train=2001-01-01/2004-12-31",
                remedy="Correct the option.",
            )
        found.setdefault(name.strip(), []).append((first.strip(), last.strip()))
    return found
