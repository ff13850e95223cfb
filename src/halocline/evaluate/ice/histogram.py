"""A picture of the distribution of one variable: densities, and the shares exactly at the bounds."""

from dataclasses import dataclass

import numpy as np

from halocline.data.fields.variables import variable
from halocline.evaluate.engine.interval import interval
from halocline.evaluate.engine.wasserstein import shares
from halocline.evaluate.ice.families.base import IceSets
from halocline.evaluate.ice.families.histograms import cells

_BARS = 60


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
    (a, weights_a), (b, weights_b) = (cells(cover, name) for cover in (sets.mine, sets.truth))
    counted = [weights_a, weights_b]
    bounds = [] if name == "deformation" else [variable(name).lower, variable(name).upper]
    atoms = []
    for bound in bounds:
        if bound is not None:
            at = [np.mean((v == bound) @ w) for v, w in ((a, weights_a), (b, weights_b))]
            atoms.append((float(bound), float(at[0]), float(at[1])))
            counted = [w * (v != bound) for v, w in ((a, counted[0]), (b, counted[1]))]
    if not atoms and name != "deformation" and variable(name).zero_without_ice:
        counted = [w * (v != 0.0) for v, w in ((a, weights_a), (b, weights_b))]
    inside = np.concatenate([v[np.broadcast_to(w, v.shape) > 0] for v, w in zip((a, b), counted, strict=True)])
    low, high = np.quantile(inside, [0.0005, 0.9995]) if inside.size else (0.0, 1.0)
    edges = np.linspace(low, max(high, low + 1e-9), _BARS + 1)
    bars = [
        shares(v, edges, w * ((v >= edges[0]) & (v <= edges[-1]))) / (edges[1] - edges[0])
        for v, w in zip((a, b), counted, strict=True)
    ]
    band = interval(sets.seasons @ bars[1])
    return Histogram(edges, Curve(bars[0].mean(axis=0), bars[1].mean(axis=0), *band), tuple(atoms))
