"""halocline evaluate: scores of states beside their real-against-real floors, and of forecasts by lead."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

if TYPE_CHECKING:
    from halocline.data.store.store import StateStore
    from halocline.evaluate.engine.table import Scorecard
    from halocline.evaluate.ocean.split import Floor
    from halocline.runtime.progress import Report


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
    if forecast:
        _forecast(states, reference, out, seed, title, beside or [], climate, quiet, ocean=bool(role or floor))
        return
    if beside or climate:
        from halocline.runtime.errors import ConfigError

        raise ConfigError(
            "--beside, --climate",
            found="given without --forecast",
            expected="a forecast",
            remedy="Add --forecast, or leave them out.",
        )
    from halocline.data.store.store import open_store
    from halocline.evaluate.ocean.states import is_ocean
    from halocline.report.page import write_report
    from halocline.report.terminal import print_table
    from halocline.runtime.progress import progress
    from halocline.runtime.version import __version__

    store = open_store(reference)
    score = _ocean if is_ocean(store.channels) else _ice
    with progress("evaluate", 100, quiet=quiet) as report:
        scorecard = score(states, store, seed, role, floor, report)
    provenance = {"states": states.name, "reference": reference.name, "made by": f"halocline {__version__}"}
    with files.new_path(out) as folder:
        folder.mkdir()
        write_report(scorecard, folder, title or f"Evaluation of {states.name}", provenance)
    if not quiet:
        print_table(scorecard)
    typer.echo(f"report: {out / 'report.html'}")


def _forecast(
    path: Path,
    reference: Path,
    out: Path,
    seed: int,
    title: str | None,
    beside: list[str],
    climate: Path | None,
    quiet: bool,
    *,
    ocean: bool,
) -> None:
    from halocline.data.store.store import open_store
    from halocline.evaluate.forecast.evaluate import evaluate_forecast
    from halocline.evaluate.forecast.file import open_forecast
    from halocline.report.forecast.page import write_forecast_report
    from halocline.report.forecast.table import print_forecast
    from halocline.runtime import files
    from halocline.runtime.errors import ConfigError
    from halocline.runtime.progress import progress
    from halocline.runtime.version import __version__
    from halocline.runtime.words import named_values

    if ocean:
        raise ConfigError(
            "--role, --floor", found="given with --forecast", expected="sea-ice forecasts", remedy="Leave them out."
        )
    named = named_values(beside, "--beside twin=twin.zarr")
    forecasts = [open_forecast(path), *(open_forecast(file, name) for name, file in named.items())]
    store = open_store(reference)
    with progress("evaluate", 100, quiet=quiet) as report:
        card = evaluate_forecast(
            forecasts[0],
            store,
            beside=forecasts[1:],
            climate=open_store(climate) if climate else None,
            seed=seed,
            report=report,
        )
    provenance = {"forecast": path.name, **{name: Path(file).name for name, file in named.items()}}
    provenance |= {"reference": reference.name, "made by": f"halocline {__version__}"}
    if climate:
        provenance["climate"] = climate.name
    with files.new_path(out) as folder:
        folder.mkdir()
        write_forecast_report(card, folder, title or f"Forecast {path.stem}", provenance)
    if not quiet:
        print_forecast(card)
    typer.echo(f"report: {out / 'report.html'}")


def _ice(
    path: Path, store: "StateStore", seed: int, roles: list[str] | None, floor: str | None, report: "Report"
) -> "Scorecard":
    from halocline.data.files.open import is_store, open_states
    from halocline.data.store.store import open_store
    from halocline.evaluate.engine.samples import store_as_states
    from halocline.evaluate.ice.evaluate import evaluate as score
    from halocline.runtime.errors import ConfigError

    if roles or floor:
        raise ConfigError(
            "--role, --floor",
            found="given for sea-ice states",
            expected="ocean states",
            remedy="Leave them out: sea ice is compared with the store's test years.",
        )
    dataset = store_as_states(open_store(path)) if is_store(path) else open_states(path)
    return score(dataset, store, seed=seed, report=report)


def _ocean(
    path: Path, store: "StateStore", seed: int, roles: list[str] | None, floor: str | None, report: "Report"
) -> "Scorecard":
    from halocline.data.files.open import is_store, read_dataset
    from halocline.data.store.store import open_store
    from halocline.evaluate.ocean.evaluate import evaluate_ocean
    from halocline.evaluate.ocean.split import FLOORS
    from halocline.evaluate.ocean.states import stored_set
    from halocline.runtime.errors import ConfigError

    if floor is not None and floor not in FLOORS:
        raise ConfigError(
            "--floor",
            found=f"'{floor}'",
            expected=" or ".join(FLOORS),
            remedy="'members': real states under other forcing; 'years': the same members, other years.",
        )
    states = stored_set(open_store(path), store) if is_store(path) else read_dataset(path)
    return evaluate_ocean(states, store, roles=roles, floor=cast("Floor | None", floor), seed=seed, report=report)
