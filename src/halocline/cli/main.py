"""The app: mounts the commands and prints errors so that a person can act on them."""

import sys
from typing import Annotated

import typer

from halocline.cli.constrain import constrain
from halocline.cli.demo import demo
from halocline.cli.evaluate import evaluate
from halocline.cli.export import app as export
from halocline.cli.forecast import forecast
from halocline.cli.generate import generate
from halocline.cli.inspect import inspect
from halocline.cli.integrate import integrate
from halocline.cli.models import models
from halocline.cli.reproduce import app as reproduce
from halocline.cli.score import score
from halocline.cli.simulate import app as simulate
from halocline.cli.train import train
from halocline.runtime.errors import HaloclineError
from halocline.runtime.extras import extra_of, missing
from halocline.runtime.version import __version__

app = typer.Typer(name="halocline", no_args_is_help=True, pretty_exceptions_enable=False)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"halocline {__version__}")
        raise typer.Exit


@app.callback()
def halocline(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """Draw sea-ice and ocean states that obey physics, and step them forward in time."""


app.command()(demo)
app.add_typer(simulate, name="simulate")
app.command()(inspect)
app.command()(train)
app.command()(generate)
app.command()(forecast)
app.command()(constrain)
app.command()(score)
app.command(hidden=True)(evaluate)
app.command()(integrate)
app.add_typer(export, name="export")
app.add_typer(reproduce, name="reproduce")
app.command()(models)


def main() -> None:
    """Run the command line; exit status 2 for errors a user can fix, 130 after Ctrl-C."""
    try:
        app()
    except HaloclineError as error:
        _explain(error)
    except ModuleNotFoundError as error:
        extra = extra_of(error.name)
        if extra is None:
            raise
        _explain(missing(extra, "this command", [str(error.name)]))
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(130)


def _explain(error: HaloclineError) -> None:
    """Print what is wrong, what was found, what was expected and what to do; exit with 2."""
    parts = {"found": error.found, "expected": error.expected, "remedy": error.remedy}
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.panel import Panel

        lines = [f"[bold]{_plain(error.field)}[/]", *(f"{name:<9} {_plain(text)}" for name, text in parts.items())]
        Console(stderr=True).print(Panel("\n".join(lines), title="halocline cannot go on", border_style="red"))
    else:
        lines = [f"halocline cannot go on: {error.field}", *(f"  {name:<9} {text}" for name, text in parts.items())]
        print("\n".join(lines), file=sys.stderr)
    sys.exit(2)


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
