"""halocline demo: everything once, small, with pictures."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    out: Annotated[Path, typer.Option(help="Folder for everything the demo makes.")] = Path("demo"),
    jobs: Annotated[int, typer.Option(min=1, help="Processes for the simulation.")] = 2,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Simulate, learn, generate and score an Arctic; draw oceans and integrate two; finished steps are skipped."""
    from halocline.runtime.extras import require_extra

    require_extra("report", "the pages of the demo")
    from halocline.experiments.demo import run_demo
    from halocline.training.stop import StopRequested

    try:
        reports, scores = run_demo(out, jobs=jobs, quiet=quiet)
    except StopRequested as stop:
        typer.echo(f"Stopped; the checkpoint is in {stop.folder}. The same command continues.", err=True)
        raise typer.Exit(stop.status) from None
    for report in reports:
        typer.echo(f"report  {report}")
    typer.echo(f"scores  {scores}")
