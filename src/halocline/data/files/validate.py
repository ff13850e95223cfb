"""Checks of states and forcing that come from outside: names, units, mask, values. Each says what to do."""

import difflib
from collections.abc import Iterable, Sequence

import numpy as np
import xarray as xr

from halocline.data.fields.variables import Variable, channel, is_variable
from halocline.data.files.problems import Problems
from halocline.data.grids.grid import Grid
from halocline.data.grids.grid_layout import wet_of
from halocline.data.reading.names import table
from halocline.data.reading.units import same_spelling
from halocline.runtime.errors import InputError


def check_names(dataset: xr.Dataset, names: Iterable[str], source: str) -> None:
    """Raise InputError if variables are missing; name the likely misspelling or alias of each."""
    problems = Problems(source)
    for name in names:
        if name in dataset.data_vars:
            continue
        present = [str(v) for v in dataset.data_vars]
        alias = [p for p in present if p.lower() in channel(name).aliases]
        alias += [p for p in present if dataset[p].attrs.get("standard_name") == channel(name).standard_name]
        alias = [p for p in alias if p.lower() not in table()["thickness"]["ice"]]  # of the ice, not of the cell
        near = alias or difflib.get_close_matches(name, [p for p in present if not is_variable(p)], n=1, cutoff=0.75)
        hint = f"Rename '{near[0]}' to '{name}' if it is the same quantity. " if near else ""
        problems.found.append(
            InputError(
                f"variable '{name}' in {source}",
                found=f"no such variable among {', '.join(present) or 'none'}",
                expected=f"{channel(name).long_name} in {channel(name).unit}",
                remedy=f"{hint}Halocline needs {', '.join(names)}.",
            )
        )
    problems.raise_all()


def same_unit(unit: str, var: Variable) -> bool:
    """Tell whether a unit attribute is one of the spellings of a variable's unit."""
    return same_spelling(unit, var.unit)


def check_unit(array: xr.DataArray, var: Variable, source: str) -> None:
    """Raise InputError if the unit attribute is missing or another one."""
    unit = array.attrs.get("units")
    if unit is None or not same_unit(str(unit), var):
        raise InputError(
            f"unit of '{var.name}' in {source}",
            found="no units attribute" if unit is None else f"'{unit}'",
            expected=f"'{var.unit}'",
            remedy=f"Convert the values to {var.unit} and set the attribute units = '{var.unit}'.",
        )


def check_values(
    values: np.ndarray, var: Variable, mask: np.ndarray | None, source: str, tolerance: float = 0.0
) -> None:
    """Raise InputError if values are NaN, implausible or out of bounds.

    Args:
        values: (..., y, x), or any shape without a mask.
        var: What they are.
        mask: Which cells count (y, x): the ocean's; all if None.
        source: Name for errors.
        tolerance: How far beyond the range they may lie, for bounds rounded in a file.
    """
    wet = values if mask is None else values[..., mask]
    bad = int(np.count_nonzero(~np.isfinite(wet)))
    if bad:
        raise InputError(
            f"'{var.name}' in {source}",
            found=f"{bad} values on ocean cells that are NaN or infinite",
            expected="finite values on every ocean cell",
            remedy="Fill them (0 for ice variables in open water), or correct the mask.",
        )
    low, high = float(wet.min(initial=np.inf)), float(wet.max(initial=-np.inf))
    if wet.size and not var.is_plausible(low, high, tolerance):
        raise InputError(
            f"values of '{var.name}' in {source}",
            found=f"values from {low:g} to {high:g}",
            expected=f"values in {var.unit} within {var.plausible[0]:g} to {var.plausible[1]:g}",
            remedy=unit_hint(var, low, high),
        )


def check_mask(mask: np.ndarray, expected: Grid, source: str) -> None:
    """Raise InputError if a mask (y, x) is not the one of ``expected``."""
    if mask.shape != expected.shape:
        found = f"a grid of {mask.shape[0]} x {mask.shape[1]} cells"
        wanted = f"{expected.shape[0]} x {expected.shape[1]} cells ({expected.name})"
    elif (differ := int(np.count_nonzero(mask != expected.mask))) > 0:
        found = f"an ocean mask that differs in {differ} of {mask.size} cells"
        wanted = f"the mask of {expected.name} (fingerprint {expected.fingerprint()})"
    else:
        return
    raise InputError(
        f"mask of {source}",
        found=found,
        expected=wanted,
        remedy="Use states and models of one grid, or regrid the states first.",
    )


def check_states(dataset: xr.Dataset, names: Sequence[str], source: str) -> None:
    """Check names, units and values of a dataset that carries its grid.

    Raises:
        InputError: It lists all that is wrong.
    """
    grid, problems = Grid.from_dataset(dataset), Problems(source)
    with problems.collect():
        check_names(dataset, names, source)
    for name in (name for name in names if name in dataset.data_vars):
        array = dataset[name]
        if array.shape[-2:] != grid.shape:
            problems.found.append(
                InputError(
                    f"'{name}' in {source}",
                    found=f"dimensions {dict(array.sizes)}",
                    expected=f"(…, y, x) with y, x = {grid.shape[0]}, {grid.shape[1]}",
                    remedy="Transpose the variable so that y and x come last.",
                )
            )
            continue
        with problems.collect():
            check_unit(array, channel(name), source)
        with problems.collect():
            check_values(np.asarray(array.values), channel(name), wet_of([name], grid)[0], source)
    problems.raise_all()


def unit_hint(var: Variable, low: float, high: float) -> str:
    """Return what a range of values that is not plausible looks like, and how to convert it."""
    if var.unit == "1" and high > 1.5:
        return "This looks like percent: divide by 100."
    if var.unit == "K" and high < 100:
        return "This looks like degrees Celsius: add 273.15."
    if var.unit == "degC" and low > 200:
        return "This looks like Kelvin: subtract 273.15."
    if var.name == "so" and low == 0 and high > var.plausible[0]:
        return "Zeros look like land: set dry cells to NaN, or give a variable 'mask'."
    if var.name == "so" and high < 0.06:
        return "This looks like kg/kg: multiply by 1000."
    if var.name == "so" and high < 6:
        return "This looks like per cent: multiply by 10."
    if var.name == "zos":
        return "This looks like centimetres: divide by 100."
    if var.unit == "m s-1" and max(abs(low), abs(high)) > var.plausible[1]:
        return "This looks like cm/s or km/day: convert to m s-1."
    return f"Convert the values to {var.unit} or correct them."
