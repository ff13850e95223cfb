"""Values: within what is plausible, bounds hit exactly where a file's packing rounded them."""

import numpy as np
import xarray as xr

from halocline.data.fields.variables import Variable, variable
from halocline.data.files.validate import unit_hint
from halocline.data.reading.work import Work

_ROUNDING = 1e-6  # of float32 sums in models


def round_to_bounds(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return the dataset with values within a packing step of a bound set to it, and counted."""
    for name in names:
        dataset[name] = _rounded(dataset[name], variable(name), work)
    return dataset


def check(dataset: xr.Dataset, names: tuple[str, ...], work: Work) -> xr.Dataset:
    """Return the dataset as it is; values on the ocean that are missing or implausible are problems."""
    if not work.needs_grid:
        return dataset
    for name in names:
        ocean = _ocean(dataset, name)
        if ocean is None or _fits(dataset[name], ocean):
            _check(dataset[name], variable(name), ocean, work)
    return dataset


def _ocean(dataset: xr.Dataset, name: str) -> np.ndarray | None:
    levelled = "depth" in dataset[name].dims and "level_mask" in dataset.variables
    mask = dataset["level_mask"] if levelled else dataset.get("mask")
    return None if mask is None else np.asarray(mask.values) > 0.5


def _fits(array: xr.DataArray, ocean: np.ndarray) -> bool:
    return array.shape[-ocean.ndim :] == ocean.shape


def _rounded(array: xr.DataArray, var: Variable, work: Work) -> xr.DataArray:
    step = max(float(array.encoding.get("scale_factor", 0.0) or 0.0), _ROUNDING)
    values, packed = array.values, "scale_factor" in array.encoding
    for bound, below in ((var.lower, True), (var.upper, False)):
        if bound is None:
            continue
        near = 0.5 * step if packed else 0.0  # on the bound's inner side
        if not packed and not (values < bound if below else values > bound).any():
            continue
        moved = (values >= bound - (step if below else near)) & (values <= bound + (near if below else step))
        moved &= values != bound
        if moved.any():
            values = np.where(moved, bound, values).astype(array.dtype, copy=False)
            work.notes.add(
                "converted", var.name, f"within the rounding of the bound {bound:g}: set to it", int(moved.sum())
            )
    return array if values is array.values else array.copy(data=values)


def _check(array: xr.DataArray, var: Variable, ocean: np.ndarray | None, work: Work) -> None:
    values = array.values
    wet = values if ocean is None else values[..., ocean]
    bad = int(np.count_nonzero(~np.isfinite(wet)))
    if bad and work.group != "forcing":
        work.wrong(
            f"'{var.name}'",
            found=f"{bad} values on ocean cells that are NaN or infinite",
            expected="finite values on every ocean cell",
            remedy="Fill them, or correct the mask.",
        )
        return
    if not wet.size or bad == wet.size:
        return
    low, high = float(np.nanmin(wet)), float(np.nanmax(wet))
    if _fractions_as_percent(var, high, work) and var.name not in work.choices.accept:
        work.ask(
            f"unit of '{var.name}'",
            found=f"'%', and no value above {100 * high:.3g} %",
            options={f"--unit {var.name}=1": "they are fractions", f"--accept {var.name}": "they are percent"},
            why="concentrations up to 100 %",
        )
    if var.is_plausible(low, high):
        _note_fresh(wet, var, work)
        return
    if var.name in work.choices.accept:
        work.notes.add("warning", var.name, f"{low:g} to {high:g}, outside the plausible range: accepted as asked")
        return
    fill = _fill_value(wet, var)
    work.wrong(
        f"values of '{var.name}'",
        found=f"values from {low:g} to {high:g}" if fill is None else f"{fill[0]:g} in {fill[1]} cells",
        expected=f"values in {var.unit} within {var.plausible[0]:g} to {var.plausible[1]:g}",
        remedy=_remedy(var, low, high)
        if fill is None
        else f"This looks like a fill value: set the attribute _FillValue, or missing = {fill[0]:g} in a mapping file.",
    )


def _note_fresh(wet: np.ndarray, var: Variable, work: Work) -> None:
    """Tell of water as fresh as a river mouth's: real, but out of the open ocean's range."""
    fresh = int(np.count_nonzero(wet < var.reaches)) if var.reaches is not None else 0
    if fresh:
        work.notes.add("warning", var.name, f"fresher than {var.reaches:g}: taken for river mouths", fresh)


def _fractions_as_percent(var: Variable, high: float, work: Work) -> bool:
    """Tell whether fractions are called percent: divided by 100 they end at 0.01."""
    return var.upper == 1.0 and 0.0 < high <= 0.0101 and work.units.get(var.name) == "%"


def _fill_value(wet: np.ndarray, var: Variable) -> tuple[float, int] | None:
    """Return the one value that all implausible ones have, and how often: no measurement does that."""
    beyond = wet[(wet < var.plausible[0]) | (wet > var.plausible[1])]
    few = np.unique(beyond[np.isfinite(beyond)])
    width = max(abs(bound) for bound in var.plausible)
    return (float(few[0]), int(beyond.size)) if few.size == 1 and beyond.size > 1 and abs(few[0]) > 5 * width else None


def _remedy(var: Variable, low: float, high: float) -> str:
    """Return the option that would read the values rightly, as far as they tell it."""
    unit = None
    if var.unit == "1" and 1.5 < high <= 100.5 and low >= -0.5:
        unit = "%"
    elif var.unit == "K" and high < 100:
        unit = "degC"
    elif var.unit == "degC" and low > 200:
        unit = "K"
    if unit is not None:
        hint = unit_hint(var, low, high)
        return f"{hint} Or say --unit {var.name}={unit}; if they are real, --accept {var.name}."
    hint = unit_hint(var, low, high) if var.unit != "1" else "They may be flags or fill values; declare them."
    return f"{hint} If they are real, say --accept {var.name}."
