"""The app: mounts the commands and prints errors so that a person can act on them."""

import sys
from importlib import import_module
from typing import Annotated

import typer

from halocline.runtime.errors import HaloclineError
from halocline.runtime.extras import extra_of, missing
from halocline.runtime.version import __version__

COMMANDS = (
    "demo",
    "simulate",
    "import_",
    "inspect",
    "train",
    "generate",
    "forecast",
    "constrain",
    "score",
    "evaluate",
    "integrate",
    "export",
    "reproduce",
    "models",
)
"""Files of this room in the order of the help: each holds a function of its own name, or an ``app`` of commands."""

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


for _name in COMMANDS:
    _module = import_module(f"halocline.cli.{_name}")
    if hasattr(_module, "app"):
        app.add_typer(_module.app, name=_name)
    else:
        app.command(_name.rstrip("_"), hidden=_name == "evaluate")(getattr(_module, _name))


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
    if error.repeated:
        sys.exit(2)
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
