"""The open registry of variables: names, units, bounds and where on the grid cell they live.

The table is ``variables.toml``. A variable of one's own is added without an edit of the package: by a file of the same
form beside the data (``variables.toml`` in or next to a store), by one that the environment variable
``HALOCLINE_VARIABLES`` or ``load_variables`` names, by an entry point of the group ``halocline.variables`` (an object
``Variable``), or by ``register_variable``. A store and a model carry the definitions that are not in the table.
"""

import os
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, asdict, dataclass, fields, replace
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any, Literal

from halocline.runtime.errors import InputError, did_you_mean
from halocline.runtime.limits import is_number
from halocline.runtime.registry import Registry

Staggering = Literal["centre", "corner", "u_face", "v_face"]
FILE, ENVIRONMENT = "variables.toml", "HALOCLINE_VARIABLES"


@dataclass(frozen=True)
class Variable:
    """One physical variable.

    Attributes:
        name: Short name used in stores and files.
        standard_name: CF standard name (or the nearest term where the CF table has none).
        long_name: Words for axes and reports.
        unit: CF unit.
        plausible: Range (in ``unit``) outside which the unit is probably wrong.
        lower: Lowest physical value, hit exactly by the data (an atom); None if unbounded.
        upper: Highest physical value, hit exactly by the data; None if unbounded.
        group: What it is part of: ``seaice``, ``ocean``, ``forcing`` or another word.
        levelled: Whether it has a value at each depth; level k is the channel ``NAME_00``, ``NAME_01``, ...
        staggering: Where on the cell the stored values live.
        zero_without_ice: Whether the value is exactly 0 in a cell without ice.
        partner: The other component of a vector along the grid's axes.
        axis: Along which of the grid's axes a component points.
        cell_methods: CF cell methods of the stored values.
        aliases: Names under which other models write the same quantity.
        reaches: What the largest value of every field reaches, else the unit is probably wrong; None if none.
    """

    name: str
    standard_name: str
    long_name: str
    unit: str
    plausible: tuple[float, float]
    lower: float | None = None
    upper: float | None = None
    group: str = "other"
    levelled: bool = False
    staggering: Staggering = "centre"
    zero_without_ice: bool = False
    partner: str | None = None
    axis: Literal["x", "y"] | None = None
    cell_methods: str = "area: mean time: point"
    aliases: tuple[str, ...] = ()
    reaches: float | None = None

    def is_plausible(self, low: float, high: float, tolerance: float = 0.0) -> bool:
        """Tell whether a field whose values run from ``low`` to ``high`` is in our unit, as far as values can tell."""
        within = low >= self.plausible[0] - tolerance and high <= self.plausible[1] + tolerance
        return within and (self.reaches is None or high >= self.reaches)

    def attributes(self) -> dict[str, str | float | list[float]]:
        """Return the CF attributes of this variable."""
        attrs: dict[str, str | float | list[float]] = {
            "standard_name": self.standard_name,
            "long_name": self.long_name,
            "units": self.unit,
            "cell_methods": self.cell_methods,
            "staggering": self.staggering,
        }
        if self.lower is not None:
            attrs["valid_min"] = self.lower
        if self.upper is not None:
            attrs["valid_max"] = self.upper
        return attrs

    def definition(self) -> dict[str, Any]:
        """Return the variable as a table of a ``variables.toml`` holds it, without what is left at its default."""
        table = asdict(self)
        kept = {f.name: table[f.name] for f in fields(self) if f.name != "name" and table[f.name] != f.default}
        return {key: list(value) if isinstance(value, tuple) else value for key, value in kept.items()}

    @classmethod
    def of_definition(cls, name: str, table: Mapping[str, Any], source: str = "a definition") -> "Variable":
        """Read the form of ``definition`` back.

        Raises:
            InputError: If a key is unknown or missing, or the plausible range is none.
        """
        known = {f.name for f in fields(cls)} - {"name"}
        needed = {f.name for f in fields(cls) if f.default is MISSING} - {"name"}
        wrong, missing = sorted(table.keys() - known), sorted(needed - table.keys())
        if wrong or missing:
            raise InputError(
                f"variable '{name}' in {source}",
                found=", ".join([*(f"the key '{key}'" for key in wrong), *(f"no '{key}'" for key in missing)]),
                expected=f"{', '.join(sorted(needed))}; optional: {', '.join(sorted(known - needed))}",
                remedy=did_you_mean(wrong[0], known) if wrong else f"Add {', '.join(missing)}.",
            )
        for key, value in table.items():
            if not _KINDS[key](value):
                raise InputError(
                    f"'{key}' of variable '{name}' in {source}",
                    found=repr(value)[:60],
                    expected=_KIND_WORDS[_KINDS[key]],
                    remedy="Correct the definition.",
                )
        plausible = table["plausible"]
        if len(plausible) != 2 or not all(map(is_number, plausible)) or not plausible[0] < plausible[1]:
            raise InputError(
                f"'plausible' of variable '{name}' in {source}",
                found=str(table["plausible"]),
                expected="two numbers, the lower one first",
                remedy=f"Write for example plausible = [0.0, 10.0], in {table['unit']}.",
            )
        lists: dict[str, Any] = {
            key: tuple(value) if isinstance(value, list) else value for key, value in table.items()
        }
        return cls(name=name, **lists)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_truth(value: object) -> bool:
    return isinstance(value, bool)


