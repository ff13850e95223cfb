"""Superobservations: the many rows that fall into one cell of a grid on one day, as one row with the error of the mean.

With weights w = 1 / sigma^2, where sigma has the error and the representativeness of each row, the value is
sum(w y) / sum(w). Errors of measurement of different rows are independent: that of the mean is
sqrt(sum(w^2 error^2)) / sum(w). What a cell does not hold is shared by the rows that lie in it: the representativeness
is the mean of theirs, which does not fall with their number; another is added to it with ``representativeness``.
Components of vectors are carried to the middle of the cell before they are averaged, since near a pole east turns.

Rows are never joined across variables, kinds, days or levels. Rows cut off at a bound are no values: a cell where they
have most of the weight becomes one censored row, with the bound as its value and the error of the mean; where they have
less they count with the bound as their value, and the row is not censored. Source of the weights: EnKF-C user guide
(Sakov, arXiv:1410.1233), on superobservations.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from halocline.data.grids.cell_areas import unit_vectors
from halocline.data.grids.grid import Grid
from halocline.observations.interpolate import stencil
from halocline.observations.locate import locate
from halocline.observations.on_grid import LONE, OFF_GRID, vector_pairs
from halocline.observations.quantities import quantity
from halocline.observations.table import Observations, concatenate
from halocline.runtime.errors import InputError, require_at_least

AWAY = 4  # the flag of rows that went into superobservations, see table.FLAGS
DAY = 24.0


def superob(
    table: Observations,
    grid: Grid,
    *,
    hours: float = DAY,
    representativeness: Mapping[str, float] | None = None,
    keep: bool = False,
) -> Observations:
    """Return one row for each cell, level, day, variable and kind; its place and time are the weighted means.

    Args:
        table: Observations; rows with another flag than 0 are left out.
        grid: The grid; positions of its cells must be known.
        hours: Length of a day: rows are joined within intervals of so many hours, counted from 2000-01-01 00:00.
        representativeness: Standard deviation by variable, in its unit, whose square is added to that of each
            superobservation.
        keep: Whether rows that are none come behind: those that went into superobservations with the flag 4, those off
            the grid with the flag 2, and those that had a flag.

    Raises:
        InputError: If positions or levels of the grid are unknown, or a variable is not in the table.
    """
    more = dict(representativeness or {})
    require_at_least(
        {"superob hours": (hours, 1e-3), **{f"representativeness of {n}": (v, 0) for n, v in more.items()}}
    )
    if absent := [name for name in more if name not in table.variable]:
        raise InputError(
            f"representativeness of {absent[0]}",
            found=f"observations of {', '.join(sorted(set(map(str, table.variable)))) or 'nothing'}",
            expected="variables of the table",
            remedy="Correct the name.",
        )
    where = locate(grid, table.latitude, table.longitude)
    level = stencil(grid, where, table.depth, bilinear=False).level
    flag = table.flag.copy()
    flag[(flag == 0) & (level < 0)] = OFF_GRID
    pairs = vector_pairs(table.columns() | {"flag": flag})
    flag = _without_lone(table, flag, pairs)
    cell = np.where(where.row >= 0, where.row * grid.shape[1] + where.column, 0)
    carried, weight = _carried(table, pairs, grid, cell)
    used = np.flatnonzero(flag == 0)
    keys = {
        "cell": cell[used],
        "level": level[used],
        "day": np.floor(table.time[used] / hours).astype(np.int64),
        "variable": table.variable[used],
        "kind": table.kind[used],
    }
    group = pd.DataFrame(keys).groupby(list(keys), sort=True).ngroup().to_numpy(np.int64)
    means = _means(carried.select(used), weight[used], group, more)
    first = np.unique(group, return_index=True)[1] if used.size else np.zeros(0, np.int64)
    means = _back(means, grid, cell[used][first])
    if not keep:
        return means
    flag[used] = AWAY
    return concatenate([means, table.replace(flag=flag)])


def _means(rows: Observations, w: np.ndarray, group: np.ndarray, more: Mapping[str, float]) -> Observations:
    """Return the means of groups (n,) of rows with weights w (n,), in the order of the groups' numbers."""
    count = int(group.max()) + 1 if group.size else 0
    weight = np.bincount(group, w, count)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.bincount(group, w * values, count) / weight

    first = np.unique(group, return_index=True)[1] if count else np.zeros(0, np.int64)
    variable = rows.variable[first]
    added = np.array([more.get(str(name), 0.0) for name in variable])
    place = np.stack([mean(part) for part in unit_vectors(rows.latitude, rows.longitude).T], axis=-1)
    place /= np.maximum(np.linalg.norm(place, axis=-1, keepdims=True), 1e-12)
    value, below, above = mean(rows.value), mean(rows.censored == -1), mean(rows.censored == 1)
    censored = np.where(below > 0.5, -1, np.where(above > 0.5, 1, 0)).astype(np.int8)
    for name in np.unique(variable[censored != 0]):
        of = quantity(str(name))
        for side, bound in ((-1, of.lower), (1, of.upper)):
            value[(variable == name) & (censored == side)] = np.nan if bound is None else bound
    return rows.select(first).replace(
        time=mean(rows.time),
        latitude=np.rad2deg(np.arcsin(np.clip(place[:, 2], -1, 1))),
        longitude=np.rad2deg(np.arctan2(place[:, 1], place[:, 0])),
        depth=mean(rows.depth),
        value=value,
        error=np.sqrt(np.bincount(group, (w * rows.error) ** 2, count)) / weight,
        representativeness=np.hypot(mean(rows.representativeness), added),
        censored=censored,
    )


