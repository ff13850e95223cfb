"""A validator of a model's start files: rules with sources, each broken one named, one error for all of them.

Sources name the file and the routine of a model's code where a rule was read, or its documentation where it was not
looked for; no model was run on the files.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import netCDF4
import numpy as np

from halocline.data.files.problems import Problems
from halocline.physics.ice_enthalpy import IceConstants
from halocline.runtime.errors import InputError


@dataclass(frozen=True)
class Held:
    """What the rules look at.

    Attributes:
        file: The file, open, masks off; the group of the fields where it has groups.
        root: The file itself.
        name: Its name, as it has or will have it.
        mask: Ocean cells (y, x) of the grid it shall fit.
        bounds: Of the thickness categories (category + 1,), m; None without categories.
        brine: How temperatures are made of enthalpies; the model's word for it.
        constants: Of the column physics; the model's own if None.
    """

    file: netCDF4.Dataset
    root: netCDF4.Dataset
    name: str
    mask: np.ndarray
    bounds: np.ndarray | None = None
    brine: str = ""
    constants: IceConstants | None = None

    def get(self, name: str) -> np.ndarray:
        """Return a variable without a leading time dimension; NaN of the grid's shape if it is absent."""
        if name not in self.file.variables:
            return np.full(self.mask.shape, np.nan)
        variable = self.file[name]
        values = np.asarray(variable[:])
        return values[0] if variable.dimensions and variable.dimensions[0] == "time_counter" and len(values) else values

    def layers(self, stem: str) -> list[np.ndarray]:
        """Return the variables ``stem`` and a number, in order."""
        return [self.get(n) for n in sorted(self.file.variables) if n.startswith(stem) and n[len(stem) :].isdigit()]

    def shaped(self, *names: str) -> bool:
        """Tell whether variables are there and end in the shape of the grid; other rules name what is not."""
        return all(n in self.file.variables and self.get(n).shape[-2:] == self.mask.shape for n in names)


class Named(Protocol):
    """What rules look at: a file or a folder."""

    @property
    def name(self) -> str: ...  # noqa: D102


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        name: For people.
        source: Where the model says so.
        expected: What it wants.
        remedy: What to do.
        found: Returns what breaks it, or None; of a ``Held``, or of what else a validator's rules look at.
    """

    name: str
    source: str
    expected: str
    remedy: str
    found: Callable[[Any], str | None]


def broken(rules: Sequence[Rule], held: Named) -> list[InputError]:
    """Return one error for each rule that a file breaks."""
    words = [(rule, rule.found(held)) for rule in rules]
    return [
        InputError(
            f"{rule.name} of {held.name}",
            found=what,
            expected=rule.expected,
            remedy=f"{rule.remedy} Source: {rule.source}.",
        )
        for rule, what in words
        if what is not None
    ]


def check(rules: Sequence[Rule], held: Named) -> None:
    """Raise one InputError that lists all broken rules."""
    problems = Problems(held.name)
    problems.found.extend(broken(rules, held))
    problems.raise_all()


def outside(name: str, values: np.ndarray, where: np.ndarray, low: float, high: float) -> str | None:
    """Return which values of a field lie outside a range, None if none does; NaN does."""
    bad = where & ~((values >= low) & (values <= high))
    if not bad.any():
        return None
    return f"{int(bad.sum())} values of {name} from {np.min(values[bad]):.6g} to {np.max(values[bad]):.6g}"


def first(*found: str | None) -> str | None:
    """Return what was found, joined; None if nothing was."""
    return "; ".join(each for each in found if each) or None


def missing(held: Held, names: Sequence[str]) -> str | None:
    """Return which variables are absent."""
    gone = [n for n in names if n not in held.file.variables]
    return f"no {', '.join(gone)}" if gone else None


def not_finite(held: Held) -> str | None:
    """Return which variables hold NaN, infinite or fill values."""
    bad = []
    for name, variable in held.file.variables.items():
        if np.issubdtype(variable.dtype, np.floating):
            values = np.asarray(variable[:])
            count = int((~(np.abs(values) < 1e19)).sum())
            bad += [f"{count} in {name}"] if count else []
    return f"NaN, infinite or fill values: {', '.join(bad)}" if bad else None


def not_zero(held: Held, names: Sequence[str], where: np.ndarray) -> str | None:
    """Return which variables are not 0 where they should be, e.g. on land (y, x)."""
    bad = [f"{count} in {n}" for n in names if held.shaped(n) and (count := int((held.get(n)[..., where] != 0).sum()))]
    return f"values other than 0: {', '.join(bad)}" if bad else None


def broken_file(rules: Sequence[Rule], path: Path, held: Callable[[netCDF4.Dataset], Held]) -> list[InputError]:
    """Return one error for each rule that a closed file breaks; ``held`` makes what the rules look at of it."""
    with netCDF4.Dataset(path) as root:
        root.set_auto_mask(False)
        return broken(rules, held(root))
