"""Observations out of and into files of other programs, by the registry of forms."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import xarray as xr

from halocline.data.files.open import Source
from halocline.observations.files import read_observations as read_table
from halocline.observations.forms.base import FORMS
from halocline.observations.observe import build
from halocline.observations.table import Observations, concatenate
from halocline.runtime import files
from halocline.runtime.errors import ConfigError, InputError, OutputError, require_choice


def read_observations(
    paths: Source | Sequence[Source], form: str | None = None, *, settings: Mapping[str, Any] | None = None
) -> Observations:
    """Read observations: tables that Halocline wrote, or files of another form.

    Args:
        paths: One file, or several, whose rows are joined in the calendar of the first.
        form: What the files are, see ``halocline observe --list``; a table of Halocline's if None.
        settings: Options of the form, ``{"osisaf.values": "filtered"}``.

    Raises:
        ConfigError: If there is no such form or option.
        InputError: If a file is absent, damaged or of another form, or a column of it is wrong.
    """
    several = [paths] if isinstance(paths, (str, Path, xr.Dataset)) else list(paths)
    if form is not None:
        return read_form(form, several, settings)  # type: ignore[arg-type]
    if settings:
        require_choice(FORMS.kind, "none", FORMS)
    return concatenate([read_table(path) for path in several])


def write_observations(
    table: Observations, out: Path | str, form: str | None = None, *, settings: Mapping[str, Any] | None = None
) -> list[str]:
    """Write observations: as a table of Halocline's, or in another form; the output appears whole or not at all.

    Args:
        table: The rows.
        out: File to make, or folder, as the form has it.
        form: ``dart``, ``enkf-c``, ``ioda`` or one of another package; a table of Halocline's (.nc) if None.
        settings: Options of the form.

    Returns:
        What was left out, and what the receiving program needs, line by line.

    Raises:
        ConfigError: If there is no such form or option, or it is read only.
        InputError: If the form has no name for a variable.
        OutputError: If ``out`` exists.
    """
    if form is None:
        table.write(out)
        return [f"{len(table)} rows."]
    return write_form(form, table, out, settings)


def read_form(form: str, paths: Sequence[Path | str], settings: Mapping[str, Any] | None = None) -> Observations:
    """Read files of a form into one table.

    Args:
        form: A name out of ``FORMS``.
        paths: The files; at least one.
        settings: Options of the form, ``{"osisaf.values": "filtered"}``.

    Raises:
        ConfigError: If there is no such form or option.
        InputError: If a file is absent or of another form, or a column of it is wrong.
    """
    made = _made(form, settings)
    if not paths:
        raise InputError("files of observations", found="none", expected="at least one", remedy="Give files to read.")
    for path in map(Path, paths):
        if not path.exists():
            raise InputError(f"observations {path}", found="no such file", expected="a file", remedy="Check the path.")
    return made.read([Path(path) for path in paths])  # type: ignore[no-any-return]


def write_form(form: str, table: Observations, out: Path | str, settings: Mapping[str, Any] | None = None) -> list[str]:
    """Write a table in a form; it appears whole or not at all.

    Args:
        form: A name out of ``FORMS`` of a form that is written.
        table: The rows, their vectors eastward and northward.
        out: File or folder to make.
        settings: Options of the form.

    Returns:
        What was left out, and what the receiving program needs, line by line.

    Raises:
        ConfigError: If there is no such form or option, or it is read only.
        InputError: If the form has no name for a variable.
        OutputError: If ``out`` exists.
    """
    made = _made(form, settings)
    check_form_output(form, Path(out))
    with files.new_path(Path(out)) as hidden:
        told = made.write(table, hidden)
        if hidden.is_dir():
            held = {"export": form, "files": sorted(path.name for path in hidden.iterdir())}
            (hidden / "export.json").write_text(json.dumps(held, indent=1) + "\n", encoding="utf-8")
    return [line.replace(hidden.name, Path(out).name) for line in told]


def check_form_output(form: str, out: Path) -> None:
    """Raise an error unless a form is written and ``out`` can be made; before the work, not after."""
    kind = FORMS[form]
    written = getattr(kind, "writes", "no")
    if written == "no":
        names = [name for name in FORMS if getattr(FORMS[name], "writes", "no") != "no"]
        raise ConfigError(
            f"form '{form}'", found="a form that is read only", expected=", ".join(names), remedy="Choose one of these."
        )
    if written == "folder" and out.suffix == ".nc":
        raise OutputError(
            f"output {out}", found="the name of a file", expected="a folder", remedy="Give a name without .nc."
        )
    files.require_absent(out)


def _made(form: str, settings: Mapping[str, Any] | None) -> Any:
    require_choice(FORMS.kind, form, FORMS)
    for key in settings or {}:
        require_choice(f"{FORMS.kind} with options ('{key}')", key.partition(".")[0], [form])
    return build(FORMS, form, settings or {})
