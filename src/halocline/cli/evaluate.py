"""halocline evaluate: scores of states beside their real-against-real floors."""

from pathlib import Path
from typing import Annotated

import typer


def evaluate(
    states: Annotated[Path, typer.Argument(help="Generated states (.nc, .zarr) or a store (its test years).")],
    reference: Annotated[Path, typer.Option(help="Store with the held-out and the training years.")],
    out: Annotated[Path, typer.Option(help="Folder to make, for report.html, scores.csv and scores.json.")],
    seed: Annotated[int, typer.Option(help="Seed of the resampling.")] = 0,
    title: Annotated[str | None, typer.Option(help="Heading of the page.")] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no table.")] = False,
) -> None:
    """Score states against held-out real ones: a tidy table and one page with maps, spectra and histograms."""
    from halocline.runtime import files

    files.require_absent(out)
    from halocline.evaluate.samples import store_as_states
    from halocline.evaluate.scores import evaluate as score
    from halocline.report.page import write_report
    from halocline.report.terminal import print_table
    from halocline.runtime.progress import progress
    from halocline.runtime.version import __version__
    from halocline.states.dataset import is_store, open_states
    from halocline.states.store import open_store

    dataset = store_as_states(open_store(states)) if is_store(states) else open_states(states)
    store = open_store(reference)
    with progress("evaluate", 100, quiet=quiet) as report:
        scorecard = score(dataset, store, seed=seed, report=report)
    provenance = {"states": states.name, "reference": reference.name, "made by": f"halocline {__version__}"}
    with files.new_path(out) as folder:
        folder.mkdir()
        write_report(scorecard, folder, title or f"Evaluation of {states.name}", provenance)
    if not quiet:
        print_table(scorecard)
    typer.echo(f"report: {out / 'report.html'}")
