"""A mapping: which variable of a file is which of ours, and how its values become our unit."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import xarray as xr

from halocline.data.fields.variables import is_variable, variable
from halocline.runtime.errors import InputError, did_you_mean

_GRID = ("time", "member", "depth", "y", "x", "lat", "lon", "area", "mask", "e3t", "level_mask")
_KEYS = ("from", "factor", "offset")


@dataclass(frozen=True)
class Rename:
    """ours = factor * theirs + offset.

    Attributes:
        name: Ours: a registered variable, or one of the grid's.
        theirs: The name in the file, of a variable, a coordinate or a dimension.
        factor: 1 if left out.
        offset: In our unit; 0 if left out.
        converts: Whether factor or offset is given. The values are then in our unit; otherwise the file says in which.
    """

    name: str
    theirs: str
    factor: float = 1.0
    offset: float = 0.0
    converts: bool = False

    def apply(self, dataset: xr.Dataset) -> xr.Dataset:
        """Return the dataset with the values converted, still under their name."""
        if not self.converts or self.theirs not in dataset.variables:
            return dataset
        old = dataset[self.theirs]
        new = (self.factor * old + self.offset).assign_attrs(old.attrs)
        if is_variable(self.name):
            new.attrs["units"] = variable(self.name).unit
        return dataset.assign({self.theirs: new})


def read_mapping(path: Path | str) -> tuple[Rename, ...]:
    """Read a mapping: one table for each of our names, ``from`` the name in the file, and ``factor`` and ``offset``.

    Raises:
        InputError: If the file cannot be read, or a name or a key is unknown.
    """
    path = Path(path)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InputError(
            f"mapping {path}",
            found="no such file" if not path.exists() else f"a file that cannot be read ({error})",
            expected="a TOML file with one table for each variable",
            remedy="Check the path, or correct the file.",
        ) from error
    return tuple(_rename(name, table, path) for name, table in tables.items())


def apply_mapping(dataset: xr.Dataset, mapping: tuple[Rename, ...], source: str) -> xr.Dataset:
    """Return the dataset under our names and in our units; what the mapping does not name stays as it is.

    Raises:
        InputError: If the file holds no variable of a name that the mapping gives.
    """
    present = {*map(str, dataset.variables), *map(str, dataset.dims)}
    for rename in mapping:
        if rename.theirs not in present:
            raise InputError(
                f"'{rename.theirs}', the mapping's '{rename.name}', in {source}",
                found="nothing of this name",
                expected="a variable, coordinate or dimension of the files",
                remedy=did_you_mean(rename.theirs, present),
            )
        if rename.name in present and rename.name != rename.theirs:
            raise InputError(
                f"names in {source}",
                found=f"two of '{rename.name}': the mapping's '{rename.theirs}', and one of this name",
                expected="one variable of each name",
                remedy=f"Map '{rename.name}' from itself, or rename it in the file.",
            )
        dataset = rename.apply(dataset)
    return dataset.rename({rename.theirs: rename.name for rename in mapping if rename.theirs != rename.name})


def _rename(name: str, table: Any, path: Path) -> Rename:
    if name not in _GRID:
        variable(name)
    wrong = [key for key in table if key not in _KEYS] if isinstance(table, dict) else []
    if wrong or not isinstance(table, dict) or not isinstance(table.get("from"), str):
        raise InputError(
            f"'{name}' in mapping {path}",
            found=f"the key '{wrong[0]}'" if wrong else "no table with the name in the file",
            expected="from, and factor and offset where values are converted",
            remedy=did_you_mean(wrong[0], _KEYS) if wrong else f'Write [{name}] and below it from = "NAME".',
        )
    numbers = {key: table[key] for key in ("factor", "offset") if key in table}
    for key, value in numbers.items():
        if not isinstance(value, int | float):
            raise InputError(
                f"'{key}' of '{name}' in mapping {path}",
                found=repr(value),
                expected="a number: ours = factor * theirs + offset",
                remedy=f"Write for example {key} = 0.01.",
            )
    return Rename(name, table["from"], **numbers, converts=bool(numbers))