def _without_lone(table: Observations, flag: np.ndarray, pairs: np.ndarray) -> np.ndarray:
    """Return flags (n,) that leave out components of vectors without the other one, so that pairs stay pairs."""
    components = [n for n in map(str, pd.unique(table.variable)) if _is_component(n)]
    lone = np.isin(table.variable, components) & (flag == 0)
    lone[pairs.ravel()] = False
    return np.where(lone, LONE, flag).astype(np.int8)


def _carried(table: Observations, pairs: np.ndarray, grid: Grid, cell: np.ndarray) -> tuple[Observations, np.ndarray]:
    """Return the table with vectors east and north as at the middle of their cells, and weights (n,).

    Both components of a vector have one weight, that of their mean variance, so that they stay together.
    """
    variance = np.where(table.good, table.sigma**2, 1.0)
    if not len(pairs):
        return table, 1.0 / variance
    variance[pairs] = variance[pairs].mean(axis=1, keepdims=True)
    east = cell[pairs[:, 0]]
    to = grid.lat.ravel()[east], grid.lon.ravel()[east]
    return _moved(table, pairs, to), 1.0 / variance


def _back(table: Observations, grid: Grid, cell: np.ndarray) -> Observations:
    """Return means with vectors east and north of their own place, no longer of the middle of the cell (n,)."""
    pairs = vector_pairs(table.columns())
    if not len(pairs):
        return table
    at = cell[pairs[:, 0]]
    there = grid.lat.ravel()[at], grid.lon.ravel()[at]
    return _moved(table, pairs, None, start=there)


def _moved(
    table: Observations,
    pairs: np.ndarray,
    to: tuple[np.ndarray, np.ndarray] | None,
    start: tuple[np.ndarray, np.ndarray] | None = None,
) -> Observations:
    """Return the table with pairs of components turned from one place's east and north to another's."""
    own = table.latitude[pairs[:, 0]], table.longitude[pairs[:, 0]]
    e, n = east_north(*(start or own))
    e2, n2 = east_north(*(to or own))
    u, v = table.value[pairs].T
    value, error, rest = table.value.copy(), table.error.copy(), table.representativeness.copy()
    for column, axis in ((0, e2), (1, n2)):
        a, b = (e * axis).sum(axis=-1), (n * axis).sum(axis=-1)
        value[pairs[:, column]] = a * u + b * v
        for out, old in ((error, table.error), (rest, table.representativeness)):
            out[pairs[:, column]] = np.hypot(a * old[pairs[:, 0]], b * old[pairs[:, 1]])
    return table.replace(value=value, error=error, representativeness=rest)


def east_north(lat: np.ndarray, lon: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors (n, 3) to the east and to the north at places (n,), degrees."""
    lat, lon = np.deg2rad(lat), np.deg2rad(lon)
    east = np.stack([-np.sin(lon), np.cos(lon), np.zeros_like(lon)], axis=-1)
    return east, np.stack([-np.sin(lat) * np.cos(lon), -np.sin(lat) * np.sin(lon), np.cos(lat)], axis=-1)


def _is_component(name: str) -> bool:
    return quantity(name).operator in ("eastward", "northward")