def _is_list(value: object) -> bool:
    return isinstance(value, (list, tuple))


def _is_number_or_none(value: object) -> bool:
    return value is None or is_number(value)


def _is_text_or_none(value: object) -> bool:
    return value is None or isinstance(value, str)


_KIND_WORDS: dict[Callable[[object], bool], str] = {
    _is_text: "text",
    _is_truth: "true or false",
    _is_list: "a list",
    _is_number_or_none: "a finite number",
    _is_text_or_none: "text",
}
_KINDS: dict[str, Callable[[object], bool]] = {
    **dict.fromkeys(("standard_name", "long_name", "unit", "group", "staggering", "cell_methods"), _is_text),
    **dict.fromkeys(("levelled", "zero_without_ice"), _is_truth),
    **dict.fromkeys(("plausible", "aliases"), _is_list),
    **dict.fromkeys(("lower", "upper", "reaches"), _is_number_or_none),
    **dict.fromkeys(("partner", "axis"), _is_text_or_none),
}
"""What each key of a definition holds."""


def variable(name: str) -> Variable:
    """Return the variable called ``name``.

    Raises:
        InputError: If there is none; the error names the nearest.
    """
    try:
        return _known()[name]
    except KeyError:
        raise InputError(
            f"variable '{name}'",
            found="no such variable",
            expected="a name from the registry",
            remedy=f"{did_you_mean(name, _known())} Another one is added by a {FILE} beside the data.",
        ) from None


def is_variable(name: str) -> bool:
    """Tell whether there is a variable called ``name``."""
    return name in _known()


def variables_among(names: Iterable[object], *groups: str) -> tuple[str, ...]:
    """Return the variables among names, in the registry's order: those of some groups, or of all but forcing."""
    present = {str(name) for name in names}
    wanted = [v for v in _known().values() if v.name in present]
    return tuple(v.name for v in wanted if (v.group in groups if groups else v.group not in ("forcing", "place")))


def registered(group: str) -> tuple[Variable, ...]:
    """Return the variables of a group, in the registry's order; sea ice with those of no group of ours."""
    others = ("ocean", "forcing", "place") if group == "seaice" else None
    return tuple(v for v in _known().values() if (v.group == group if others is None else v.group not in others))


def register_variable(new: Variable) -> Variable:
    """Add a variable to the registry for this process, and return it.

    Raises:
        InputError: If the name belongs to another variable, or to a channel of one.
    """
    old = _known().get(new.name)
    if old is not None and old != new:
        changed = sorted(f.name for f in fields(new) if getattr(old, f.name) != getattr(new, f.name))
        raise InputError(
            f"variable '{new.name}'",
            found=f"another definition of it ({', '.join(changed)} differ)",
            expected="one definition of each name",
            remedy="Give the variable another name.",
        )
    return _known().setdefault(new.name, new)


