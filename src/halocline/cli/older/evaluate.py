"""halocline evaluate: the name that ``halocline score`` had; still works, with all its options."""

from pathlib import Path
from typing import Annotated

import typer

from halocline.cli.score import score


def evaluate(
    states: Annotated[Path, typer.Argument(help="Generated states (.nc, .zarr) or a store (its held-out states).")],
    reference: Annotated[Path, typer.Option(help="Store with the held-out and the training states.")],
    out: Annotated[Path, typer.Option(help="Folder to make, for report.html, scores.csv and scores.json.")],
    seed: Annotated[int, typer.Option(help="Seed of the resampling.")] = 0,
    title: Annotated[str | None, typer.Option(help="Heading of the page.")] = None,
    role: Annotated[list[str] | None, typer.Option(help="Ocean: members to compare with, train, interior, …")] = None,
    floor: Annotated[str | None, typer.Option(help="Ocean: floor of other 'members' or other 'years'.")] = None,
    forecast: Annotated[bool, typer.Option("--forecast", help="No longer needed: 'score' detects the kind.")] = False,
    beside: Annotated[
        list[str] | None,
        typer.Option(help="Forecast: another forecast from the same starts, NAME=FILE; may be repeated."),
    ] = None,
    climate: Annotated[
        Path | None, typer.Option(help="Forecast: store whose training years give the climate; default the reference.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no table.")] = False,
) -> None:
    """Score states or a forecast. Replaced by 'halocline score', which takes the same options but --forecast."""
    typer.echo("'halocline evaluate' is now 'halocline score'; it needs no --forecast.", err=True)
    if forecast:
        _require_forecast(states)
    elif beside or climate:
        from halocline.runtime.errors import ConfigError

        raise ConfigError(
            "--beside, --climate",
            found="given without --forecast",
            expected="a forecast",
            remedy="Add --forecast, or use 'halocline score', which does not need it.",
        )
    score(
        states=states,
        reference=reference,
        out=out,
        seed=seed,
        title=title,
        role=role,
        floor=floor,
        beside=beside,
        climate=climate,
        quiet=quiet,
    )


def _require_forecast(states: Path) -> None:
    from halocline.evaluate.score import kind_of
    from halocline.runtime.errors import InputError

    if (found := kind_of(states)) != "forecast":
        raise InputError(
            f"forecast {states}",
            found=f"states ({found})",
            expected="a forecast with dimensions member, lead",
            remedy="Leave --forecast out: halocline score detects the kind.",
        )
