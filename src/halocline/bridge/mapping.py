"""A mapping: which variable of a file is which of ours, and what the file does not say of it."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from halocline.data.fields.variables import is_variable, variable
from halocline.data.reading.names import standard_names
from halocline.runtime.errors import InputError, did_you_mean
from halocline.runtime.limits import is_number

_GRID = ("time", "member", "depth", "y", "x", "lat", "lon", "area", "mask", "e3t", "level_mask")
_WORDS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "thickness": {
        "cell": {"cell_methods": "area: mean"},
        "ice": {"cell_methods": "area: mean where sea_ice"},
    },
    "damage": {
        "broken": {"halocline_damage_of_1": "broken"},
        "intact": {"halocline_damage_of_1": "intact"},
    },
    "ones": {"ocean": {"halocline_ones": "ocean"}, "land": {"halocline_ones": "land"}},
    "positive": {"up": {"positive": "up"}, "down": {"positive": "down"}},
    "vectors": {"grid": {}, "east": {}},
}
"""Keys that take one of a few words, and the attributes that each word stands for."""
_NUMBERS = ("factor", "offset", "missing")
_TEXTS = ("from", "unit", "calendar")
_KEYS = (*_TEXTS, *_NUMBERS, *_WORDS)


@dataclass(frozen=True)
class Rename:
    """ours = factor * theirs + offset, and what the file does not say.

    Attributes:
        name: Ours: a registered variable, or one of the grid's.
        theirs: The name in the file, of a variable, a coordinate or a dimension.
        factor: 1 if left out; -1 for a component of a vector that points the other way.
        offset: In our unit; 0 if left out.
        converts: Whether factor or offset is given. The values are then in our unit, unless ``unit`` says in which.
        missing: The value that means none, in the file's unit; None if the file declares it.
        attributes: CF attributes in place of the file's.
    """

    name: str
    theirs: str
    factor: float = 1.0
    offset: float = 0.0
    converts: bool = False
    missing: float | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    def apply(self, dataset: xr.Dataset) -> xr.Dataset:
        """Return the dataset with the values converted and the attributes told, still under their name."""
        if self.theirs not in dataset.variables:
            return dataset
        old = dataset[self.theirs]
        new = old if self.missing is None else old.where(~np.isclose(old, self.missing, rtol=1e-6))
        if self.converts:
            new = self.factor * new + self.offset
        new = new.assign_attrs(old.attrs)
        new.encoding = dict(old.encoding)
        if self.converts and "scale_factor" in new.encoding:
            new.encoding["scale_factor"] = abs(float(new.encoding["scale_factor"]) * self.factor)
        if self.converts and is_variable(self.name):
            new.attrs["units"] = variable(self.name).unit
        new.attrs |= {"halocline_name": self.theirs, **self.attributes}
        return dataset.assign({self.theirs: new})


def read_mapping(path: Path | str) -> tuple[Rename, ...]:
    """Read a mapping: one table for each of our names, ``from`` the name in the file.

    Beside it ``factor``, ``offset``, ``unit``, ``missing`` (a fill value), ``thickness`` (cell or ice), ``damage``
    (broken or intact: what 1 means), ``ones`` (of a mask: ocean or land), ``vectors`` (grid or east), ``positive`` (of
    depth: up or down), ``calendar`` (of time).

    Raises:
        InputError: If the file cannot be read, or a name, a key or a word is unknown.
    """
    path = Path(path)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
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
    dataset = dataset.rename({rename.theirs: rename.name for rename in mapping if rename.theirs != rename.name})
    dated = [r for r in mapping if r.name == "time" and {"units", "calendar"} & set(r.attributes)]
    return xr.decode_cf(dataset, decode_times=xr.coders.CFDatetimeCoder(use_cftime=True)) if dated else dataset


def _rename(name: str, table: Any, path: Path) -> Rename:
    if name not in _GRID:
        variable(name)
    where = f"'{name}' in mapping {path}"
    wrong = [key for key in table if key not in _KEYS] if isinstance(table, dict) else []
    if wrong or not isinstance(table, dict) or not isinstance(table.get("from"), str):
        raise InputError(
            where,
            found=f"the key '{wrong[0]}'" if wrong else "no table with the name in the file",
            expected=f"from, and of {', '.join(_KEYS[1:])} what the file does not say",
            remedy=did_you_mean(wrong[0], _KEYS) if wrong else f'Write [{name}] and below it from = "NAME".',
        )
    for key in [k for k in _NUMBERS if k in table and not is_number(table[k])]:
        raise InputError(
            f"'{key}' of {where}",
            found=repr(table[key]),
            expected="a finite number: ours = factor * theirs + offset",
            remedy=f"Write for example {key} = 0.01.",
        )
    for key in [k for k in _WORDS if k in table and str(table[k]) not in _WORDS[k]]:
        raise InputError(
            f"'{key}' of {where}",
            found=repr(table[key]),
            expected=" or ".join(_WORDS[key]),
            remedy=f'Write {key} = "{next(iter(_WORDS[key]))}".',
        )
    attributes = {k: v for key in _WORDS if key in table for k, v in _WORDS[key][table[key]].items()}
    attributes |= {"units": str(table["unit"])} if "unit" in table else {}
    attributes |= {"calendar": str(table["calendar"])} if "calendar" in table else {}
    if "vectors" in table:
        attributes |= _basis(name, table["vectors"], where)
    numbers = {key: float(table[key]) for key in ("factor", "offset") if key in table}
    missing = float(table["missing"]) if "missing" in table else None
    return Rename(name, table["from"], **numbers, converts=bool(numbers), missing=missing, attributes=attributes)


def _basis(name: str, basis: str, where: str) -> dict[str, str]:
    """Return the standard name of a component of a vector in a basis."""
    var = variable(name) if is_variable(name) else None
    if var is None or var.axis is None:
        raise InputError(
            f"'vectors' of {where}",
            found=f"'{name}', no component of a vector",
            expected="siu, siv, u10, v10 or another component",
            remedy="Leave it out.",
        )
    name_of = {"grid": var.standard_name, "east": standard_names(var)[1]}
    return {"standard_name": name_of[basis], "long_name": var.long_name}