def load_variables(path: Path | str) -> tuple[str, ...]:
    """Add the variables of a TOML file, one table each, and return their names; the form is that of ``variables.toml``.

    Raises:
        InputError: If the file cannot be read, or a definition is wrong or contradicts the registry.
    """
    return tuple(register_variable(new).name for new in _read(Path(path)))


def load_beside(path: Path) -> None:
    """Add the variables of a ``variables.toml`` in the folder ``path`` or next to it, if there is one."""
    for place in (path / FILE, path.parent / FILE):
        if place.is_file():
            load_variables(place)


def definitions_of(names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the definitions that data must carry: of variables, or channels of them, that Halocline does not bring."""
    used = [channel_variable(name)[0] for name in names]
    return {v.name: v.definition() for v in used if v.name not in _built_in()}


def adopt(definitions: Mapping[str, Mapping[str, Any]], source: str) -> None:
    """Add the variables that data carry; one that is registered here already keeps its definition.

    Raises:
        InputError: If a definition is wrong, or the unit is another one than that of the registered variable.
    """
    for name, table in definitions.items():
        new = Variable.of_definition(name, table, source)
        old = _known().setdefault(name, new)
        if old.unit != new.unit:
            raise InputError(
                f"variable '{name}' in {source}",
                found=f"the unit '{new.unit}'",
                expected=f"'{old.unit}', as it is registered here",
                remedy="One of the two is another quantity: rename it.",
            )


def channel_variable(name: str) -> tuple[Variable, int | None]:
    """Return the variable of a channel, and its level (0 = surface) if the channel is one level of it.

    Raises:
        InputError: If the name is neither a variable nor a level of one.
    """
    stem, level = _parts(name)
    return variable(stem), level


def channel(name: str) -> Variable:
    """Return a channel as a variable of its own: of a level of a field, the field's with the level in its names.

    Raises:
        InputError: If the name is neither a variable nor a level of one.
    """
    var, level = channel_variable(name)
    return var if level is None else replace(var, name=name, long_name=f"{var.long_name}, level {level}")


def is_channel(name: str) -> bool:
    """Tell whether a name is a variable or a level of one."""
    return is_variable(_parts(name)[0])


def channels_among(names: Iterable[object]) -> tuple[str, ...]:
    """Return the channels of states among names, in the registry's order, then from the surface down; no forcing."""
    order = list(_known())
    found = [(order.index(_parts(name)[0]), _parts(name)[1] or 0, name) for name in map(str, names) if is_channel(name)]
    return tuple(name for *_, name in sorted(found) if channel(name).group not in ("forcing", "place"))


def _parts(name: str) -> tuple[str, int | None]:
    stem, _, level = name.rpartition("_")
    levelled = level.isdigit() and is_variable(stem) and variable(stem).levelled
    return (stem, int(level)) if levelled else (name, None)


@cache
def _built_in() -> dict[str, Variable]:
    text = resources.files(__package__).joinpath(FILE).read_text()
    return {name: Variable.of_definition(name, table, FILE) for name, table in tomllib.loads(text).items()}


@cache
def _known() -> dict[str, Variable]:
    """Return what is registered: the table, entry points, then the files that the environment names."""
    others = Registry[Variable]("variable", group="halocline.variables").values()
    named = [Path(p) for p in os.environ.get(ENVIRONMENT, "").split(os.pathsep) if p]
    known = dict(_built_in())
    for new in (*others, *(v for path in named for v in _read(path))):
        known.setdefault(new.name, new)
    return known


def _read(path: Path) -> list[Variable]:
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(
            f"variables {path}",
            found="no such file" if not path.exists() else f"a file that cannot be read ({error})",
            expected="a TOML file with one table for each variable",
            remedy="Check the path, or correct the file.",
        ) from error
    if loose := [key for key, table in tables.items() if not isinstance(table, dict)]:
        raise InputError(
            f"variables {path}",
            found=f"'{loose[0]}' outside a table",
            expected="one table for each variable, e.g. [oxygen]",
            remedy=f"Write the variable's name in brackets before '{loose[0]}'.",
        )
    return [Variable.of_definition(name, table, str(path)) for name, table in tables.items()]
