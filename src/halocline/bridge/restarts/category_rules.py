"""Checks of thickness categories that rules of several models share."""

import numpy as np

from halocline.bridge.restarts.rules import Held, first, outside

ROUNDING = 1e-9  # of values that are compared


def thickness(h: Held, area: str, volume: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the thickness of the ice in each category and where there is ice; None if it cannot be told."""
    if not h.shaped(area, volume):
        return None
    a, v = h.get(area), h.get(volume)
    ice = (a > 0) & (v > 0)
    return np.divide(v, a, out=np.zeros_like(v), where=ice), ice


def out_of_bounds(h: Held, area: str, volume: str) -> str | None:
    """Return how many categories hold ice of another one's thickness."""
    found = thickness(h, area, volume)
    if found is None or h.bounds is None or found[0].shape[0] != len(h.bounds) - 1:
        return None
    low, high = (edges[:, None, None] for edges in (h.bounds[:-1], h.bounds[1:]))
    bad = found[1] & ~((found[0] >= low * (1 - ROUNDING)) & (found[0] <= high * (1 + ROUNDING)))
    return f"{int(bad.sum())} categories with ice of another's thickness" if bad.any() else None


def thinner(h: Held, area: str, volume: str, least: float) -> str | None:
    """Return what ice is thinner than a model keeps."""
    found = thickness(h, area, volume)
    return None if found is None else outside(f"{volume} / {area}", *found, least * (1 - ROUNDING), np.inf)


def other_number(h: Held, dimension: str) -> str | None:
    """Return how many categories there are, if not those of the bounds."""
    sizes = h.file.dimensions
    if h.bounds is None or dimension not in sizes or len(sizes[dimension]) == len(h.bounds) - 1:
        return None
    return f"{len(sizes[dimension])} categories"


def beyond_a_cell(h: Held, area: str) -> str | None:
    """Return which areas are none of parts of a cell, or more than the cell together."""
    if not h.shaped(area):
        return None
    values = h.get(area)
    total = values.sum(axis=0)
    return first(
        outside(area, values, np.ones(values.shape, bool), 0.0, 1.0),
        outside(f"the sum of {area}", total, np.ones(total.shape, bool), 0.0, 1.0 + ROUNDING),
    )


def not_together(h: Held, area: str, volume: str, snow: str, stems: tuple[str, ...]) -> str | None:
    """Return where area, volume, snow and layers do not stand together: all on ice, or none.

    Args:
        h: The file.
        area: Name of the area by category.
        volume: Name of the ice volume.
        snow: Name of the snow volume.
        stems: Beginnings of the names of fields that are 0 without ice.
    """
    if not h.shaped(area, volume, snow):
        return None
    ice, bulk, white = (h.get(n) > 0 for n in (area, volume, snow))
    differ, bare = int((ice != bulk).sum()), int((white & ~ice).sum())
    names = [n for n in h.file.variables if n.startswith(stems) and h.get(n).shape == ice.shape]
    stray = [n for n in names if (h.get(n)[~ice] != 0).any()]
    return first(
        f"{differ} categories with only one of {area} and {volume}" if differ else None,
        f"{bare} with snow and no ice" if bare else None,
        f"{', '.join(stray)} in empty categories" if stray else None,
    )


def single_precision(h: Held) -> str | None:
    """Return which fields are of another precision than double; positions may be."""
    fields = [(n, v.dtype) for n, v in h.file.variables.items() if not n.startswith("nav_")]
    names = [n for n, kind in fields if np.issubdtype(kind, np.floating) and kind != np.float64]
    return f"{', '.join(names)} in single precision" if names else None


def too_fast(h: Held, names: tuple[str, str], most: float) -> str | None:
    """Return which velocities are beyond what ice does."""
    held = [n for n in names if h.shaped(n)]
    return first(*(outside(n, np.abs(h.get(n)), np.ones(h.mask.shape, bool), 0.0, most) for n in held))
