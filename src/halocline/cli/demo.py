"""halocline demo: everything once, small, with pictures."""

from pathlib import Path
from typing import Annotated

import typer


def demo(
    out: Annotated[Path, typer.Option(help="Folder for everything the demo makes.")] = Path("demo"),
    jobs: Annotated[int, typer.Option(min=1, help="Processes for the simulation.")] = 2,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
) -> None:
    """Simulate an Arctic, learn it, generate it, score it; what is finished is used again."""
    from halocline.recipes.demo import run_demo

    report, scores = run_demo(out, jobs=jobs, quiet=quiet)
    typer.echo(f"report  {report}\nscores  {scores}")
