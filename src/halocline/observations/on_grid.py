"""Observations on a model's grid: their cells and weights, vectors along the grid's axes, and the linear operator H."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from halocline.data.grids.grid import Grid
from halocline.data.grids.remap.axes import along_axes
from halocline.observations.interpolate import Stencil, stencil
from halocline.observations.locate import locate
from halocline.observations.quantities import Quantity, quantity
from halocline.observations.table import Observations
from halocline.runtime.errors import InputError, require_choice

Method = Literal["nearest", "bilinear"]
OFF_GRID, LONE = 2, 5  # flags, see table.FLAGS


@dataclass(frozen=True, eq=False)
class GriddedObservations:
    """A table whose rows lie on a grid; row k of the table is row k of every array.

    A row that lies off the grid, on land or below the bottom has the flag 2, one component of a vector without the
    other the flag 5; both have cells of weight 0. Rows of eastward and northward drift have become components along
    the grid's axes x and y, under the names that states have them (``siu``, ``siv``).

    Attributes:
        table: The rows, their flags, their vectors turned; ``axes`` is ``grid``.
        grid: The grid.
        row: Row of the cell that holds the place (n,), int64; -1 off the grid.
        column: Column of that cell (n,), int64; -1 off the grid.
        level: Level that holds the depth (n,), int64, 0 for what has no depth; -1 off the grid.
        points: Cells from which a value is made (n, k), int64, counted through (level, y, x); 0 where the weight is.
        weights: Their weights (n, k), which add up to 1; all 0 for a row that has none.
    """

    table: Observations
    grid: Grid
    row: np.ndarray
    column: np.ndarray
    level: np.ndarray
    points: np.ndarray
    weights: np.ndarray

    def __len__(self) -> int:
        return len(self.table)

    def predicted(self, fields: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return H(x): what the rows would measure in states, without error.

        Args:
            fields: Variables of states (..., [level,] y, x) in the registry's units; those that rows need.

        Returns:
            (..., n); NaN where a row is not on the grid, and for a ratio where the second variable is 0.

        Raises:
            InputError: If a variable is missing or of another shape.
        """
        codes, names = pd.factorize(self.table.variable)
        lead = np.broadcast_shapes(*(np.shape(fields[n])[: -self._rank(n)] for n in self.needs() if n in fields))
        out = np.full((*lead, len(self)), np.nan)
        for code, name in enumerate(names):
            here = np.flatnonzero((codes == code) & (self.weights.sum(axis=1) > 0))
            if here.size:
                out[..., here] = self._of(quantity(str(name), on_grid=True), fields, here)
        return out

    def needs(self) -> tuple[str, ...]:
        """Return the variables of states that the rows need, each once."""
        names = [n for name in pd.unique(self.table.variable) for n in quantity(str(name), on_grid=True).needs]
        return tuple(dict.fromkeys(names))

    def _of(self, of: Quantity, fields: Mapping[str, np.ndarray], here: np.ndarray) -> np.ndarray:
        means = [self._mean(name, fields, here) for name in of.needs]
        if of.operator == "value":
            return means[0]
        assert of.operator == "ratio"  # vectors have been turned
        return np.divide(means[0], means[1], out=np.full(means[0].shape, np.nan), where=means[1] > 0)

    def _mean(self, name: str, fields: Mapping[str, np.ndarray], here: np.ndarray) -> np.ndarray:
        if name not in fields:
            raise InputError(
                f"observations of {name}",
                found=f"states of {', '.join(fields)}",
                expected=name,
                remedy="Select the observations of variables that the states have.",
            )
        values, rank = np.asarray(fields[name]), self._rank(name)
        shape = (self.grid.levels, *self.grid.shape)[-rank:]
        if values.shape[-rank:] != shape:
            raise InputError(
                f"states of {name}", found=f"cells {values.shape[-rank:]}", expected=f"{shape}", remedy="Use this grid."
            )
        flat = values.reshape(*values.shape[:-rank], -1)
        taken = np.where(self.weights[here] > 0, flat[..., self.points[here]], 0.0)
        return np.asarray((taken * self.weights[here]).sum(axis=-1))

    def _rank(self, name: str) -> int:
        return 3 if quantity(name, on_grid=True).levelled else 2


