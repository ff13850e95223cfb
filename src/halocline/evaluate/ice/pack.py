"""Inside the pack: where it is, and the fields in which its cracks are seen."""

from collections.abc import Callable

import numpy as np
from scipy.ndimage import minimum_filter, uniform_filter

from halocline.physics.sea_ice import PACK_ICE

LEAST_OPEN = 1e-4
"""Open water, share of a cell, added before the logarithm: about the first percentile of what models resolve."""

LEAST_SOUND = 1e-3
"""Likewise of what is not damaged."""

WINDOW = 5
"""Cells on a side of the neighbourhood that small scales are told from."""


def log_open_water(sic: np.ndarray) -> np.ndarray:
    """Return log10(1 - sic + 1e-4), -4..0: a lead of 1 % open water is as far from 10 % as from 0.1 %.

    Args:
        sic: Concentration (...), 0..1; what lies beyond counts as the bound.
    """
    return np.asarray(np.log10(np.clip(1.0 - sic, 0.0, 1.0) + LEAST_OPEN), np.float32)


def log_damage(sid: np.ndarray) -> np.ndarray:
    """Return -log10(1 - sid + 1e-3), 0..3, of damage (...), 0..1; what lies beyond counts as the bound."""
    return np.asarray(-np.log10(np.clip(1.0 - sid, 0.0, 1.0) + LEAST_SOUND), np.float32)


LOG_FIELDS: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "log_open_water": ("sic", log_open_water),
    "log_damage": ("sid", log_damage),
}
"""Fields made of a variable near whose bound the pack lives: its name, and the function."""


def log_names(channels: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of the log fields that these variables allow."""
    return tuple(name for name, (source, _) in LOG_FIELDS.items() if source in channels)


def field(name: str, states: np.ndarray, channels: tuple[str, ...]) -> np.ndarray:
    """Return a variable, or a field of ``LOG_FIELDS``, (sample, y, x) of states (sample, channel, y, x)."""
    if name not in LOG_FIELDS:
        return states[:, channels.index(name)]
    source, made = LOG_FIELDS[name]
    return made(states[:, channels.index(source)])


def pack_cells(states: np.ndarray, channels: tuple[str, ...], mask: np.ndarray) -> np.ndarray:
    """Return True (sample, y, x) on ocean cells with a concentration above 0.8."""
    return np.asarray((states[:, channels.index("sic")] > PACK_ICE) & mask)


def whole(cells: np.ndarray, size: int = WINDOW) -> np.ndarray:
    """Return True where all ``size`` x ``size`` cells (..., y, x) around are True; beyond the grid none is."""
    window = (*[1] * (cells.ndim - 2), size, size)
    return np.asarray(minimum_filter(cells.view(np.uint8), window, mode="constant") > 0)


def small_scale(values: np.ndarray, size: int = WINDOW) -> np.ndarray:
    """Return values (..., y, x) minus their mean over ``size`` x ``size`` cells; of use where these are ``whole``."""
    return np.asarray(values - uniform_filter(values, (*[1] * (values.ndim - 2), size, size)))
