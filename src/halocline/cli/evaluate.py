"""halocline evaluate: scores of states beside their real-against-real floors, and of forecasts by lead."""

from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    states: Annotated[Path, typer.Argument(help="Generated states (.nc, .zarr) or a store (its held-out states).")],
    reference: Annotated[Path, typer.Option(help="Store with the held-out and the training states.")],
    out: Annotated[Path, typer.Option(help="Folder to make, for report.html, scores.csv and scores.json.")],
    seed: Annotated[int, typer.Option(help="Seed of the resampling.")] = 0,
    title: Annotated[str | None, typer.Option(help="Heading of the page.")] = None,
    role: Annotated[list[str] | None, typer.Option(help="Ocean: members to compare with, train, interior, …")] = None,
    floor: Annotated[str | None, typer.Option(help="Ocean: floor of other 'members' or other 'years'.")] = None,
    forecast: Annotated[bool, typer.Option("--forecast", help="STATES is a forecast: score it by lead.")] = False,
    beside: Annotated[
        list[str] | None, typer.Option(help="Forecast: another one of the same starts, NAME=FILE; may be repeated.")
    ] = None,
    climate: Annotated[
        Path | None, typer.Option(help="Forecast: store whose training years give the climate; default the reference.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no table.")] = False,
) -> None:
    """Score states against held-out real ones: a tidy table and one page with pictures."""
    from halocline.runtime import files

    files.require_absent(out)
    if (beside or climate) and not forecast:
        from halocline.runtime.errors import ConfigError

        raise ConfigError(
            "--beside, --climate",
            found="given without --forecast",
            expected="a forecast",
            remedy="Add --forecast, or leave them out.",
        )
    from halocline.evaluate.score import score
    from halocline.report.page import write_report
    from halocline.report.terminal import print_scores
    from halocline.runtime.progress import progress
    from halocline.runtime.version import __version__

    others = _named(beside or [])
    with progress("evaluate", 100, quiet=quiet) as report:
        card = score(
            states,
            reference,
            kind="forecast" if forecast else None,
            roles=role,
            floor=floor,
            beside=others,
            climate=climate,
            seed=seed,
            report=report,
        )
    made_from = {"climate": climate} if climate else {}
    named = {"states": states, **others, "reference": reference, **made_from}
    provenance = {name: path.name for name, path in named.items()} | {"made by": f"halocline {__version__}"}
    with files.new_path(out) as folder:
        folder.mkdir()
        write_report(card, folder, title or f"Evaluation of {states.name}", provenance)
    if not quiet:
        print_scores(card)
    typer.echo(f"report: {out / 'report.html'}")


def _named(beside: list[str]) -> dict[str, Path]:
    from halocline.runtime.errors import ConfigError

    named = [part.split("=", 1) for part in beside]
    if wrong := [part[0] for part in named if len(part) != 2 or not all(part)]:
        raise ConfigError(
            "--beside",
            found=f"'{wrong[0]}'",
            expected="NAME=FILE, e.g. twin=twin.zarr",
            remedy="Give the forecast a name.",
        )
    return {name: Path(file) for name, file in named}
