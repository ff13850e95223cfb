"""halocline score: states beside their real-against-real floors, forecasts by lead."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from halocline.cli.options.reading_options import Answers, reads_files

if TYPE_CHECKING:
    from halocline.evaluate.engine.scorecard import Evaluation


@reads_files
def score(
    states: Annotated[
        Path,
        typer.Argument(help="States (.nc, .zarr), a store (its held-out states) or a forecast; the kind is detected."),
    ],
    reference: Annotated[Path, typer.Option(help="Store with the held-out and the training states.")],
    out: Annotated[
        Path | None, typer.Option(help="Folder to make, for report.html, scores.csv and scores.json; none if left out.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the resampling.")] = 0,
    title: Annotated[str | None, typer.Option(help="Heading of the page.")] = None,
    role: Annotated[list[str] | None, typer.Option(help="Ocean: members to compare with, train, interior, …")] = None,
    floor: Annotated[str | None, typer.Option(help="Ocean: floor of other 'members' or other 'years'.")] = None,
    season: Annotated[
        str | None,
        typer.Option(help="States with dates: compare with the truth of their season, 'matched' (default), or 'all'."),
    ] = None,
    beside: Annotated[
        list[str] | None,
        typer.Option(help="Forecast: another forecast from the same starts, NAME=FILE; may be repeated."),
    ] = None,
    climate: Annotated[
        Path | None, typer.Option(help="Forecast: store whose training years give the climate; default the reference.")
    ] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes of this machine that share the work.")] = 1,
    dask: Annotated[str | None, typer.Option(help="Address of a dask scheduler whose workers share the work.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an older report at --out once the new one is complete.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the whole table as JSON.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no table.")] = False,
    choices: Answers = None,
) -> None:
    """Score sea-ice states, ocean states or a forecast against a store: a table, and with --out a page of pictures."""
    from halocline.evaluate.score import score as run
    from halocline.runtime import files
    from halocline.runtime.extras import require_extra
    from halocline.runtime.overwrite import replacing
    from halocline.runtime.progress import progress
    from halocline.runtime.version import __version__
    from halocline.runtime.words import named_values

    others = {name: Path(file) for name, file in named_values(beside or [], "--beside NAME=FILE").items()}

    def card_of() -> "Evaluation[Any]":
        with progress("score", 100, quiet=quiet) as report:
            return run(
                states,
                reference,
                roles=role,
                floor=floor,
                season=season,
                beside=others,
                climate=climate,
                seed=seed,
                choices=choices,
                jobs=jobs,
                dask=dask,
                report=report,
            )

    if out is None:
        card = card_of()
    else:
        require_extra("report", "the page of --out")
        sources = {"states": states} | {f"beside: {name}": file for name, file in others.items()}
        sources |= {"reference": reference} | ({"climate": climate} if climate else {})
        provenance = {name: path.name for name, path in sources.items()} | {"made by": f"halocline {__version__}"}
        with replacing(out, "a report", overwrite=overwrite) as target:
            files.require_absent(target)
            card = card_of()
            with files.new_path(target) as folder:
                folder.mkdir()
                from halocline.report.page import write_report

                write_report(card, folder, title or f"Evaluation of {states.name}", provenance)
    if as_json:
        content = {"about": card.about, "rows": card.table.plain()}
        typer.echo(json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False))
    elif not quiet:
        from halocline.report.terminal import print_scores

        print_scores(card)
    if out is not None:
        typer.echo(f"report: {out / 'report.html'}", err=as_json)
