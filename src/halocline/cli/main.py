"""The app: mounts the commands and prints errors so that a person can act on them."""

import os
import sys
from importlib import import_module
from typing import Annotated

import typer

from halocline.cli.options.checked import Checked
from halocline.runtime.console import under
from halocline.runtime.errors import HaloclineError, from_system
from halocline.runtime.extras import extra_of, missing
from halocline.runtime.processes.signals import end_by_force, orderly_signals
from halocline.runtime.processes.told_once import told_once
from halocline.runtime.seals.json_object import damaged
from halocline.runtime.seals.libraries import of_a_reader
from halocline.runtime.version import __version__

SIGTERM_STATUS = 143
COMMANDS = (
    "demo",
    "simulate",
    "import_",
    "repack",
    "copy",
    "inspect",
    "train",
    "generate",
    "analyse",
    "forecast",
    "constrain",
    "observe",
    "score",
    "older.evaluate",
    "integrate",
    "export",
    "reproduce",
    "spinup",
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
    _folder, _, _name = _name.rpartition(".")
    if hasattr(_module, "app"):
        for _command in _module.app.registered_commands:
            _command.cls = Checked
        app.add_typer(_module.app, name=_name)
    else:
        app.command(_name.rstrip("_"), cls=Checked, hidden=_folder == "older")(getattr(_module, _name))


def main() -> None:
    """Run the command line; exit status 2 for errors a user can fix, 130 after Ctrl-C, 143 after SIGTERM."""
    try:
        with orderly_signals():
            app()
    except HaloclineError as error:
        _explain(error)
    except BrokenPipeError:  # who read our output has gone
        sys.stdout = open(os.devnull, "w", encoding="ascii")  # noqa: SIM115
        sys.exit(141)
    except (OSError, MemoryError) as error:
        _explain(from_system(error))
    except ModuleNotFoundError as error:
        extra = extra_of(error.name)
        if extra is None:
            raise
        _explain(missing(extra, "this command", [str(error.name)]))
    except Exception as error:
        if not of_a_reader(error):
            raise
        _explain(damaged("a file that was read", f"values that cannot be read ({type(error).__name__}: {error})"))
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        end_by_force(130)
        sys.exit(130)
    except SystemExit as end:
        if end.code == SIGTERM_STATUS:
            end_by_force(SIGTERM_STATUS)
        raise


def _explain(error: HaloclineError) -> None:
    """Print what is wrong, what was found, what was expected and what to do; exit with 2."""
    if not error.repeated:
        with told_once(str(error)) as mine:
            if mine:
                _print(error)
    sys.exit(2)


def _print(error: HaloclineError) -> None:
    parts = {"found": error.found, "expected": error.expected, "remedy": error.remedy}
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.panel import Panel
        from rich.text import Text

        told = Text.assemble((error.field, "bold"), *(f"\n{name:<9} {text}" for name, text in parts.items()))
        Console(file=under(sys.stderr)).print(Panel(told, title="halocline cannot go on", border_style="red"))
    else:
        lines = [f"halocline cannot go on: {error.field}", *(f"  {name:<9} {text}" for name, text in parts.items())]
        print("\n".join(lines), file=sys.stderr)
