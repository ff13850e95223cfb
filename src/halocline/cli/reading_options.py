"""Options by which the user says what a file of states does not: the same in every command that reads one."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from halocline.data.reading.choices import Choices

MeshFile = Annotated[
    Path | None,
    typer.Option("--mesh", help="File of the grid: mesh_mask, domain_cfg or a product's static file."),
]
Positive = Annotated[
    str | None, typer.Option(help="Direction of the depth coordinate, down or up, if the file does not say.")
]
Land = Annotated[str | None, typer.Option(help="zero: ocean cells where every variable is exactly 0 are land.")]
LayerThickness = Annotated[
    str | None, typer.Option(help="depth: take the thickness of cells from midpoints between their depths.")
]
Teos10 = Annotated[
    str | None, typer.Option("--teos10", help="convert: conservative temperature and absolute salinity (gsw).")
]
Unit = Annotated[list[str] | None, typer.Option(help="Unit that a file does not say or says wrongly: so=psu.")]
Accept = Annotated[
    list[str] | None, typer.Option(help="Variable whose values are real although they look implausible.")
]


def choices_of(
    *,
    positive: str | None = None,
    land: str | None = None,
    layer_thickness: str | None = None,
    teos10: str | None = None,
    unit: Sequence[str] | None = None,
    accept: Sequence[str] | None = None,
) -> Choices:
    """Return the options as the reader takes them.

    Raises:
        ConfigError: If one has another value than it may have.
    """
    from halocline.runtime.errors import require_choice
    from halocline.runtime.words import named_values

    given = {"positive": positive, "land": land, "layer_thickness": layer_thickness, "teos10": teos10}
    for name, value in given.items():
        if value is not None:
            require_choice(name.replace("_", "-"), value, _VALUES[name])
    units = named_values(unit or [], "so=psu")
    return Choices(**given, units=units, accept=frozenset(accept or ()))  # type: ignore[arg-type]


_VALUES = {"positive": ("down", "up"), "land": ("zero",), "layer_thickness": ("depth",), "teos10": ("convert",)}
