"""Which variable of a file is which of ours: by name, by alias, by CF standard name; two of one kind are asked for."""

import difflib
import tomllib
from collections.abc import Collection
from functools import cache
from importlib import resources
from typing import Any

import xarray as xr

from halocline.data.fields.variables import Variable, is_variable, registered, variable
from halocline.data.reading.humidity import STANDS_IN
from halocline.data.reading.units import factor_and_offset
from halocline.data.reading.work import Work

_EAST_NORTH = {"x": "eastward", "y": "northward"}


def ours_of(dataset: xr.Dataset, group: str) -> dict[str, list[str]]:
    """Return the names in a file that are one of our variables, by ours; those that fit best come first."""
    found: dict[str, list[str]] = {}
    for var in registered(group):
        names = [str(n) for n in dataset.data_vars]
        standard = [n for n in names if dataset[n].attrs.get("standard_name") in standard_names(var)]
        alias = [n for n in names if n.lower() in (var.name, *map(str.lower, var.aliases))]
        taken = [n for n in alias if not is_variable(n) or n == var.name]
        best = [var.name] if var.name in names else list(dict.fromkeys([*taken, *standard]))
        free = [n for n in best if n == var.name or not is_variable(n)]
        kept = [n for n in free if n == var.name or _fits(dataset[n], var)]
        kept = kept or [n for n in free if not _of_another(dataset[n], n, var)]
        if kept:
            found[var.name] = kept
    return found


def rename_variables(dataset: xr.Dataset, wanted: Collection[str] | None, work: Work) -> xr.Dataset:
    """Return the dataset under our names, without the variables that are none of ours.

    Args:
        dataset: The file.
        wanted: Variables that must be there; all that are found if None.
        work: Notes and problems.
    """
    found = ours_of(dataset, work.group)
    found |= {name: [name] for name in wanted or () if name not in found and name in dataset.data_vars}
    renames = {}
    for name, theirs in found.items():
        if len(theirs) > 1:
            choices = ", ".join(f"'{n}' ({dataset[n].attrs.get('long_name', n)})" for n in theirs)
            work.ask(
                f"variable '{name}'",
                found=f"{len(theirs)} candidates: {choices}",
                options={f'a mapping file with [{name}] from = "{n}"': "it is the one" for n in theirs},
                why="one variable",
            )
        renames[theirs[0]] = name
        if computed := dataset[theirs[0]].attrs.pop("halocline_done", None):
            work.notes.add("converted", name, computed)
        if theirs[0] != name:
            dataset[theirs[0]].attrs.setdefault("halocline_name", theirs[0])
        if (own := dataset[theirs[0]].attrs.get("halocline_name", name)) != name:
            work.notes.add("found", name, f"in the file '{own}'")
    missing = [name for name in wanted or () if name not in found]
    for name in missing:
        near = _near(name, dataset, set(renames))
        work.wrong(
            f"variable '{name}'",
            found=f"no such variable among {', '.join(map(str, dataset.data_vars)) or 'none'}",
            expected=f"{variable(name).long_name} in {variable(name).unit}{_or_in_place_of(name)}",
            remedy=f"{near}Halocline needs {', '.join(wanted or ())}.",
        )
    for old, new in renames.items():
        if old != new and new in dataset.variables:
            dataset = dataset.drop_vars(new)
    return dataset.rename(renames)


def standard_names(var: Variable) -> tuple[str, ...]:
    """Return the CF standard names of a variable; of a component of a vector, those of both bases."""
    if var.axis is None:
        return (var.standard_name,)
    other = var.standard_name.replace(f"_{var.axis}_", f"_{_EAST_NORTH[var.axis]}_")
    forward = var.standard_name.replace(f"sea_ice_{var.axis}_", f"{_EAST_NORTH[var.axis]}_sea_ice_")
    plain = var.standard_name.replace(f"{var.axis}_wind", f"{_EAST_NORTH[var.axis]}_wind")
    return tuple(dict.fromkeys((var.standard_name, other, forward, plain)))


def coordinate_names(ours: str) -> tuple[str, ...]:
    """Return the names, in lower case, of one of our coordinates or grid variables in other files."""
    return tuple(table()["coordinates"][ours])


def named(dataset: xr.Dataset, ours: str) -> str | None:
    """Return the name of one of our coordinates or grid variables in a file: by name, then by CF standard name."""
    present = {str(n).lower(): str(n) for n in dataset.variables}
    by_name = next((present[n] for n in coordinate_names(ours) if n in present), None)
    if by_name is not None:
        return by_name
    standard = table()["standard_names"].get(ours, "no standard name")
    return next((str(n) for n, v in dataset.variables.items() if v.attrs.get("standard_name") == standard), None)


@cache
def table() -> dict[str, Any]:
    """Return the table of names, ``names.toml``."""
    return tomllib.loads(resources.files(__package__).joinpath("names.toml").read_text(encoding="utf-8"))


def _or_in_place_of(name: str) -> str:
    other = STANDS_IN.get(name)
    return "" if other is None else f", or '{other}', {variable(other).long_name}"


def _fits(array: xr.DataArray, var: Variable) -> bool:
    """Tell whether a variable has no unit, or one of the same quantity: CICE's volume ``vice`` is no velocity."""
    said = array.attrs.get("units")
    return said is None or var.unit in ("1", "1e-3") or factor_and_offset(str(said), var.unit) is not None


def _of_another(array: xr.DataArray, name: str, var: Variable) -> bool:
    """Tell whether a name is also an alias of another variable whose unit fits: CICE's ``vice`` is a thickness."""
    others = [v for v in registered(var.group) if v is not var and name.lower() in map(str.lower, v.aliases)]
    return any(_fits(array, other) for other in others)


def _near(name: str, dataset: xr.Dataset, taken: set[str]) -> str:
    """Return a hint to a misspelling: a name of the same unit that is nothing else."""
    free = [str(n) for n in dataset.data_vars if str(n) not in taken and not is_variable(str(n))]
    near = difflib.get_close_matches(name, free, n=1, cutoff=0.75)
    return f"If '{near[0]}' is the same quantity, say so in a mapping file. " if near else ""
