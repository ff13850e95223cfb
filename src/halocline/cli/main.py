"""The app: mounts the commands and prints errors so that a person can act on them."""

import sys

import typer
from rich.console import Console
from rich.panel import Panel

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
from halocline.cli.simulate import app as simulate
from halocline.cli.train import train
from halocline.runtime.errors import HaloclineError

app = typer.Typer(
    name="halocline",
    help="Draw sea-ice and ocean states that obey physics, and step them forward in time.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command()(demo)
app.add_typer(simulate, name="simulate")
app.command()(inspect)
app.command()(train)
app.command()(generate)
app.command()(forecast)
app.command()(constrain)
app.command()(evaluate)
app.command()(integrate)
app.add_typer(export, name="export")
app.add_typer(reproduce, name="reproduce")
app.command()(models)


def main() -> None:
    """Run the command line; exit status 2 for errors a user can mend, 130 after Ctrl-C."""
    try:
        app()
    except HaloclineError as error:
        lines = (
            f"[bold]{_plain(error.field)}[/]",
            f"found     {_plain(error.found)}",
            f"expected  {_plain(error.expected)}",
            f"remedy    {_plain(error.remedy)}",
        )
        Console(stderr=True).print(Panel("\n".join(lines), title="halocline cannot go on", border_style="red"))
        sys.exit(2)
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        sys.exit(130)


def _plain(text: str) -> str:
    return text.replace("[", "\\[")
