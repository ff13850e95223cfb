"""The options by which a command is told what a file does not say; one set for all commands that read files."""

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer

from halocline.runtime.errors import ConfigError, require_choice

Answers = Any
"""Type of the parameter ``choices`` in whose place the options stand: a ``halocline.data.reading.choices.Choices``."""

_HELP = {
    "thickness": (
        "cell or ice: thickness in the file is per area of the cell, or per ice-covered area.",
        ("cell", "ice"),
    ),
    "damage": ("broken or intact: what damage = 1 in the file means.", ("broken", "intact")),
    "vectors": ("grid or east: vectors lie along the grid's axes, or east and north.", ("grid", "east")),
    "mask_ones": ("ocean or land: what 1 in the file's mask means.", ("ocean", "land")),
    "open_water": ("zero or none: missing values of ice on ocean cells are open water, or never.", ("zero", "none")),
    "positive": ("down or up: direction of the depth coordinate.", ("down", "up")),
    "land": ("zero: ocean cells where every variable is exactly 0 are land.", ("zero",)),
    "teos10": ("convert: conservative temperature and absolute salinity to potential and practical.", ("convert",)),
    "layer_thickness": ("depth: thickness of levels from midpoints between their depths.", ("depth",)),
}
_PANEL = "What a file does not say"


def reads_files(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of ``Choices`` in place of its parameter ``choices``."""
    signature = inspect.signature(command, eval_str=True)
    own = [p for p in signature.parameters.values() if p.name != "choices"]
    asked = [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[str | None, typer.Option(help=text, rich_help_panel=_PANEL)],
        )
        for name, (text, _) in _HELP.items()
    ]
    listed = {
        "unit": "Unit of a variable, coordinate or area, NAME=UNIT; may be repeated.",
        "accept": "A variable whose values beyond the plausible range are real; may be repeated.",
    }
    asked += [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[list[str] | None, typer.Option(help=text, rich_help_panel=_PANEL)],
        )
        for name, text in listed.items()
    ]
    asked.append(
        inspect.Parameter(
            "mesh",
            inspect.Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                Path | None,
                typer.Option(
                    help="File of the grid (mask, positions, levels) beside the states.", rich_help_panel=_PANEL
                ),
            ],
        )
    )
    keyword = [p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in own]

    @wraps(command)
    def with_options(**given: Any) -> None:
        answers = {p.name: given.pop(p.name, None) for p in asked}
        command(**given, choices=_choices(answers))

    with_options.__signature__ = signature.replace(parameters=[*keyword, *asked])  # type: ignore[attr-defined]
    with_options.__annotations__ = {p.name: p.annotation for p in (*keyword, *asked)}
    del with_options.__wrapped__  # type: ignore[attr-defined]
    return with_options


def _choices(answers: dict[str, Any]) -> Any:
    from halocline.data.reading.choices import Choices

    for name, (_, valid) in _HELP.items():
        if answers[name] is not None:
            require_choice(f"--{name.replace('_', '-')}", answers[name], valid)
    units = dict(_pair(text) for text in answers.pop("unit") or ())
    accept = frozenset(answers.pop("accept") or ())
    return Choices(**answers, units=units, accept=accept)


def _pair(text: str) -> tuple[str, str]:
    name, equals, unit = text.partition("=")
    if not (name and equals and unit):
        raise ConfigError(f"--unit {text}", found=text, expected="NAME=UNIT", remedy="Write for example --unit sit=cm.")
    return name, unit