def grid_observations(table: Observations, grid: Grid, method: Method = "nearest") -> GriddedObservations:
    """Place a table on a grid, and turn its vectors to the grid's axes.

    A pair of eastward and northward rows of one time, place and kind becomes (siu, siv): with the unit vectors e, n at
    the place and X, Y along the grid's axes, siu = (u e + v n) . X and siv = (u e + v n) . Y; standard deviations
    follow with the squares of the same products. Where the two differ, the errors of the turned components are
    correlated; that is neglected.

    Args:
        table: Observations.
        grid: The grid of the states; positions of its cells must be known.
        method: ``nearest``: the cell that holds the place; ``bilinear``: the four around it, and the two levels around
            the depth, dry cells left out and the others' weights made up to 1.

    Raises:
        InputError: If positions, or for rows with a depth levels, of the grid are unknown.
    """
    require_choice("method of grid_observations", method, ("nearest", "bilinear"))
    where = locate(grid, table.latitude, table.longitude)
    levelled = _levelled(table)
    found: Stencil = stencil(grid, where, np.where(levelled, table.depth, np.nan), bilinear=method == "bilinear")
    flag = table.flag.copy()
    flag[(flag == 0) & (found.weights.sum(axis=1) == 0)] = OFF_GRID
    columns = table.columns() | {"flag": flag}
    columns |= _turned(columns, grid, where.row, where.column)
    turned = Observations(**columns, calendar=table.calendar, axes="grid", source=table.source)
    weights = np.where(turned.good[:, None], found.weights, 0.0)
    return GriddedObservations(turned, grid, where.row, where.column, found.level, found.points, weights)


def _levelled(table: Observations) -> np.ndarray:
    codes, names = pd.factorize(table.variable)
    of = np.array([quantity(str(n), on_grid=True).levelled for n in names], bool)
    return of[codes] if len(names) else np.zeros(0, bool)


def _turned(
    columns: Mapping[str, np.ndarray], grid: Grid, row: np.ndarray, column: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the columns that change when vectors are turned to the grid's axes."""
    pairs = vector_pairs(columns)
    out = {name: columns[name].copy() for name in ("variable", "value", "error", "representativeness", "flag")}
    components = {n for n in map(str, pd.unique(columns["variable"])) if _operator(n) in ("eastward", "northward")}
    if not components:
        return out
    out["variable"] = out["variable"].astype(object)
    east, north = pairs.T
    lone = np.isin(columns["variable"], list(components))
    lone[pairs.ravel()] = False
    out["flag"][lone & (out["flag"] == 0)] = LONE
    along = along_axes(grid)
    lat, lon = (np.deg2rad(columns[n][east]) for n in ("latitude", "longitude"))
    e = np.stack([-np.sin(lon), np.cos(lon), np.zeros_like(lon)], axis=-1)
    n = np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)], axis=-1)
    for rows, axis, which in ((east, along[0], 0), (north, along[1], 1)):
        at = axis[row[east], column[east]]
        a, b = (e * at).sum(axis=-1), (n * at).sum(axis=-1)
        out["value"][rows] = a * columns["value"][east] + b * columns["value"][north]
        for name in ("error", "representativeness"):
            out[name][rows] = np.hypot(a * columns[name][east], b * columns[name][north])
        out["variable"][rows] = [quantity(str(v), on_grid=True).needs[which] for v in columns["variable"][rows]]
    for name in components:  # rows that are excluded: named as the others, never used
        of = quantity(name)
        out["variable"][out["variable"] == name] = of.needs[0 if of.operator == "eastward" else 1]
    return out | {"variable": out["variable"].astype(np.str_)}


def vector_pairs(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """Return the good rows (pair, 2) of an eastward and a northward component of one time, place, depth and kind."""
    names = [str(n) for n in pd.unique(columns["variable"])]
    sides = {n: _operator(n) for n in names}
    both = [n for n in names if sides[n] in ("eastward", "northward")]
    rows = np.flatnonzero((columns["flag"] == 0) & np.isin(columns["variable"], both))
    if not rows.size:
        return np.zeros((0, 2), np.int64)
    keys = ["time", "latitude", "longitude", "depth", "kind"]
    frame = pd.DataFrame({name: columns[name][rows] for name in keys})
    frame["vector"] = [" ".join(quantity(str(v)).needs) for v in columns["variable"][rows]]
    frame["side"] = [sides[str(v)] for v in columns["variable"][rows]]
    frame["number"] = frame.groupby([*keys, "vector", "side"], dropna=False).cumcount()
    frame["row"] = rows
    each = [frame[frame["side"] == side].drop(columns="side") for side in ("eastward", "northward")]
    pairs = each[0].merge(each[1], on=[*keys, "vector", "number"], suffixes=("_east", "_north"))
    return pairs[["row_east", "row_north"]].to_numpy(np.int64)


def _operator(name: str) -> str:
    return quantity(name, on_grid=True).operator
