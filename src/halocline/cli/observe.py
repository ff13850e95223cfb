"""halocline observe: observations of states, or out of files of other forms, as one table."""

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from halocline.cli.options.reading_options import Answers, reads_files

if TYPE_CHECKING:
    from halocline.observations.table import Observations


def _list(wanted: bool) -> None:
    """Print the kinds of instruments and the forms of files there are, with their options, and exit."""
    if not wanted:
        return
    from halocline.cli.telling.kinds_list import kinds_text

    typer.echo(kinds_text())
    raise typer.Exit


@reads_files
def observe(
    sources: Annotated[
        list[Path],
        typer.Argument(help="A store or file of states with --kind; files of a form with --read; else tables to join."),
    ],
    out: Annotated[Path, typer.Option(help="Table to make, .nc; with --as what the form has, a file or a folder.")],
    kind: Annotated[
        list[str] | None, typer.Option(help="Instrument that looks at the states, see --list; may be repeated.")
    ] = None,
    read: Annotated[str | None, typer.Option(help="Form of the files, see --list.")] = None,
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Option of a kind or form: concentration.high=0.2; may be repeated."),
    ] = None,
    member: Annotated[int, typer.Option(min=0, help="Which member of the states, counted from 0.")] = 0,
    from_: Annotated[str | None, typer.Option("--from", help="First date; that of the states if left out.")] = None,
    to: Annotated[str | None, typer.Option("--to", help="Last date, the whole day; that of the states.")] = None,
    date: Annotated[str | None, typer.Option(help="When states without dates are valid.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of places and errors.")] = 0,
    superob: Annotated[
        str | None,
        typer.Option(help="Average on the cells of arctic-25km, -50km, -100km, or the grid of a file or store."),
    ] = None,
    superob_hours: Annotated[
        float, typer.Option(min=0.001, help="Rows are averaged within intervals of so many hours.")
    ] = 24.0,
    representativeness: Annotated[
        list[str] | None,
        typer.Option(help="Standard deviation added to superobservations: sic=0.05; may be repeated."),
    ] = None,
    as_: Annotated[
        str | None, typer.Option("--as", help="Write another form than the table: dart, enkf-c, ioda.")
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an older output at --out once the new one is complete.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress, no table of what was written.")] = False,
    list_: Annotated[
        bool,
        typer.Option("--list", callback=_list, is_eager=True, help="List kinds, forms and their options, and exit."),
    ] = False,
    choices: Answers = None,
) -> None:
    """Make observations of states, or read those of other programs, into one table."""
    from halocline.observations.exchange import check_form_output, write_form
    from halocline.observations.files import check_output, write
    from halocline.runtime.overwrite import replacing
    from halocline.runtime.words import named_numbers, named_values

    settings: dict[str, Any] = dict(named_values(set_ or [], "--set concentration.high=0.2"))
    added = named_numbers(representativeness or [], "--representativeness sic=0.05")
    own, others = _shared_out(settings, None if as_ is None or as_ == read else as_)
    _check_ways(kind, read, superob, added)
    states = {"member": member, "first": from_, "last": to, "date": date, "seed": seed}
    with replacing(out, "an export", overwrite=overwrite) as target:
        if as_ is None:
            check_output(target)
        else:
            check_form_output(as_, target)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always", UserWarning)
            table = _table(sources, kind or [], read, states, own, choices, quiet)
        for warning in caught:
            typer.echo(f"warning: {warning.message}", err=True)
        if superob is not None:
            from halocline.bridge.target_grid import target_grid
            from halocline.observations.superobs import superob as joined

            table = joined(table, target_grid(superob), hours=superob_hours, representativeness=added)
        about = {"made_of": ", ".join(path.name for path in sources), "seed": str(seed)} if kind else {}
        told = []
        if as_ is None:
            write(table, target, about | ({"settings": " ".join(set_)} if set_ else {}))
        else:
            told = write_form(as_, table, target, others)
    for line in told:
        typer.echo(line.replace(target.name, out.name))
    if not quiet and as_ is None and len(table):
        from halocline.cli.telling.inspect_text import table_text
        from halocline.observations.describe import rows_of

        typer.echo(table_text(rows_of(table)))
    typer.echo(f"{len(table)} observations written to {out}")


def _table(
    sources: list[Path],
    kinds: list[str],
    read: str | None,
    states: dict[str, Any],
    settings: dict[str, Any],
    choices: Any,
    quiet: bool,
) -> "Observations":
    """Return what instruments measure, or what files hold."""
    if not kinds:
        from halocline.observations.exchange import read_observations

        return read_observations(sources, read, settings=settings)
    from halocline.observations.observe import observe as measure
    from halocline.runtime.errors import ConfigError

    if len(sources) > 1:
        raise ConfigError(
            "states", found=f"{len(sources)} paths", expected="one store or file", remedy="Observe them one by one."
        )
    return measure(sources[0], kinds, settings=settings, choices=choices, quiet=quiet, **states)


def _shared_out(settings: dict[str, Any], form: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the options of the input and those of the output's form."""
    theirs = {key: value for key, value in settings.items() if key.partition(".")[0] == form}
    return {key: value for key, value in settings.items() if key not in theirs}, theirs


def _check_ways(kinds: list[str] | None, read: str | None, superob: str | None, added: dict[str, float]) -> None:
    """Raise ConfigError where options contradict each other."""
    from halocline.observations.forms.base import FORMS
    from halocline.observations.instruments.base import INSTRUMENTS
    from halocline.runtime.errors import ConfigError, require_choice

    if kinds and read is not None:
        raise ConfigError("--kind", found="given with --read", expected="one of them", remedy="Leave one out.")
    if added and superob is None:
        raise ConfigError(
            "--representativeness", found="given without --superob", expected="both", remedy="Add --superob GRID."
        )
    for name in kinds or []:
        require_choice(INSTRUMENTS.kind, name, INSTRUMENTS)
    if read is not None:
        require_choice(FORMS.kind, read, FORMS)
