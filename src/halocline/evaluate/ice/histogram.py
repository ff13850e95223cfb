"""A picture of the distribution of one variable: densities, and the shares exactly at the bounds."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from halocline.data.fields.variables import variable
from halocline.evaluate.engine.interval import interval
from halocline.evaluate.engine.wasserstein import shares
from halocline.evaluate.ice.cover import IceCover
from halocline.evaluate.ice.families.base import IceSets
from halocline.evaluate.ice.families.histograms import cells

_BARS = 60
_TAIL = 0.0005


@dataclass(frozen=True, eq=False)
class Curve:
    """One curve of the generated set beside that of the real one and its 90 % band (all of one shape)."""

    generated: np.ndarray
    real: np.ndarray
    real_low: np.ndarray
    real_high: np.ndarray


@dataclass(frozen=True, eq=False)
class Histogram:
    """Distribution of one variable.

    Attributes:
        edges: Bins (bin + 1,).
        density: Density without the values at the bounds, and without the exact zeros of drift in open water (bin,),
            one over the unit.
        atoms: (bound, share generated, share real) for each bound of the variable.
    """

    edges: np.ndarray
    density: Curve
    atoms: tuple[tuple[float, float, float], ...]


def draw_histogram(sets: IceSets, name: str) -> Histogram:
    """Return the histograms of a variable, or of deformation, with a band from replicates of the real states."""
    covers, bounds = (sets.mine, sets.truth), _bounds(name)
    bare = not bounds and name != "deformation" and variable(name).zero_without_ice
    left_out = (*bounds, 0.0) if bare else bounds
    low, high = _tails(covers, name, left_out)
    edges = np.linspace(low, max(high, low + 1e-9), _BARS + 1)
    bars, atoms = [], []
    for cover in covers:
        parts, at = [], []
        for values, weights in (cells(part, name) for part in cover.batches()):
            at.append(np.stack([(values == bound) @ weights for bound in bounds], 1) if bounds else values[:, :0])
            kept = _without(values, weights, left_out) * ((values >= edges[0]) & (values <= edges[-1]))
            parts.append(shares(values, edges, kept) / (edges[1] - edges[0]))
        bars.append(np.concatenate(parts))
        atoms.append(np.concatenate(at).mean(axis=0))
    band = interval(sets.seasons @ bars[1])
    return Histogram(
        edges,
        Curve(bars[0].mean(axis=0), bars[1].mean(axis=0), *band),
        tuple((bound, float(mine), float(real)) for bound, mine, real in zip(bounds, *atoms, strict=True)),
    )


def _bounds(name: str) -> tuple[float, ...]:
    if name == "deformation":
        return ()
    return tuple(float(bound) for bound in (variable(name).lower, variable(name).upper) if bound is not None)


def _without(values: np.ndarray, weights: np.ndarray, left_out: tuple[float, ...]) -> np.ndarray:
    """Return the weights (sample, cell) with 0 where a value is one of those that are left out."""
    kept = np.broadcast_to(weights, values.shape)
    for value in left_out:
        kept = kept * (values != value)
    return kept


def _tails(covers: Sequence[IceCover], name: str, left_out: tuple[float, ...]) -> tuple[float, float]:
    """Return the quantiles of 0.0005 and 0.9995 of all values of both sets that count; 0 and 1 if none do.

    Only the values beyond them are held, which are one in two thousand.
    """
    size = sum(len(cover.values) for cover in covers) * int(covers[0].grid.mask.sum())
    most, number = int(_TAIL * size) + 2, 0
    low, high = np.empty(0, np.float32), np.empty(0, np.float32)
    for cover in covers:
        for values, weights in (cells(part, name) for part in cover.batches()):
            inside = values[_without(values, weights, left_out) > 0]
            number += inside.size
            low, high = (_first(np.concatenate([held, new]), most) for held, new in ((low, inside), (high, -inside)))
    if not number:
        return 0.0, 1.0
    return _at(np.sort(low), _TAIL * (number - 1)), -_at(np.sort(high), _TAIL * (number - 1))


def _first(values: np.ndarray, most: int) -> np.ndarray:
    """Return the ``most`` least values, in any order."""
    return np.partition(values, most - 1)[:most] if values.size > most else values


def _at(ordered: np.ndarray, place: float) -> float:
    """Return the value at a place between two of an ordered array, linear between them."""
    before = int(place)
    after = min(before + 1, len(ordered) - 1)
    return float(ordered[before] + (ordered[after] - ordered[before]) * (place - before))
