"""The commands of ``halocline export`` that the registry of exports lists: one a kind, its fields as options."""

import dataclasses
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import typer

from halocline.bridge.exports.base import EXPORTS
from halocline.cli.options.reading_options import Answers, reads_files


def add_kinds(app: typer.Typer) -> None:
    """Add one command for each kind of export."""
    for name in EXPORTS:
        kind: Any = EXPORTS[name]
        app.command(name, help=kind.summary)(_command(name, kind))


def _command(name: str, kind: Any) -> Callable[..., None]:
    """Return the command of a kind: states, --out, --member, and its own options."""

    def export(
        states: Annotated[
            Path,
            typer.Argument(
                help="NetCDF or Zarr with sit, sic and what else there is of sea ice; of an ocean for dart."
            ),
        ],
        out: Annotated[Path, typer.Option(help=_OUT[kind.folder])],
        member: Annotated[
            list[int] | None, typer.Option(min=0, help="Which states, counted from 0; may be repeated. All of them.")
        ] = None,
        overwrite: Annotated[
            bool, typer.Option("--overwrite", help="Replace an older export at --out once the new one is complete.")
        ] = False,
        choices: Answers = None,
        **options: Any,
    ) -> None:
        from halocline.bridge.exports.base import Request
        from halocline.runtime.overwrite import replacing

        with replacing(out, "an export", overwrite=overwrite) as target:
            told = kind(**options).write(Request(states, target, tuple(member) if member else None, choices))
        for line in told:
            typer.echo(line.replace(target.name, out.name))

    signature = inspect.signature(export)
    shared = [p for p in signature.parameters.values() if p.kind is not inspect.Parameter.VAR_KEYWORD]
    hints = get_type_hints(kind, include_extras=True)
    own = [_option(f, hints[f.name]) for f in dataclasses.fields(kind)]
    needed = [p for p in (*shared, *own) if p.default is inspect.Parameter.empty]
    optional = [p for p in (*shared, *own) if p.default is not inspect.Parameter.empty]
    keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in (*needed, *optional)]
    export.__signature__ = signature.replace(parameters=keyword)  # type: ignore[attr-defined]
    export.__annotations__ = {p.name: p.annotation for p in keyword}
    export.__name__ = name.replace("-", "_")
    return reads_files(export)


def _option(field: dataclasses.Field[Any], hint: Any) -> inspect.Parameter:
    kind, words = get_args(hint)
    default = inspect.Parameter.empty if field.default is dataclasses.MISSING else field.default
    annotation: Any = Annotated[kind, typer.Option(help=words)]  # type: ignore[valid-type]
    return inspect.Parameter(field.name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)


_OUT = {
    False: "File *.nc to make of one state, or folder to make of several.",
    True: "Folder to make.",
}
