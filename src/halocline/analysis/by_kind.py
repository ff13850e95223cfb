"""What an analysis did to the observations, kind by kind."""

from dataclasses import dataclass

import numpy as np
import xarray as xr


@dataclass(frozen=True)
class Row:
    """Observations of one kind and quantity.

    Attributes:
        kind: Their kind.
        variable: What they measure.
        count: How many.
        before: Root-mean-square innovation of the prior's mean, in units of the variable.
        after: The same of the posterior's mean.
        sigma: Root-mean-square standard deviation of the observations.
        chi_before: Mean of innovation^2 / (sigma^2 + variance of the members), 1 if both tell the truth.
        chi_after: The same after; below 1, as the observations have been used.
    """

    kind: str
    variable: str
    count: int
    before: float
    after: float
    sigma: float
    chi_before: float
    chi_after: float


def by_kind(beside: xr.Dataset) -> list[Row]:
    """Return a row for each kind and quantity of the observations of an analysis."""
    kinds, names = (_words(beside[name]) for name in ("kind", "variable"))
    value, sigma = beside["value"].values, beside["sigma"].values
    rows = []
    for kind, name in _pairs(kinds, names):
        here = (kinds == kind) & (names == name)
        found = []
        for which in ("before", "after"):
            members = beside[which].values[:, here].astype(np.float64)
            d = value[here] - members.mean(axis=0)
            spread = members.var(axis=0, ddof=1) if len(members) > 1 else 0.0
            found.append((float(np.sqrt((d**2).mean())), float((d**2 / (sigma[here] ** 2 + spread)).mean())))
        (before, chi_before), (after, chi_after) = found
        rms = float(np.sqrt((sigma[here] ** 2).mean()))
        rows.append(Row(kind, name, int(here.sum()), before, after, rms, chi_before, chi_after))
    return rows


def groups_of(beside: xr.Dataset) -> dict[str, np.ndarray]:
    """Return the rows (number,) of each kind and quantity, by words for both."""
    kinds, names = (_words(beside[name]) for name in ("kind", "variable"))
    return {f"{k}: {n}": np.flatnonzero((kinds == k) & (names == n)) for k, n in _pairs(kinds, names)}


def _pairs(kinds: np.ndarray, names: np.ndarray) -> list[tuple[str, str]]:
    return list(dict.fromkeys(zip(kinds.tolist(), names.tolist(), strict=True)))


def _words(array: xr.DataArray) -> np.ndarray:
    words = str(array.attrs.get("flag_meanings", "")).split()
    return np.array(words, dtype=np.str_)[array.values] if words else np.zeros(0, np.str_)
