"""halocline import: files of a model or a product to a store."""

import warnings
from pathlib import Path
from typing import Annotated, Any

import typer

from halocline.cli.options.reading_options import Answers, reads_files


def _list(wanted: bool) -> None:
    """Print the kinds of files there are, and exit."""
    if not wanted:
        return
    from halocline.bridge.sources.base import SOURCES

    width = max(map(len, SOURCES))
    for name in SOURCES:
        kind = SOURCES[name]
        words = getattr(kind, "summary", None) or (kind.__doc__ or "").strip().split("\n")[0]
        typer.echo(f"{name:<{width}}  {words}")
    raise typer.Exit


@reads_files
def import_(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="[KIND] FILES...", help="What the files are (see --list), and files or quoted patterns."
        ),
    ],
    out: Annotated[Path, typer.Option(help="Store to make.")],
    source: Annotated[str | None, typer.Option(help="What the files are, where KIND is left out; cf.")] = None,
    mapping: Annotated[
        Path | None, typer.Option("--mapping", "--map", help="TOML file: [sic], from = 'siconc', factor = 0.01.")
    ] = None,
    forcing: Annotated[
        Path | None, typer.Option(help="Weather to store beside the states: t2m, q2m or d2m, u10, v10, e.g. of ERA5.")
    ] = None,
    grid: Annotated[
        str | None,
        typer.Option(help="Bring to arctic-25km, arctic-50km, arctic-100km, or the grid of a file or store."),
    ] = None,
    coast: Annotated[str, typer.Option(help="Of --grid, ocean that is land in the files: 'fill' or 'land'.")] = "fill",
    coarsen: Annotated[int, typer.Option(min=1, help="Average over blocks of so many cells a side.")] = 1,
    crop: Annotated[
        str | None, typer.Option(help="Keep rows and columns '0:80,10:90', or latitudes 'lat=50:90'.")
    ] = None,
    calendar: Annotated[str | None, typer.Option(help="Calendar of the store; the files' if left out.")] = None,
    gaps: Annotated[
        str | None, typer.Option(help="Times missing or twice: 'refuse', or 'list' them and go on.")
    ] = None,
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
    jobs: Annotated[int, typer.Option(min=1, help="Slabs to read and write at the same time.")] = 1,
    dask: Annotated[
        str | None, typer.Option(help="Do so on a dask cluster instead: its scheduler's address, tcp://….")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    list_: Annotated[
        bool, typer.Option("--list", callback=_list, is_eager=True, help="List the kinds of files there are, and exit.")
    ] = False,
    choices: Answers = None,
) -> None:
    """Read states from files and write them as a store to train on and to score against.

    An import that was stopped goes on when the same command is given again.
    """
    from halocline.bridge.import_files import import_files
    from halocline.bridge.sources.base import SOURCES
    from halocline.data.store.share_out import ThinSplits
    from halocline.runtime.errors import require_choice

    if source is None and files[0] in SOURCES and not Path(files[0]).exists():
        source, files = files[0], files[1:]
    require_choice("coast", coast, ("fill", "land"))
    if gaps is not None:
        require_choice("gaps", gaps, ("refuse", "list"))
    shared: Any = _dated(split, splits) if split else splits or "years"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ThinSplits)
        store = import_files(
            files,
            out,
            source=source or "cf",
            mapping=mapping,
            forcing=forcing,
            grid=grid,
            coast=coast,  # type: ignore[arg-type]
            coarsen=coarsen,
            crop=crop,
            calendar=calendar,
            splits=shared,
            gap_days=gap_days,
            gaps=gaps,  # type: ignore[arg-type]
            choices=choices,
            jobs=jobs,
            dask=dask,
            quiet=quiet,
        )
    for warning in caught:
        typer.echo(f"warning: {warning.message}", err=True)
    if not quiet:
        for note in store.attributes["provenance"]["notes"]:
            typer.echo(note)
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
